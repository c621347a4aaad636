import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { bench } from './kernel.ts';
import { median } from './harness.ts';
import type { BenchCase } from './harness.ts';

test('both queues of the kernel benchmark see the same events in the same order', () => {
  const small = bench.cases.filter((one) => one.params['pending'] === 1000);
  expect(small.map((one) => one.name)).toEqual(['hold-exponential', 'hold-mixed']);
  for (const one of small as readonly BenchCase[]) {
    // The baseline throws if its checksum differs from the subject's.
    const [subject, baseline] = [one.subject(), one.baseline!()];
    const work = subject();
    expect(work.simulatedSeconds).toBeGreaterThan(0);
    expect(baseline()).toEqual(work);
  }
});

test('an unknown benchmark is refused with the list of those that there are', () => {
  const child = spawnSync(process.execPath, ['test/bench/main.ts', 'nonsense'], {
    encoding: 'utf8',
  });
  expect(child.status).toBe(64);
  expect(child.stderr).toContain('kernel');
});

test('the median is the middle of the sorted values', () => {
  expect(median([10, 9, 100])).toBe(10);
});
