/** Bundled scenarios over many seeds, with a bug or without. */
import type { Scenario } from '../../scenarios/scenario.ts';
import type { RunResult } from '../../sim/run/result.ts';
import { bundled, run } from '../run/kit.ts';

export interface Catch {
  readonly seed: number;
  readonly exitCode: number;
  /** Invariants in the order of their first violations, then metrics of missed thresholds. */
  readonly broken: readonly string[];
}

export interface Sweep {
  readonly runs: number;
  /** Runs that did not pass. */
  readonly caught: readonly Catch[];
}

/** A bug, the scenario that shows it, and how the scenario is told to have it or not. */
export interface Planted {
  readonly bug: string;
  /** plant: off unless planted. open: there unless fixed. release: some releases have it. */
  readonly kind: 'plant' | 'open' | 'release';
  readonly scenario: string;
  readonly planted: readonly string[];
  readonly clean: readonly string[];
  /** Invariants that it may break, or metrics whose thresholds it makes the scenario miss. */
  readonly breaks: readonly string[];
}

const LOST = ['raft.leader-completeness', 'raft.state-machine-safety'];
/** Some incidents show in few seeds, and allow what is known so that all of them pass. */
const SHOWN = ['expect=pass', 'known_issues=fail'];
const CLEAN_INCIDENT = ['fix=all', 'expect=pass', 'invariants=all'];

export function plant(bug: string, scenario: string, breaks: readonly string[]): Planted {
  return { bug, kind: 'plant', scenario, planted: [`plant=[${bug}]`], clean: [], breaks };
}

export function open(bug: string, scenario: string, breaks: readonly string[]): Planted {
  return { bug, kind: 'open', scenario, planted: SHOWN, clean: CLEAN_INCIDENT, breaks };
}

function release(bug: string, scenario: string, breaks: readonly string[]): Planted {
  const planted = ['cluster.consul="1.21.0"'];
  return { bug, kind: 'release', scenario, planted, clean: [], breaks };
}

/** Two lineages of configurations, or members that wait for each other's for ever. */
const TWO_MAJORITIES = [
  'raft.change-in-own-term',
  'raft.config-lineage',
  ...LOST,
  'raft.write-recovers',
];
const STALE = [
  'kv.linearizable',
  'kv.consistent-read-linearizable',
  'kv.index-monotonic',
  'session.monotonic-reads',
  'session.read-your-writes',
];

export const PLANTED: readonly Planted[] = [
  open('B1', 'incidents/heartbeat-beside-candidate', [
    'raft.election-safety',
    'raft.leader-completeness',
  ]),
  plant('B2', 'planted/leader-churn', LOST),
  plant('B3', 'planted/two-majorities', TWO_MAJORITIES),
  plant('B3', 'planted/two-additions', TWO_MAJORITIES),
  plant('B3', 'planted/two-removals', TWO_MAJORITIES),
  plant('B4', 'planted/voter-crash', ['raft.vote-once', 'raft.election-safety']),
  open('B5', 'incidents/half-stored-vote', ['raft.leader-completeness']),
  open('B6', 'incidents/conflicting-tail', ['raft.follower-catches-up']),
  {
    ...open('B8', 'incidents/re-elected-with-a-failing-disk', ['kv.longest-outage']),
    planted: ['known_issues=allow'],
    clean: [],
  },
  open('B9', 'incidents/deposed-and-not-told', ['raft.one-serving-leader']),
  open('B10', 'incidents/answers-from-before-the-pause', STALE),
  open('B11', 'incidents/verified-by-read-replicas', STALE),
  plant('B15', 'planted/lonely-follower', ['raft.leader-undisturbed', 'raft.failover']),
  release('B16', 'incidents/ex-leader-refused', ['raft.failover']),
  release('B17', 'incidents/granted-and-silent', ['kv.availability']),
  plant('B21', 'planted/candidate-without-a-vote', ['raft.vote-for-voter', 'raft.one-leader']),
  plant('B22', 'planted/transfer-under-load', ['raft.transfer-quiet', 'raft.failover']),
  {
    ...open('B23', 'planted/late-timeout-now', ['raft.failover']),
    planted: ['known_issues=allow'],
    clean: [],
  },
  plant('B24', 'planted/late-append', [
    ...LOST,
    'raft.log-matching',
    'raft.write-recovers',
    'kv.acknowledged-write-survives',
    'kv.linearizable',
  ]),
  plant('B25', 'planted/lost-snapshots', ['raft.snapshot-monotonic', 'raft.write-recovers']),
  open('B26', 'incidents/snapshot-set-back', ['raft.snapshot-monotonic']),
  open('B27', 'incidents/unverified-commit', ['raft.state-machine-safety']),
];

const NOT_EARLY = ['session.not-early'];

/** Bugs of what Consul builds on Raft, and of its clients. */
export const PLANTED_SERVER: readonly Planted[] = [
  plant('B13', 'planted/unready-leader', STALE),
  plant('B14', 'planted/early-stale-reads', ['kv.stale-read-bounded']),
  open('B18', 'incidents/lock-delay-forgotten', ['kv.lock-delay']),
  plant('B19', 'planted/half-ended-session', ['kv.lock-exclusive']),
  plant('B28', 'planted/duties-given-up', ['leader.established']),
  plant('B29', 'planted/flapping-leadership', ['leader.established']),
  plant('B31', 'planted/forgotten-deletions', ['watch.final-value']),
  plant('B32', 'planted/doubted-writes', ['kv.cas', 'kv.linearizable']),
  open('B34', 'incidents/renewed-and-destroyed', NOT_EARLY),
];

export function load(scenario: string, overrides: readonly string[]): Scenario {
  return bundled(scenario, [...overrides]);
}

/** Undefined for a run that passes. */
export function runSeed(scenario: Scenario, seed: number): Catch | undefined {
  const { result } = run(scenario, { seed, trace: 'off' });
  const { exitCode } = result;
  return exitCode === 0 ? undefined : { seed, exitCode, broken: brokenIn(result) };
}

/** Runs seeds 1.. up to `seeds`; with `first` no further than to the first that does not pass. */
export function sweep(
  scenario: string,
  overrides: readonly string[],
  seeds: number,
  { first = false } = {},
): Sweep {
  const loaded = load(scenario, overrides);
  const caught: Catch[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const found = runSeed(loaded, seed);
    if (found === undefined) continue;
    caught.push(found);
    if (first) return { runs: seed, caught };
  }
  return { runs: seeds, caught };
}

/** Stale answers that are allowed come with any new leader. */
function brokenIn({ violations, thresholds }: RunResult): string[] {
  const real = violations.filter(({ status }) => status !== 'allowed');
  const missed = thresholds.filter(({ verdict }) => verdict === 'fail');
  const names = [...real.map(({ invariant }) => invariant), ...missed.map(({ metric }) => metric)];
  return [...new Set(names)];
}
