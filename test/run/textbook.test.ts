/** Whole runs of `raft.variant: paper`: its settings, its safety under faults, and its saves. */
import { describe, expect, test } from 'vitest';
import { INVARIANTS } from '../../sim/check/registry.ts';
import type { ServerSpec } from '../../scenarios/scenario.ts';
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import { straight } from '../determinism/outcome.ts';
import { anyOrder } from '../determinism/restoring.ts';
import { parse, run } from './kit.ts';

const SWARM = `
duration: 40s
settle: 20s
cluster:
  datacenters: { dc1: { servers: 5 } }
  raft: { variant: paper, election_timeout: 300ms..600ms }
load:
  kv: { kind: kv, clients: 3, rate: 10/s, keys: 5, mix: { put: 60%, get: 40% } }
faults:
  - swarm: { intensity: 0.8 }
  - { every: 3s..9s, for: 1s..4s, duplicate: 20%, transport: udp }
  - { every: 3s..9s, for: 1s..4s, reorder: 10ms..400ms, transport: udp }
`;

function settings(raft: string): Pick<ServerSpec, 'paper' | 'raft'> {
  const { hosts } = parse(`{ duration: 1s, cluster: { raft: { ${raft} } } }`);
  return hosts[0] as ServerSpec;
}

describe('the textbook variant', () => {
  test('has the timeouts of the paper unless it is told others', () => {
    expect(settings('variant: consul').paper).toBeNull();
    const { paper, raft } = settings('variant: paper');
    expect(paper).toEqual({ electionMicros: [150_000, 300_000], heartbeatMicros: 75_000 });
    expect(raft.preVote).toBe(false);
    const own = settings('variant: paper, election_timeout: 2s, heartbeat: 5ms, pre_vote: true');
    expect(own.paper).toEqual({ electionMicros: [2_000_000, 2_000_000], heartbeatMicros: 5000 });
    expect(own.raft.preVote).toBe(true);
  });

  test.each([false, true])('is safe and recovers whatever happens (pre-vote %s)', (preVote) => {
    const scenario = parse(SWARM, 'swarm.yaml', [`cluster.raft.pre_vote=${preVote}`]);
    const exercised = new Map<string, number>();
    for (let seed = 1; seed <= 15; seed++) {
      const { exitCode, invariants, violations } = run(scenario, { seed, trace: 'off' }).result;
      expect({
        seed,
        exitCode,
        violations: violations.filter((one) => one.status !== 'allowed'),
      }).toEqual({ seed, exitCode: 0, violations: [] });
      for (const { name, exercised: times } of invariants) {
        exercised.set(name, (exercised.get(name) ?? 0) + times);
      }
    }
    for (const [name, times] of exercised) {
      const { occasional } = INVARIANTS[name as InvariantName];
      // There is no pool of agents here.
      if (occasional === true || name.startsWith('gossip.')) continue;
      expect({ name, times }).not.toEqual({ name, times: 0 });
    }
  });

  test('goes on the same after it has been saved and restored', () => {
    const scenario = parse(SWARM);
    const reference = straight(scenario, 3);
    const shares = [0, 0.3, 0.6];
    for (const outcome of anyOrder(scenario, 3, shares, [1, 2, 0, 1])) {
      expect(outcome).toEqual(reference);
    }
  });
});
