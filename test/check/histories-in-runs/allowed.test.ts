/** Stale answers: allowed where Consul documents them, with the reference, violations elsewhere. */
import { describe, expect, test } from 'vitest';
import { bundled, parse, run } from '../../run/kit.ts';
import { kindsOf, toldCluster } from './kit.ts';

describe('a default read may be stale', () => {
  test('at a leader that does not know that it was replaced (B12)', () => {
    const { result } = run(bundled('incidents/stale-default-read'));
    expect(result).toMatchObject({ verdict: 'pass', exitCode: 0 });
    const kinds = kindsOf(result.violations);
    expect(kinds).toContain('kv.linearizable allowed consul#54');
    for (const { status } of result.violations) expect(status).toBe('allowed');
  });

  test('at a new leader that has not applied what it inherited (B13)', () => {
    const scenario = parse(`
      name: unready-leader
      duration: 60s
      settle: 20s
      cluster: { raft: { alone: true }, datacenters: { dc1: { servers: 3 } } }
      disks: { all: { fsync: 80ms..120ms } }
      load: { kv: { kind: kv, clients: 12, rate: 120/s, keys: 3, mix: { put: 40%, get: 60% } } }
      faults:
        - { at: 10s, for: 5s, crash: leader, how: kill }
        - { at: 35s, for: 5s, crash: leader, how: kill }
      expect: { anomaly: kv.linearizable }
      `);
    const results = [1, 2, 3, 4].map((seed) => run(scenario, { seed }).result);
    const kinds = new Set(results.flatMap(({ violations }) => kindsOf(violations)));
    expect(kinds).toContain('kv.linearizable allowed consul#2644');
    // That indexes go back there follows from the same.
    for (const kind of kinds) expect(kind).toMatch(/allowed (consul#2644|consul §2\.4)$/);
    for (const { exitCode, violations } of results) {
      const shown = violations.some(({ invariant }) => invariant === 'kv.linearizable');
      expect(exitCode).toBe(shown ? 0 : 1);
    }
  });

  test('but not under a leader that nobody doubts', () => {
    const cluster = toldCluster();
    cluster.tell(1, { value: 'a', index: 5 });
    cluster.tell(2, { value: 'b', index: 6 });
    cluster.tell(3, { f: 'get', value: 'a', index: 5 });
    expect(kindsOf(cluster.violations())).toEqual([
      'kv.linearizable violation',
      'session.read-your-writes violation',
    ]);
  });
});

test('a stale read may be stale, and of many a few are told and the rest counted', () => {
  const cluster = toldCluster();
  cluster.tell(1, { value: 'a', index: 5 });
  cluster.tell(2, { value: 'b', index: 6 });
  for (let op = 3; op < 13; op++) {
    cluster.tell(op, { f: 'get', value: 'a', index: 5, process: op, mode: 'stale' });
  }
  cluster.checks.judgeHistories();
  expect(kindsOf(cluster.violations())).toEqual(['kv.linearizable allowed consistency mode stale']);
  const { violations } = cluster.summary('kv.linearizable');
  expect(violations).toHaveLength(3);
  expect(violations.at(-1)!.message).toMatch(/, and 7 more like it$/);
});
