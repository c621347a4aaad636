import { expect, test } from 'vitest';
import { Progress } from '../../reports/progress.ts';
import * as fixed from './support/records.ts';

function run(environment: typeof fixed.PIPE, total: number, secondsEach: number): string[] {
  const written: string[] = [];
  let seconds = 100;
  const sink = { write: (text: string) => void written.push(text) };
  const progress = new Progress(sink, environment, total, () => seconds);
  for (let i = 0; i < total; i++) {
    seconds += secondsEach;
    progress.onFinished(fixed.recordOf(i === 2 ? fixed.failing() : fixed.passing()));
  }
  progress.clear();
  return written;
}

test('a pipe gets plain lines, one for every tenth', () => {
  const lines = run(fixed.PIPE, 200, 0.5);
  expect(lines).toHaveLength(9);
  expect(lines[0]).toBe('20/200 runs, 1 failed, 116 k events/s, 1:30 left\n');
  expect(run(fixed.PIPE, 200, 0.05)).toHaveLength(4);
});

test('a pipe gets a line every half minute when runs are slow', () => {
  expect(run(fixed.PIPE, 10, 31)).toHaveLength(9);
  expect(run(fixed.PIPE, 1000, 1)).toHaveLength(9 + 30);
});

test('a terminal gets one line, rewritten at most ten times a second', () => {
  const lines = run(fixed.SCREEN, 1000, 0.005);
  expect(lines.length).toBeGreaterThan(30);
  expect(lines.length).toBeLessThanOrEqual(51);
  expect(lines.every((line) => line.startsWith('\r') && !line.includes('\n'))).toBe(true);
  expect(lines.at(-1)).toBe('\r\u001b[2K');
});

test('a terminal sees nothing of a short campaign', () => {
  expect(run(fixed.SCREEN, 10, 0.01)).toEqual([]);
});
