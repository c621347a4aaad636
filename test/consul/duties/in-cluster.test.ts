/** A server's duties in whole clusters: what is registered, who is removed, what the invariants say. */
import { describe, expect, test } from 'vitest';
import type { LeaderState } from '../../../sim/consul/leader/state.ts';
import { LEADER_MACHINE } from '../../../sim/consul/leader/vocabulary.ts';
import { SERF_HEALTH } from '../../../sim/consul/state/catalog.ts';
import { indexOf } from '../../../sim/consul/state/indexes.ts';
import { keyOf } from '../../../sim/consul/state/store.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import { rowOf, rowsWithPrefix } from '../../../sim/consul/state/table.ts';
import type { Execution } from '../../../sim/run/execution.ts';
import { advance, begin, bundled, parse, run } from '../../run/kit.ts';
import { ref } from '../../support/reference.ts';
import { SECOND } from './kit.ts';

const CLUSTER = `
duration: 100s
settle: 10s
known_issues: fix
cluster: { datacenters: { dc1: { servers: 3 } }, agent: { performance: { raft_multiplier: 1 } } }
`;

function storeOf(execution: Execution): Store {
  const { servers, raft } = execution.simulation;
  return raft(servers.find(({ process }) => raft(process)?.role === 2)!.process)!.fsm as Store;
}

const nodes = (execution: Execution): string[] =>
  rowsWithPrefix(storeOf(execution).nodes, '').map(({ node }) => node);
const health = (execution: Execution, node: string): string | undefined =>
  rowOf(storeOf(execution).checks, keyOf(node, SERF_HEALTH))?.status;

describe('the catalog', () => {
  test(
    ref(
      'consul 2.6 #18',
      'a fresh cluster: configuration, Noop, barrier, three entries, one for each server',
    ),
    () => {
      const execution = begin(parse(`${CLUSTER}start: bootstrap\n`));
      advance(execution, 15 * SECOND);
      const store = storeOf(execution);
      expect(nodes(execution)).toEqual(['s1', 's2', 's3']);
      expect(indexOf(store, 'autopilot-config')).toBe(4);
      expect(indexOf(store, 'system-metadata')).toBe(6);
      const made = rowsWithPrefix(store.nodes, '').map(({ createIndex }) => createIndex);
      expect(made.toSorted((a, b) => a - b)).toEqual([7, 8, 9]);
    },
  );

  test('a formed cluster has all that from the beginning', () => {
    const execution = begin(parse(CLUSTER));
    advance(execution, SECOND);
    expect(nodes(execution)).toEqual(['s1', 's2', 's3']);
    const { lastIndex } = execution.simulation.raft(0)!;
    // Configuration, three entries, three servers, Noop, barrier, and nothing else.
    expect(lastIndex).toBe(9);
  });

  test(
    ref('consul 2.6 #19', 'a failed server is critical, then gone, and back when it returns'),
    () => {
      const faults = 'faults: [{ at: 10s, for: 50s, crash: s3 }]';
      const execution = begin(parse(CLUSTER + faults), 2);
      advance(execution, 14 * SECOND);
      expect(health(execution, 's3')).toBe('passing');
      advance(execution, 16 * SECOND);
      expect(health(execution, 's3')).toBe('critical');
      advance(execution, 30 * SECOND);
      expect(nodes(execution)).toEqual(['s1', 's2']);
      advance(execution, 65 * SECOND);
      expect(health(execution, 's3')).toBe('passing');
    },
  );
});

describe('consistent reads', () => {
  test('are refused by a leader whose loop has not got its barrier', () => {
    const execution = begin(bundled('basic/leader-crash'));
    const states = (): LeaderState[] =>
      execution.simulation.servers.map(
        ({ process }) =>
          execution.world.processes[process]!.slotByNumber[LEADER_MACHINE]!.state as LeaderState,
      );
    expect(states().filter(({ ready }) => ready)).toEqual([]);
    advance(execution, SECOND);
    expect(states().filter(({ ready }) => ready)).toHaveLength(1);
  });
});

describe('what the invariants say', () => {
  test(
    ref('consul 2.10 #14', 'gossip that fails alone makes autopilot remove servers that run'),
    () => {
      const { exitCode, violations } = run(bundled('incidents/gossip-cut')).result;
      expect(exitCode).toBe(0);
      const removed = violations.filter(
        ({ invariant }) => invariant === 'autopilot.removes-only-dead',
      );
      expect(removed.length).toBeGreaterThan(0);
      expect(removed[0]).toMatchObject({ status: 'allowed', reference: 'consul#5922' });
    },
  );

  test('a server that crashed is no such case', () => {
    const { violations, invariants } = run(
      parse(`${CLUSTER}faults: [{ at: 10s, for: 50s, crash: s3 }]\n`),
    ).result;
    expect(violations).toEqual([]);
    const seen = invariants.find(({ name }) => name === 'autopilot.removes-only-dead')!;
    expect(seen.exercised).toBe(1);
  });

  test('a leader that got no barrier waits for its next interval, which is allowed', () => {
    const cluster = `
duration: 20s
settle: 20s
known_issues: fix
cluster: { datacenters: { dc1: { servers: 3 } }, agent: { performance: { raft_multiplier: 1 } } }
network: { lan: { latency: 5ms } }
faults:
  - { at: 5s, for: 5s, crash: leader }
  - { at: 5s, for: 10s, loss: 100%, only: [raft.timeout-now] }
  - { when: { elected: 1 }, transfer: leader }
`;
    const seed = 5;
    const { violations } = run(parse(cluster), { seed }).result;
    const allowed = { invariant: 'leader.established', status: 'allowed' };
    expect(violations).toMatchObject([{ ...allowed, reference: 'consul §2.6' }]);
    const planted = run(parse(`${cluster}plant: [B28]\n`), { seed }).result;
    expect(planted.violations).toMatchObject([{ status: 'violation' }]);
  });

  test('B28: a leader without a loop is told of', () => {
    const planted = bundled('planted/duties-given-up', ['plant=[B28]']);
    const { violations } = run(planted).result;
    expect(violations[0]).toMatchObject({ invariant: 'leader.established' });
    expect(violations[0]!.message).toMatch(/leads without a leader loop/);
    expect(run(bundled('planted/duties-given-up')).result.violations).toEqual([]);
  });
});
