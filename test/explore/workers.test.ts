/** Limits of worker threads: what a job does beyond them costs that job alone. */
import { expect, test } from 'vitest';
import { WallTimeReached, Workers } from '../../sim/explore/workers.ts';

test('a job that takes too long, or too much, is ended; the others are answered', async () => {
  const program = new URL('./support/stubborn-worker.ts', import.meta.url);
  const limits = { wallSeconds: 20, heapMebibytes: 64 };
  const workers = new Workers<{ index: number }, number>({}, 2, program, limits);
  try {
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((index) => workers.run({ index })));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    const [, endless] = outcomes as [unknown, PromiseRejectedResult];
    expect(endless.reason).toBeInstanceOf(WallTimeReached);
  } finally {
    await workers.close();
  }
}, 120_000);
