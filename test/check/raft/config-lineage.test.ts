import { describe, expect, test } from 'vitest';
import { ChangeCommand, makeConfiguration } from '../../../sim/protocol/raft/configuration.ts';
import { makeEntry, prefixAt } from '../../../sim/protocol/raft/durable.ts';
import { EntryType } from '../../../sim/protocol/raft/types.ts';
import type { CheckedCluster } from '../../support/checked.ts';
import * as kit from './kit.ts';

const NAME = 'raft.config-lineage';

/** Puts a configuration with these voters at an index of a server's log, and makes it the latest. */
function corrupt(cluster: CheckedCluster, server: number, index: number, voters: number[]): void {
  const durable = cluster.durable(server);
  const { term } = durable.log.entries[index - 1]!;
  const data = makeConfiguration(voters.map((id) => ({ id, voter: true })));
  const before = prefixAt(durable, index - 1);
  durable.log.entries[index - 1] = makeEntry(before, index, term, EntryType.configuration, data);
}

describe('raft.config-lineage', () => {
  test('is silent while voters come and go one by one', () => {
    const cluster = kit.formedCluster(NAME, { servers: 5, members: 3 });
    for (const [command, target] of [
      [ChangeCommand.addVoter, 3],
      [ChangeCommand.addNonvoter, 4],
      [ChangeCommand.removeServer, 1],
      [ChangeCommand.addVoter, 4],
      [ChangeCommand.demoteVoter, 2],
    ] as const) {
      cluster.change(cluster.leader(), command, target);
      cluster.run(kit.SECOND);
    }
    expect(cluster.raft(0)!.committed.servers).toHaveLength(4);
    // Five neighbours, and each again on the servers that follow.
    expect(cluster.summary(NAME).exercised).toBeGreaterThan(10);
    kit.expectHealthy(cluster, NAME);
  });

  test('catches two configurations committed at one index', () => {
    const cluster = kit.formedCluster(NAME, { servers: 4, members: 3 });
    cluster.change(0, ChangeCommand.addVoter, 3);
    cluster.run(kit.SECOND / 4);
    kit.runToHalf(cluster);
    corrupt(cluster, 2, 3, [0, 1]);
    kit.runOverSecond(cluster);
    expect(cluster.violations()).toMatchObject([
      {
        invariant: NAME,
        status: 'violation',
        message: 'At index 3 s1 committed [s1 s2 s3 s4], s3 committed [s1 s2]',
        hosts: ['s1', 's3'],
      },
    ]);
  });

  test('catches a leap of two voters', () => {
    const cluster = kit.formedCluster(NAME, { servers: 5, members: 3 });
    const { world } = cluster;
    cluster.at(world.now, () => {
      // What a leader that adds two servers at once would have in its log.
      const state = cluster.raft(0)!;
      const servers = [...state.latest.servers, { id: 3, voter: true }];
      state.latest = makeConfiguration(servers);
    });
    cluster.run(1000);
    cluster.change(0, ChangeCommand.addVoter, 4);
    cluster.run(kit.SECOND);
    expect(cluster.violations()[0]).toMatchObject({
      message:
        '[s1 s2 s3 s4 s5] at index 3 was committed after [s1 s2 s3] at index 1: ' +
        'more than one voter changed',
    });
  });

  test('has nothing to compare where no configuration follows the first', () => {
    const cluster = kit.formedCluster(NAME, { servers: 1 });
    kit.writeValues(cluster, 5);
    expect(cluster.summary(NAME)).toMatchObject({ exercised: 0, violations: [] });
  });

  test('goes on the same after a restore', () => {
    const cluster = kit.formedCluster(NAME, { servers: 5, members: 3 });
    cluster.change(0, ChangeCommand.addVoter, 3);
    cluster.run(kit.SECOND);
    const saved = cluster.world.save();
    const after = (): unknown => {
      cluster.change(0, ChangeCommand.addVoter, 4);
      cluster.run(2 * kit.SECOND);
      return cluster.summary(NAME);
    };
    const first = after();
    cluster.world.restore(saved);
    expect(after()).toEqual(first);
  });
});
