/**
 * What looking costs: five Raft servers run bare beside the same run with one kind of observer, and
 * with all that a report needs. `costPercent` is the time that an event takes more than in the bare
 * run. Invariants are those on the state of servers; the history is recorded and judged as it grows.
 */
import { Fingerprint } from '../../sim/core/fingerprint.ts';
import { pictureOf } from '../../sim/explore/picture/picture.ts';
import { Execution } from '../../sim/run/execution.ts';
import type { ExecutionOptions } from '../../sim/run/execution.ts';
import { runnerOf, scenarioOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { Bench, BenchCase, Runner } from './harness.ts';

/** Of about as many operations as in the longest of the bundled scenarios. */
const RUN_SECONDS = 120;

interface Looking {
  readonly trace: boolean;
  readonly fingerprint: boolean;
  readonly invariants: boolean;
  readonly measures: boolean;
  readonly history: boolean;
  /** What a page is drawn from, taken when a run ends. */
  readonly picture?: boolean;
}

const BARE: Looking = {
  trace: false,
  fingerprint: false,
  invariants: false,
  measures: false,
  history: false,
};
const ALL: Looking = {
  trace: true,
  fingerprint: true,
  invariants: true,
  measures: true,
  history: true,
};

class NoFingerprint extends Fingerprint {
  override add(): void {}
}

/** Judges what clients are told; the others judge servers. */
function isOfHistories(name: string): boolean {
  return name === 'kv.linearizable' || name.startsWith('session.');
}

function runner(cluster: Cluster, looking: Looking): Runner {
  const scenario = scenarioOf(cluster);
  const invariants = scenario.invariants.filter(({ name }) =>
    isOfHistories(name) ? looking.history : looking.invariants,
  );
  const options: ExecutionOptions = {
    trace: looking.trace ? 'ring' : 'off',
    observers: looking.invariants || looking.measures || looking.history,
    invariants: invariants.length > 0,
    measures: looking.measures,
    history: looking.history,
  };
  let last: Execution | null = null;
  return runnerOf(() => {
    if (looking.picture === true && last !== null) pictureOf(last.world, scenario, []);
    const execution = new Execution({ ...scenario, invariants }, 1, options);
    const { world } = execution;
    if (!looking.fingerprint) Object.assign(world, { fingerprint: new NoFingerprint() });
    last = execution;
    return execution;
  }, RUN_SECONDS);
}

function benchCase(name: string, cluster: Cluster, looking: Looking, beside = BARE): BenchCase {
  return {
    name,
    params: { ...cluster },
    usefulUnit: 'commits/s',
    subject: () => runner(cluster, looking),
    baseline: () => runner(cluster, beside),
    costs: true,
  };
}

const BUSY: Cluster = { servers: 5, multiplier: 1, writes: 500 };
const LIGHT: Cluster = { servers: 5, multiplier: 5, writes: 50 };

export const bench: Bench = {
  name: 'observers',
  title: 'what looking at five Raft servers costs',
  cases: [
    benchCase('bare', BUSY, BARE),
    benchCase('trace', BUSY, { ...BARE, trace: true }),
    benchCase('fingerprint', BUSY, { ...BARE, fingerprint: true }),
    benchCase('invariants', BUSY, { ...BARE, invariants: true }),
    benchCase('measures', BUSY, { ...BARE, measures: true }),
    benchCase('history', BUSY, { ...BARE, history: true }),
    benchCase('all', BUSY, ALL),
    benchCase('all', LIGHT, ALL),
    // Beside the run with all the others.
    benchCase('picture', BUSY, { ...ALL, picture: true }, ALL),
  ],
};
