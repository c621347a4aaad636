/** What operators do to servers: leave, force-leave, recover, upgrade, and a rolling restart by health. */
import { describe, expect, test } from 'vitest';
import { MemberStatus } from '../../sim/consul/membership/members.ts';
import { SerfNote } from '../../sim/protocol/serf/vocabulary.ts';
import { RaftNote } from '../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../support/reference.ts';
import { notes, scenarioOf, start } from './support.ts';
import type { FaultRun } from './support.ts';

const CLUSTER =
  'cluster: { datacenters: { dc1: { servers: 3 } }, agent: { performance: { raft_multiplier: 1 } } }';

function run(faults: readonly string[], cluster = CLUSTER): FaultRun {
  return start({ faults, cluster, duration: '100s' });
}

/** Voters of the leader's configuration, by name. */
function voters({ execution }: FaultRun): string[] {
  const { servers, raft } = execution.simulation;
  const leader = servers.find(({ process }) => raft(process)?.role === 2);
  if (leader === undefined) return [];
  const { latest } = raft(leader.process)!;
  return servers
    .filter(({ process }) => latest.servers.some(({ id, voter }) => id === process && voter))
    .map(({ name }) => name);
}

describe('leave', () => {
  test(
    ref('consul 2.11 #4', 'a leader hands over, leaves both pools, drains, and is removed'),
    () => {
      const cluster = run(['{ at: 10s, leave: leader }']);
      const leader = cluster.leader();
      cluster.to(10.5);
      expect(cluster.leader()).not.toBe(leader);
      expect(voters(cluster)).toContain(leader);
      // The WAN pool takes 3 s, the LAN pool 3 s and two broadcasts, and clients get 5 s to go.
      cluster.to(13.5);
      expect(voters(cluster)).not.toContain(leader);
      cluster.to(21.2);
      expect(cluster.status(leader)).toBe('running');
      cluster.to(22.2);
      expect(cluster.status(leader)).toBe('down');
      expect(cluster.told()).toEqual([
        expect.stringMatching(/^leave s\d 10\.\.-1 affected 1$|^leave s\d/),
      ]);
    },
  );

  test('it comes back at the end, without a vote at first', () => {
    const cluster = run(['{ at: 10s, for: 20s, leave: s3 }']);
    cluster.to(29);
    expect(cluster.status('s3')).toBe('down');
    cluster.to(35);
    expect(cluster.status('s3')).toBe('running');
    expect(voters(cluster)).not.toContain('s3');
    cluster.to(60);
    expect(voters(cluster)).toEqual(['s1', 's2', 's3']);
  });

  test(ref('consul 2.11 #5', 'what hangs is ended after 15 s'), () => {
    const cut = '{ at: 9s, for: 60s, partition: { isolate: s3 } }';
    const cluster = run([cut, '{ at: 10s, leave: s3 }']);
    // Nobody hears it, so nobody removes it: 11 s, and 5 s more that it would wait.
    cluster.to(24.9);
    expect(cluster.status('s3')).toBe('running');
    cluster.to(25.1);
    expect(cluster.status('s3')).toBe('down');
  });

  test(
    ref('consul 2.6 #15', 'force_leave lets a failed server go at once; one that runs refutes it'),
    () => {
      const faults = ['{ at: 10s, for: 60s, crash: s3 }', '{ at: 18s, force_leave: [s2, s3] }'];
      const slow = CLUSTER.replace(
        'agent: {',
        'agent: { autopilot: { cleanup_dead_servers: false },',
      );
      const cluster = run(faults, slow);
      cluster.to(17.9);
      expect(voters(cluster)).toEqual(['s1', 's2', 's3']);
      cluster.to(18.5);
      expect(voters(cluster)).toEqual(['s1', 's2']);
      const left = notes(cluster, SerfNote.status).filter(({ b }) => b === MemberStatus.left);
      expect(new Set(left.map(({ a }) => a))).toEqual(new Set([2]));
    },
  );
});

describe('recover', () => {
  test('servers that are left make a cluster of their own', () => {
    const five = CLUSTER.replace('servers: 3', 'servers: 5');
    const faults = ['{ at: 10s, for: 80s, crash: [s3, s4, s5] }', '{ at: 30s, recover: [s1, s2] }'];
    const cluster = run(faults, five.replace('agent:', 'raft: { alone: true }, agent:'));
    cluster.to(29);
    expect(cluster.leader()).toBe('');
    cluster.to(40);
    expect(cluster.leader()).not.toBe('');
    expect(voters(cluster)).toEqual(['s1', 's2']);
  });
});

describe('upgrade', () => {
  test('programs of the new release ask for pre-votes, those of the old one do not', () => {
    const old = CLUSTER.replace('cluster: {', 'cluster: { consul: "1.20.1",');
    const faults = [
      '{ at: 5s, for: 3s, crash: leader }',
      '{ at: 20s, upgrade: servers, to: "1.21.4", one_by_one: true, wait: voted }',
      '{ at: 60s, for: 3s, crash: leader }',
    ];
    const cluster = run(faults, old);
    cluster.to(19);
    expect(notes(cluster, RaftNote.election).length).toBeGreaterThan(0);
    expect(notes(cluster, RaftNote.preVote)).toEqual([]);
    cluster.to(70);
    const late = notes(cluster, RaftNote.preVote).filter(({ time }) => time > 60);
    expect(late.length).toBeGreaterThan(0);
  });

  test('a saved run goes on with the release it had', () => {
    const old = CLUSTER.replace('cluster: {', 'cluster: { consul: "1.20.1",');
    const cluster = run(['{ at: 5s, upgrade: s1, to: "1.21.4" }'], old);
    cluster.to(10);
    const { world } = cluster;
    const saved = world.save();
    cluster.to(40);
    const fingerprint = world.fingerprint.hex();
    world.restore(saved);
    cluster.to(40);
    expect(world.fingerprint.hex()).toBe(fingerprint);
    expect(cluster.execution.simulation.raft(0)!.config.knowsPreVote).toBe(true);
    expect(cluster.execution.simulation.raft(1)!.config.knowsPreVote).toBe(false);
  });
});

describe('a rolling restart', () => {
  test('by health waits until the leader finds each one healthy', () => {
    const restart = (wait: string) =>
      run([`{ at: 10s, restart: { hosts: servers, one_by_one: true, wait: ${wait} } }`]);
    const healthy = restart('healthy');
    healthy.to(90);
    expect(healthy.told()[0]).toMatch(/affected 3$/);
    expect(voters(healthy)).toEqual(['s1', 's2', 's3']);
  });

  test.each([
    ['leave: s1', 'leave'],
    ['force_leave: s1', 'force_leave'],
    ['restart: servers, one_by_one: true, wait: healthy', 'wait'],
  ])('%s needs more than Raft', (verb) => {
    const alone = CLUSTER.replace('agent:', 'raft: { alone: true }, agent:');
    expect(() => scenarioOf({ faults: [`{ at: 1s, ${verb} }`], cluster: alone })).toThrow(
      'acts on what Consul builds on Raft',
    );
  });
});
