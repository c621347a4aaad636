/** What hashicorp/raft is configured with for a multiplier of Consul's. */
import { expect, test } from 'vitest';
import { raftConfig } from '../../sim/run/build.ts';
import { ref } from '../support/reference.ts';
import { parse } from './kit.ts';

function configOf(multiplier: number) {
  const scenario = parse(
    `duration: 10s\ncluster: { agent: { performance: { raft_multiplier: ${multiplier} } } }\n`,
  );
  const [server] = scenario.hosts;
  if (server?.kind !== 'server') throw new Error('the first host is a server');
  return raftConfig(scenario, server, { servers: [] } as never);
}

test(
  ref('raft 1.1 #1', 'defaults times the multiplier, in an order that the library accepts'),
  () => {
    expect(configOf(1)).toMatchObject({
      heartbeatMicros: 1_000_000,
      electionMicros: 1_000_000,
      leaseMicros: 500_000,
      commitMicros: 50_000,
      maxAppendEntries: 64,
      trailingLogs: 10_240,
      // Consul's own, in the place of 120 s and 8192.
      snapshotIntervalMicros: 30_000_000,
      snapshotThreshold: 16_384,
    });
    for (let multiplier = 1; multiplier <= 10; multiplier++) {
      const { commitMicros, electionMicros, heartbeatMicros, leaseMicros } = configOf(multiplier);
      expect([electionMicros, heartbeatMicros, leaseMicros]).toEqual([
        multiplier * 1_000_000,
        multiplier * 1_000_000,
        multiplier * 500_000,
      ]);
      expect(leaseMicros).toBeLessThanOrEqual(heartbeatMicros);
      expect(heartbeatMicros).toBeLessThanOrEqual(electionMicros);
      expect(commitMicros).toBe(50_000);
    }
    for (const wrong of [0, 11]) expect(() => configOf(wrong)).toThrow(/outside 1\.\.10/);
  },
);
