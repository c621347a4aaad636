import { describe, expect, test } from 'vitest';
import { LimitReached } from '../../sim/core/limits.ts';
import { NoteLog, Trace } from '../../sim/core/trace.ts';
import type { TraceMode } from '../../sim/core/trace.ts';

const MEBIBYTE = 2 ** 20;
const CHUNK = 32_768;

/** A trace of `count` rows whose columns all follow from the number of the event. */
function traceOf(count: number, limitBytes: number, mode: TraceMode): Trace {
  const trace = new Trace(limitBytes, mode);
  for (let i = 1; i <= count; i++) openRow(trace, i);
  return trace;
}

function openRow(trace: Trace, i: number): number {
  return trace.open(i * 1e6, i % 250, -i, i * 3, -i * 5, i - 1, i >>> 1);
}

function rowOf(trace: Trace, i: number): number[] {
  const { time, kind, process, a, b, cause, woken } = trace;
  return [time, kind, process, a, b, cause, woken].map((column) => column.call(trace, i));
}

const rowWanted = (i: number): number[] => [i * 1e6, i % 250, -i, i * 3, -i * 5, i - 1, i >>> 1];

describe('a full trace', () => {
  test('numbers events from 1 and keeps every column over several chunks', () => {
    const trace = new Trace(64 * MEBIBYTE, 'full');
    expect([openRow(trace, 1), openRow(trace, 2)]).toEqual([1, 2]);
    const long = traceOf(3 * CHUNK + 5, 64 * MEBIBYTE, 'full');
    expect(long.rows).toBe(3 * CHUNK + 5);
    for (const i of [1, 2, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5]) {
      expect(rowOf(long, i)).toEqual(rowWanted(i));
    }
  });

  test('has no row before the first or after the last', () => {
    const trace = traceOf(10, MEBIBYTE, 'full');
    expect([0, 1, 10, 11].map((i) => trace.has(i))).toEqual([false, true, true, false]);
    expect(rowOf(trace, 11)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  test('ends the run at its limit, which says when', () => {
    const trace = traceOf(2 * CHUNK, 2 * MEBIBYTE, 'full');
    const act = (): number => openRow(trace, 2 * CHUNK + 1);
    expect(act).toThrow(LimitReached);
    expect(act).toThrow(expect.objectContaining({ limit: 'trace', at: (2 * CHUNK + 1) * 1e6 }));
    expect(trace.rows).toBe(2 * CHUNK);
  });

  test('finds the rows of a later state again after a return to an earlier one', () => {
    const trace = traceOf(CHUNK + 100, 64 * MEBIBYTE, 'full');
    const late = trace.save();
    trace.truncate(50);
    expect([trace.rows, trace.has(51)]).toEqual([50, false]);
    for (let i = 51; i < 60; i++) openRow(trace, i);
    trace.truncate(late);
    for (const i of [50, 59, 60, CHUNK + 100]) expect(rowOf(trace, i)).toEqual(rowWanted(i));
  });
});

describe('a ring', () => {
  test('keeps the latest rows within its limit', () => {
    const trace = traceOf(10 * CHUNK + 7, 3 * MEBIBYTE, 'ring');
    expect(trace.rows).toBe(10 * CHUNK + 7);
    const kept = [8, 9, 10].map((chunk) => trace.has(chunk * CHUNK + 1));
    expect([trace.has(1), trace.has(8 * CHUNK), ...kept]).toEqual([false, false, true, true, true]);
    expect(rowOf(trace, 9 * CHUNK)).toEqual(rowWanted(9 * CHUNK));
    expect(rowOf(trace, 10 * CHUNK + 7)).toEqual(rowWanted(10 * CHUNK + 7));
  });

  test('gives up the future that was, not the present, after a return to before its start', () => {
    const trace = traceOf(10 * CHUNK, 3 * MEBIBYTE, 'ring');
    trace.truncate(5 * CHUNK);
    for (let i = 5 * CHUNK + 1; i <= 7 * CHUNK + 3; i++) openRow(trace, i);
    for (const i of [5 * CHUNK + 1, 6 * CHUNK + 1, 7 * CHUNK + 3]) {
      expect(rowOf(trace, i)).toEqual(rowWanted(i));
    }
  });
});

test('without a trace events are numbered all the same', () => {
  const trace = traceOf(CHUNK + 1, 0, 'off');
  expect([trace.rows, trace.has(1), trace.time(1)]).toEqual([CHUNK + 1, false, 0]);
  trace.truncate(3);
  expect(openRow(trace, 4)).toBe(4);
});

describe('notes', () => {
  test('are numbered from 0 and hold integers beyond 32 bits', () => {
    const notes = new NoteLog(MEBIBYTE * 8, 'full');
    for (let i = 0; i < CHUNK + 3; i++) notes.add(i + 1, i % 500, -i, i, -i, i * 2 ** 33);
    const row = CHUNK + 2;
    expect(notes.rows).toBe(CHUNK + 3);
    const { event, kind, process, a, b, c } = notes;
    const values = [event, kind, process, a, b, c].map((column) => column.call(notes, row));
    expect(values).toEqual([row + 1, row % 500, -row, row, -row, row * 2 ** 33]);
    expect([notes.has(-1), notes.has(0), notes.has(CHUNK + 3)]).toEqual([false, true, false]);
    expect(notes.save()).toBe(CHUNK + 3);
  });

  test('obey the limit too', () => {
    const notes = new NoteLog(0, 'full');
    for (let i = 0; i < CHUNK; i++) notes.add(i, 1, 1, 0, 0, 0, 5);
    expect(() => notes.add(1, 1, 1, 0, 0, 0, 77)).toThrow(expect.objectContaining({ at: 77 }));
  });
});
