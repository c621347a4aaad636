/** Determinism in full: every basic scenario, every variant, 20 seeds. */
import { isDeepStrictEqual } from 'node:util';
import { inProcess, inThreads } from '../determinism/elsewhere.ts';
import { straight, unobserved } from '../determinism/outcome.ts';
import type { Outcome } from '../determinism/outcome.ts';
import { anyOrder, halfWay, stumbling } from '../determinism/restoring.ts';
import type { Done, Job } from '../determinism/worker.ts';
import { bundled, bundledIn } from '../run/kit.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { writePage } from './support/page.ts';
import type { PageOptions } from './support/page.ts';

export const title = 'same scenario and seed, same run: in ten ways, for every basic scenario';

/** Outcomes of one way to run a seed, and what they must equal. */
type Way = (scenario: Scenario, seed: number, reference: Outcome) => readonly [Outcome, Outcome][];

const against = (outcomes: readonly Outcome[], expected: Outcome): [Outcome, Outcome][] =>
  outcomes.map((outcome) => [outcome, expected]);

const WAYS: Readonly<Record<string, Way>> = {
  'again in the same process': (scenario, seed, reference) =>
    against([straight(scenario, seed)], reference),
  'trace ring': (scenario, seed, reference) =>
    against([straight(scenario, seed, { trace: 'ring', observers: true })], reference),
  'trace off': (scenario, seed, reference) =>
    against([straight(scenario, seed, { trace: 'off', observers: true })], reference),
  'no observers': (scenario, seed, reference) =>
    against([straight(scenario, seed, { trace: 'full', observers: false })], unobserved(reference)),
  'no observers, trace off': (scenario, seed, reference) =>
    against([straight(scenario, seed, { trace: 'off', observers: false })], unobserved(reference)),
  'saved and restored half-way': (scenario, seed, reference) =>
    against(halfWay(scenario, seed), reference),
  'restored from five saves in any order': (scenario, seed, reference) =>
    against(anyOrder(scenario, seed, [0, 0.2, 0.4, 0.6, 0.8], [2, 4, 0, 3, 1, 1]), reference),
  'going back 40 times on its way': (scenario, seed, reference) =>
    against([stumbling(scenario, seed, 40)], reference),
};

const TEXT =
  'Each scenario of `scenarios/basic` runs straight, and then in each of these ways. Two runs are the ' +
  'same when fingerprint, number of events, effects of faults, metrics, violations, exercise of ' +
  'invariants and all lines of the history are; without observers, as far as there are any.';

interface Row {
  runs: number;
  different: number;
}

export async function run({ seeds = 20, page }: PageOptions = {}): Promise<number> {
  const jobs: Job[] = bundledIn('basic').flatMap((scenario) =>
    Array.from({ length: seeds }, (_, index) => ({ scenario, seed: index + 1 })),
  );
  const rows = new Map<string, Row>();
  const count = (way: string, same: boolean): void => {
    const row = rows.get(way) ?? { runs: 0, different: 0 };
    rows.set(way, { runs: row.runs + 1, different: row.different + (same ? 0 : 1) });
  };
  const known = new Map<string, Outcome>();
  for (const { scenario: name, seed } of jobs) {
    const scenario = bundled(name);
    const reference = straight(scenario, seed);
    known.set(`${name} ${seed}`, reference);
    if (seed === seeds) process.stderr.write(`${name}\n`);
    for (const [label, way] of Object.entries(WAYS)) {
      for (const [outcome, expected] of way(scenario, seed, reference)) {
        count(label, isDeepStrictEqual(outcome, expected));
      }
    }
  }
  const compare = (label: string, done: readonly Done[]): void => {
    for (const { scenario, seed, outcome } of done) {
      count(label, isDeepStrictEqual(outcome, known.get(`${scenario} ${seed}`)));
    }
  };
  const mixed = jobs.toSorted((left, right) => left.seed - right.seed).toReversed();
  compare('in two threads, in another order', await inThreads(mixed, 2));
  compare('in another process, backwards', await inProcess(jobs.toReversed()));
  writePage(
    {
      name: 'determinism',
      heading: 'Determinism',
      text: TEXT,
      seeds,
      columns: ['way', 'runs', 'different'],
      rows: [...rows].map(([way, { runs, different }]) => [way, runs, different]),
    },
    page,
  );
  return [...rows.values()].every(({ different }) => different === 0) ? 0 : 1;
}
