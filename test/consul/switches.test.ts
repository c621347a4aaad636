/**
 * Each part of the server's specification (§2.3 to §2.12) matters: the same scenario with the rule
 * switched off, or set otherwise, ends with another figure or verdict.
 */
import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../sim/run/result.ts';
import { bundled, parse, run } from '../run/kit.ts';

function resultOf(text: string, seed = 1): RunResult {
  return run(parse(`name: switch\nsettle: 10s\nknown_issues: fix\n${text}`), {
    seed,
    trace: 'off',
  }).result;
}

function cluster(agent = ''): string {
  const settings = `performance: { raft_multiplier: 1${agent.startsWith('hold') ? `, rpc_${agent}` : ''} }`;
  const more = agent === '' || agent.startsWith('hold') ? '' : `, ${agent}`;
  return `cluster: { datacenters: { dc1: { servers: 3 } }, agent: { ${settings}${more} } }\n`;
}

const CRASH = 'faults: [{ at: 10s, for: 10s, crash: leader, how: kill }]\n';
const kv = (more: string): string =>
  `load: { kv: { kind: kv, clients: 5, rate: 60/s, keys: 3, timeout: 10s, ${more} } }\n`;

const value = ({ metrics }: RunResult, name: string): number => metrics[name]!.value!;
const allowed = ({ violations }: RunResult, name: string): number =>
  violations.filter(({ invariant, status }) => invariant === name && status === 'allowed').length;

describe('what the rules of a server are good for', () => {
  test('§2.3: without rpc_hold_timeout requests that find no leader fail at once', () => {
    const load = kv('mix: { put: 100% }');
    const held = resultOf(`duration: 30s\n${cluster()}${load}${CRASH}`);
    const refused = resultOf(`duration: 30s\n${cluster('hold_timeout: 0s')}${load}${CRASH}`);
    expect(value(held, 'rpc.retries')).toBeGreaterThan(0);
    expect(value(refused, 'rpc.retries')).toBe(0);
    expect(value(refused, 'kv.availability')).toBeLessThan(value(held, 'kv.availability'));
  });

  test('§2.4: stale reads are answered where nobody leads, and may be older', () => {
    const scenario = (mode: string): RunResult =>
      resultOf(
        `duration: 40s\n${cluster()}${kv(`mix: { put: 30%, get: 70% }, consistency: ${mode}`)}` +
          'faults: [{ at: 10s, for: 20s, partition: { isolate: s3 }, only: raft }]\n',
        3,
      );
    const [stale, consistent] = [scenario('stale'), scenario('consistent')];
    expect(
      allowed(stale, 'kv.stale-read-bounded') + allowed(stale, 'kv.linearizable'),
    ).toBeGreaterThan(0);
    expect(allowed(consistent, 'kv.linearizable')).toBe(0);
    expect(consistent.metrics['kv.latency']!.mean!).toBeGreaterThan(
      stale.metrics['kv.latency']!.mean!,
    );
  });

  test('§2.5: watchers that wait for less ask more often', () => {
    const scenario = (wait: string): RunResult =>
      resultOf(
        `duration: 40s\n${cluster()}` +
          `load: { c: { kind: watch, clients: 4, keys: 4, writes: 6/m, wait: ${wait} } }\n`,
      );
    const asked = (result: RunResult): number => value(result, 'network.messages{rpc.blocking}');
    expect(asked(scenario('2s'))).toBeGreaterThan(2 * asked(scenario('5m')));
  });

  test('§2.6: servers without a leader loop serve no consistent reads late, and register nobody', () => {
    const load = kv('mix: { get: 100% }, consistency: consistent');
    const slow = 'disks: { all: { fsync: 60ms } }\n';
    const scenario = (alone: string): RunResult =>
      resultOf(
        `duration: 30s\n${cluster().replace('{ datacenters', `{ ${alone}datacenters`)}${slow}${load}${CRASH}`,
      );
    const judged = (result: RunResult): boolean =>
      result.invariants.some(({ name }) => name === 'leader.established');
    const [whole, alone] = [scenario(''), scenario('raft: { alone: true }, ')];
    expect(judged(whole)).toBe(true);
    expect(judged(alone)).toBe(false);
    expect(whole.metrics['raft.commit-latency']!.count!).toBeGreaterThan(
      alone.metrics['raft.commit-latency']!.count!,
    );
  });

  const locks = (more: string): RunResult =>
    resultOf(
      `duration: 90s\n${cluster()}load: { locks: { kind: lock, clients: 4, hold: 1s..2s, ` +
        `think: 100ms, silent: 30%, ${more} } }\n`,
    );

  test('§2.7: a session lives for twice its TTL', () => {
    const expiry = (ttl: string): number =>
      locks(`lock_delay: 0s, ttl: ${ttl}`).metrics['session.expiry']!.p50!;
    expect(expiry('10s')).toBeCloseTo(20, 1);
    expect(expiry('15s')).toBeCloseTo(30, 1);
  });

  test('§2.8: a lock-delay keeps the others waiting', () => {
    const turns = (delay: string): number =>
      locks(`ttl: 10s, lock_delay: ${delay}, destroys: 50%`).metrics['locks.lock-hold']!.count!;
    expect(turns('0s')).toBeGreaterThan(2 * turns('15s'));
  });

  test('§2.9: without tombstones watchers of a prefix miss deletions', () => {
    const verdict = (sets: string[]): string =>
      run(bundled('planted/forgotten-deletions', sets), { seed: 2, trace: 'off' }).result.verdict;
    expect(verdict([])).toBe('pass');
    expect(verdict(['plant=[B31]'])).toBe('fail');
  });

  test('§2.10: autopilot removes what gossip calls dead, unless it is told not to', () => {
    const verdict = (sets: string[]): string =>
      run(bundled('incidents/gossip-cut', sets), { seed: 1, trace: 'off' }).result.verdict;
    expect(verdict([])).toBe('pass');
    const off = 'cluster.agent.autopilot={ cleanup_dead_servers: false }';
    // The scenario expects live servers to be removed.
    expect(verdict([off])).toBe('fail');
  });

  test('§2.11: a leader that leaves hands over; one that crashes is missed', () => {
    const failover = (fault: string): number =>
      resultOf(
        `duration: 30s\n${cluster()}${kv('mix: { put: 100% }')}faults: [{ at: 10s, ${fault} }]\n`,
      ).metrics['raft.failover']!.max!;
    expect(failover('leave: leader')).toBeLessThan(0.1);
    expect(failover('crash: leader')).toBeGreaterThan(1);
  });

  test('§2.12: request limits refuse what is too much', () => {
    const limits = 'limits: { request_limits: { mode: enforcing, write_rate: 2 } }';
    const load = kv('mix: { put: 100% }');
    const free = resultOf(`duration: 20s\n${cluster()}${load}`);
    const limited = resultOf(`duration: 20s\n${cluster(limits)}${load}`);
    expect(value(free, 'kv.availability')).toBe(1);
    expect(value(limited, 'kv.availability')).toBeLessThan(0.8);
  });
});
