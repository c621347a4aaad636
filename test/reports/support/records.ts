/** Fixed records for the tests of reporters: what runs bring back, without running anything. */
import type { Environment } from '../../../reports/environment.ts';
import type { JobRecord, RunRecord } from '../../../sim/explore/record.ts';
import type { Plan } from '../../../sim/explore/plan.ts';
import type { SummaryFacts } from '../../../sim/explore/summary.ts';
import { crashOf } from '../../../sim/explore/record.ts';
import type { RunResult } from '../../../sim/run/result.ts';

export const PIPE: Environment = {
  tty: false,
  columns: 80,
  rows: null,
  colour: false,
  ci: false,
  unicode: true,
  spoken: false,
};
export const SCREEN: Environment = {
  tty: true,
  columns: 80,
  rows: 24,
  colour: false,
  ci: false,
  unicode: true,
  spoken: false,
};

const INVARIANTS = ['raft.election-safety', 'raft.log-matching', 'raft.vote-once'];

/** A run that passes. */
export function passing(changes: Partial<RunResult> = {}): RunResult {
  const seed = changes.seed ?? 7;
  const command = `lictor run scenarios/basic/leader-crash.yaml --seed ${seed}`;
  return {
    schema: 'lictor.result/1',
    verdict: 'pass',
    exitCode: 0,
    scenario: 'leader-crash',
    seed,
    fingerprint: '0123456789abcdef',
    simulatedSeconds: 90,
    wallSeconds: 0.05,
    events: 58_210,
    eventsPerSecond: 1_164_200,
    invariants: INVARIANTS.map((name) => ({
      name,
      expectation: 'always',
      verdict: 'pass',
      exercised: 4115,
    })),
    violations: [],
    faults: [{ name: 'crash s1', begin: 20, end: 30, affected: 812, inert: false }],
    unexercised: [],
    limits: [],
    thresholds: [{ metric: 'kv.availability', expression: '>99%', value: 0.998, verdict: 'pass' }],
    metrics: {
      'kv.availability': { unit: '1', value: 0.998 },
      'kv.latency': times(5842, 0.00312, 0.0187, 2.412),
      'kv.longest-outage': { unit: 's', value: 2.31 },
      'kv.recovery': times(1, 2.31, 2.31, 2.31),
      'raft.commit-latency': times(2921, 0.00201, 0.0092, 0.0411),
      'raft.elections': { unit: '1', value: 2 },
      'raft.failover': times(1, 2.05, 2.05, 2.05),
      'raft.leader-changes': { unit: '1', value: 1 },
      'raft.split-votes': { unit: '1', value: 0 },
    },
    manifest: {
      version: '0.1.0',
      node: '24.21.0',
      scenarioHash: 'fedcba9876543210',
      command,
      resolved: { name: 'leader-crash', expect: { kind: 'pass' } },
      overrides: {},
    },
    ...changes,
  };
}

function times(count: number, p50: number, p99: number, max: number) {
  return { unit: 's' as const, count, mean: p50, min: p50, p50, p90: p99, p99, p999: max, max };
}

/** A run with a violation, a missed threshold and an inert fault. */
export function failing(changes: Partial<RunResult> = {}): RunResult {
  return passing({
    verdict: 'fail',
    exitCode: 1,
    invariants: INVARIANTS.map((name) => ({
      name,
      expectation: 'always',
      verdict: name === 'raft.election-safety' ? 'fail' : 'pass',
      exercised: name === 'raft.vote-once' ? 0 : 4115,
    })),
    violations: [
      {
        invariant: 'raft.election-safety',
        time: 12.48231,
        event: 4711,
        message:
          's1 and s3 both lead term 7: s1 since 11.9 s with the votes of s1 and s2, s3 since ' +
          '12.48 s with the votes of s2 and s3.',
        hosts: ['s1', 's3'],
        status: 'violation',
        reference: '',
      },
    ],
    faults: [
      { name: 'crash s2 at its 2nd write', begin: 11.9, end: 12.1, affected: 1, inert: false },
      { name: 'partition {s1} | {s2, s3}', begin: 12.2, end: 15.2, affected: 61, inert: false },
      { name: 'crash s9', begin: 30, end: 30, affected: 0, inert: true },
    ],
    unexercised: ['raft.vote-once', 'crash s9'],
    thresholds: [
      { metric: 'kv.availability', expression: '>99%', value: 0.998, verdict: 'pass' },
      { metric: 'kv.latency', expression: 'p99<10ms', value: 0.0187, verdict: 'fail' },
      { metric: 'kv.recovery', expression: 'max<5s', value: null, verdict: 'unknown' },
    ],
    ...changes,
  });
}

export const STORY = Array.from(
  { length: 12 },
  (_, i) =>
    `${(12.4 + i / 150).toFixed(6)}s  s${(i % 3) + 1}      raft    ` +
    `${i === 11 ? 'become leader   ' : 'vote granted    '}        term=7 last=41  <- #${4600 + 10 * i}`,
);

export function recordOf(result: RunResult, changes: Partial<RunRecord> = {}): RunRecord {
  return {
    kind: 'run',
    source: 0,
    seed: result.seed,
    scenario: result.scenario,
    command: result.manifest.command,
    exitCode: result.exitCode,
    result,
    distributions: [],
    story: result.violations.length > 0 ? STORY : [],
    transcript: [],
    difference: null,
    files: null,
    ...changes,
  };
}

export function crashed(seed: number): JobRecord {
  const error = new Error('assertion failed: term went backwards');
  error.stack = 'Error: assertion failed\n    at step (sim/core/world.ts:10:3)\n    at run (x:1:1)';
  return crashOf(
    { source: 0, seed, scenario: 'leader-crash', command: `lictor run x.yaml --seed ${seed}` },
    error,
  );
}

/** A plan of these scenarios, nothing special asked for. */
export function planOf(names: readonly string[], first: number, last: number): Plan {
  return {
    purpose: 'run',
    sources: names.map((name) => ({
      file: `scenarios/basic/${name}.yaml`,
      text: '',
      overrides: [],
      name,
      description: '',
      parameters: [],
    })),
    only: null,
    seeds: { first, last },
    options: {
      strict: false,
      maxEvents: null,
      verifyDeterminism: false,
      transcript: 'none',
      keep: false,
      events: false,
      pictures: false,
    },
  };
}

export function factsOf(
  plan: Plan,
  records: readonly JobRecord[],
  changes: Partial<SummaryFacts> = {},
): SummaryFacts {
  return {
    plan,
    records,
    planned: plan.sources.length * (plan.seeds.last - plan.seeds.first + 1),
    interrupted: false,
    wallSeconds: 2,
    version: '0.1.0',
    node: '24.21.0',
    command: 'lictor run scenarios/basic --seeds 1..4',
    ...changes,
  };
}
