/** Same scenario, same seed: same run in threads, in any order, and in another process. */
import { expect, test } from 'vitest';
import { Streams } from '../../sim/core/draws.ts';
import { bundled, bundledIn } from '../run/kit.ts';
import { inProcess, inThreads } from './elsewhere.ts';
import { straight } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { Done, Job } from './worker.ts';

const SEEDS = [1, 2];
const JOBS: readonly Job[] = bundledIn('basic').flatMap((scenario) =>
  SEEDS.map((seed) => ({ scenario, seed })),
);

let known: ReadonlyMap<string, Outcome> | null = null;
/** The runs of this thread, one after the other. */
function reference(): ReadonlyMap<string, Outcome> {
  known ??= new Map(
    JOBS.map(({ scenario, seed }) => [`${scenario} ${seed}`, straight(bundled(scenario), seed)]),
  );
  return known;
}

function asMap(done: readonly Done[]): ReadonlyMap<string, Outcome> {
  const entries = done.map(({ scenario, seed, outcome }) => [`${scenario} ${seed}`, outcome]);
  return new Map(entries as [string, Outcome][]);
}

function shuffled(jobs: readonly Job[], seed: number): Job[] {
  const copy = jobs.slice();
  new Streams(seed).stream('order').shuffle(copy);
  return copy;
}

test('in two threads, in an order of their own', async () => {
  expect(asMap(await inThreads(shuffled(JOBS, 1), 2))).toEqual(reference());
});

test('in another process, under another time zone, the last run first', async () => {
  expect(asMap(await inProcess(JOBS.toReversed()))).toEqual(reference());
});
