import { describe, expect, test } from 'vitest';
import { makeEntry } from '../../../sim/protocol/raft/durable.ts';
import { EntryType } from '../../../sim/protocol/raft/types.ts';
import type { Command } from '../../../sim/protocol/raft/types.ts';
import { RaftNote } from '../../../sim/protocol/raft/vocabulary.ts';
import * as kit from './kit.ts';

const { SECOND } = kit;

describe('raft.leader-append-only', () => {
  const NAME = 'raft.leader-append-only';

  test('holds in a healthy cluster', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 50);
    kit.expectHealthy(cluster, NAME);
  });

  test('a follower may lose its tail, and lead afterwards', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 5);
    cluster.isolate([0]);
    cluster.write(0, 7);
    cluster.run(15 * SECOND);
    cluster.heal();
    cluster.run(15 * SECOND);
    cluster.crash(cluster.leader());
    cluster.run(15 * SECOND);
    kit.expectHealthy(cluster, NAME);
  });

  test('the last entry changes: seen at the next append', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 5);
    kit.runToHalf(cluster);
    const { length } = cluster.durable(0).log.entries;
    kit.replaceEntry(cluster, 0, length);
    cluster.write(0, 8);
    cluster.run(100_000);
    expect(kit.foundByNote(cluster.violations())).toMatchObject([
      { hosts: ['s1'], message: `s1, leader of term 2, overwrites entry ${length} of its own log` },
    ]);
  });

  test('an entry in the middle changes: seen by the scan', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 20);
    kit.runToHalf(cluster);
    kit.replaceEntry(cluster, 0, 9);
    kit.runOverSecond(cluster);
    expect(kit.foundByScan(cluster.violations())).toMatchObject([
      { message: 's1, leader of term 2, overwrites entry 9 of its own log' },
    ]);
  });

  test('the tail goes: seen by the scan', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 20);
    kit.runToHalf(cluster);
    cluster.durable(0).log.entries.length -= 2;
    kit.runOverSecond(cluster);
    expect(kit.foundByScan(cluster.violations())).toMatchObject([
      { message: 's1, leader of term 2, has lost entry 21 of its own log' },
    ]);
  });
});

describe('raft.leader-append-only, told of a removal', () => {
  test('does not wait for the disk', () => {
    const cluster = kit.formedCluster('raft.leader-append-only');
    kit.writeValues(cluster, 5);
    kit.runToHalf(cluster);
    const { world } = cluster;
    cluster.at(world.now, () => world.note(0, RaftNote.truncated, 6, 7, 0));
    cluster.at(world.now, () => world.note(1, RaftNote.truncated, 6, 7, 0));
    cluster.run(1000);
    expect(cluster.violations()).toMatchObject([
      { message: 's1, leader of term 2, removes its log from index 6 on', hosts: ['s1'] },
    ]);
  });
});

describe('raft.log-matching', () => {
  const NAME = 'raft.log-matching';

  test('holds in a healthy cluster that loses its leader', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 10);
    cluster.crash(0);
    cluster.run(15 * SECOND);
    cluster.restart(0);
    kit.writeValues(cluster, 10);
    cluster.run(15 * SECOND);
    kit.expectHealthy(cluster, NAME);
  });

  test('a follower continues a log that is not the leader s: seen at the append', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 5);
    kit.runToHalf(cluster);
    kit.replaceEntry(cluster, 1, 7);
    cluster.write(0, 8);
    cluster.run(200_000);
    expect(kit.foundByNote(cluster.violations())).toMatchObject([
      { message: 'Entries 8 of term 2 on s1 and s2 follow different logs', hosts: ['s1', 's2'] },
    ]);
  });

  test('an entry in the middle changes: seen by the scan', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 20);
    kit.runToHalf(cluster);
    kit.replaceEntry(cluster, 2, 9);
    kit.runOverSecond(cluster);
    expect(kit.foundByScan(cluster.violations()).map(({ message }) => message)).toEqual([
      'Entries 9 of term 2 on s1 and s3 differ',
      'Entries 10 of term 2 on s1 and s3 follow different logs',
    ]);
  });

  test('an entry stands at an index that it was not made for: seen by the scan', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 5);
    kit.runToHalf(cluster);
    const { entries } = cluster.durable(1).log;
    const { prefix } = entries.at(-1)!;
    entries.push(makeEntry(prefix, 9, 3, EntryType.noop, null));
    kit.runOverSecond(cluster);
    const [violation] = kit.foundByScan(cluster.violations());
    expect(violation!.message).toContain('s2, entry 9 of term 3 stands at index 8');
  });

  test('an entry stands behind a log that it was not made for: seen by the scan', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 5);
    kit.runToHalf(cluster);
    const { entries } = cluster.durable(1).log;
    entries.push(makeEntry(12345, 8, 3, EntryType.noop, null));
    kit.runOverSecond(cluster);
    const [violation] = kit.foundByScan(cluster.violations());
    expect(violation!.message).toContain('entry 8 of term 3 stands at index 8, behind a log');
  });
});

describe('raft.leader-completeness', () => {
  const NAME = 'raft.leader-completeness';

  test('holds when a leader is lost after commits', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 10);
    cluster.crash(0);
    cluster.run(15 * SECOND);
    kit.expectHealthy(cluster, NAME);
    expect(cluster.summary(NAME).exercised).toBe(1);
  });

  test('a server that lost its tail is elected: seen at the election', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 10);
    cluster.crash(0);
    for (const server of [1, 2]) {
      kit.restartWith(cluster, server, () => void (cluster.durable(server).log.entries.length = 9));
    }
    const leader = kit.waitForLeader(cluster);
    const name = `s${leader + 1}`;
    const { term } = cluster.raft(leader)!;
    const [violation] = kit.foundByNote(cluster.violations());
    const what = 'without the committed entry 10 of term 2: its log ends before it';
    expect(violation).toMatchObject({
      message: `${name} leads term ${term} ${what}`,
      hosts: [name],
    });
  });

  test('an entry in the middle of the leader changes: seen by the scan', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 10);
    cluster.crash(0);
    cluster.run(1000);
    const leader = kit.waitForLeader(cluster);
    kit.runToHalf(cluster);
    kit.replaceEntry(cluster, leader, 5);
    kit.runOverSecond(cluster);
    const [violation] = kit.foundByScan(cluster.violations());
    expect(violation!.message).toContain('without the committed entry 5 of term 2');
  });

  test('a leader of an older term owes nothing to what later terms committed', () => {
    const cluster = kit.formedCluster(NAME, { servers: 5 });
    kit.writeValues(cluster, 5);
    const { world } = cluster;
    // It sleeps through an election and further commits, and still leads when it wakes up.
    cluster.at(world.now, () => world.power.pause(world.processes[0]!, 'stop'));
    cluster.run(1000);
    kit.waitForLeader(cluster);
    kit.writeValues(cluster, 5);
    // As if it had only now counted the last vote of its term.
    cluster.at(world.now, () => world.note(0, RaftNote.becameLeader, 2, 7, 0));
    cluster.run(SECOND);
    cluster.at(world.now, () => world.power.resume(world.processes[0]!, 'stop'));
    cluster.run(5 * SECOND);
    kit.expectHealthy(cluster, NAME);
  });

  test('an old leader commits late what the new one lacks: seen at the commit', () => {
    const cluster = kit.formedCluster(NAME, { servers: 5 });
    kit.writeValues(cluster, 5);
    kit.runToHalf(cluster);
    cluster.isolate([0]);
    cluster.write(0, 7);
    cluster.run(100_000);
    const { world } = cluster;
    cluster.at(world.now, () => world.power.pause(world.processes[0]!, 'stop'));
    cluster.run(1000);
    kit.waitForLeader(cluster);
    kit.runToHalf(cluster);
    expect(cluster.violations()).toEqual([]);
    const old = cluster.raft(0)!;
    cluster.at(world.now, () => {
      old.commitIndex = old.lastIndex;
      world.note(0, RaftNote.committed, old.lastIndex, old.lastIndex - 1, 0);
    });
    cluster.run(1000);
    // The new leader has put its Noop at that index and has committed it, so nothing is new there.
    expect(cluster.violations()).toEqual([]);
    const leader = cluster.leader();
    cluster.durable(leader).log.entries.length = 3;
    cluster.at(world.now, () => world.note(0, RaftNote.committed, 3, 2, 0));
    cluster.run(1000);
    const [violation] = kit.foundByNote(cluster.violations());
    expect(violation!.message).toContain('without the committed entry 4 of term 2');
  });
});

describe('raft.state-machine-safety', () => {
  const NAME = 'raft.state-machine-safety';

  test('holds over a restart, which applies everything again', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 10);
    const before = cluster.summary(NAME).exercised;
    kit.restartWith(cluster, 1, () => {});
    cluster.run(15 * SECOND);
    kit.expectHealthy(cluster, NAME);
    expect(cluster.summary(NAME).exercised).toBeGreaterThanOrEqual(before + 10);
  });

  test('a server applies another entry after a restart: seen as it does', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 10);
    cluster.run(SECOND);
    kit.restartWith(cluster, 1, () => void kit.replaceEntry(cluster, 1, 6));
    cluster.run(15 * SECOND);
    const [violation] = kit.foundByNote(cluster.violations());
    expect(violation).toMatchObject({
      message: 's1 applied entry 6 of term 2, s2 has applied another one, of term 2',
      hosts: ['s1', 's2'],
    });
    expect(cluster.raft(1)!.fsm).toContain(666);
  });

  test('a server applies what its log does not hold: seen as it does', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 10);
    kit.runToHalf(cluster);
    const { world } = cluster;
    cluster.at(world.now, () => world.note(1, RaftNote.applied, 6, 12345, 2));
    cluster.run(1000);
    expect(cluster.violations()).toMatchObject([
      { message: 's2 applies an entry 6 that its log does not hold', hosts: ['s2'] },
    ]);
  });

  test('what was applied changes afterwards: seen by the scan', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 10);
    kit.runToHalf(cluster);
    kit.replaceEntry(cluster, 2, 4);
    kit.runOverSecond(cluster);
    expect(kit.foundByScan(cluster.violations())).toHaveLength(1);
  });

  test('what was applied goes: seen by the scan', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 10);
    kit.runToHalf(cluster);
    cluster.durable(2).log.entries.length = 4;
    kit.runOverSecond(cluster);
    const [violation] = kit.foundByScan(cluster.violations());
    expect(violation!.message).toBe('s1 applied entry 5 of term 2, s3 has lost it');
  });
});

describe('kv.acknowledged-write-survives', () => {
  const NAME = 'kv.acknowledged-write-survives';

  test('holds when a leader is lost after acknowledgements', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 10);
    const { exercised } = cluster.summary(NAME);
    expect(exercised).toBe(10);
    cluster.crash(0);
    cluster.run(15 * SECOND);
    kit.expectHealthy(cluster, NAME);
    expect(cluster.summary(NAME).exercised).toBe(11);
  });

  test('an acknowledgement of what was never committed: seen at once', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 3);
    kit.runToHalf(cluster);
    const { acknowledged } = cluster.checks;
    acknowledged.acknowledge({ index: 4, digest: 5, process: 0 });
    acknowledged.acknowledge({ index: 400, digest: 5, process: 0 });
    const told = (index: number): string => `The write that s1 was told is at index ${index}`;
    expect(kit.foundByNote(cluster.violations()).map(({ message }) => message)).toEqual([
      `${told(4)} was not committed there: another entry is`,
      `${told(400)} was not committed there: nothing is`,
    ]);
  });

  test('the next leader does not hold acknowledged writes: seen at the election', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 10);
    cluster.crash(0);
    for (const server of [1, 2]) {
      kit.restartWith(cluster, server, () => void (cluster.durable(server).log.entries.length = 9));
    }
    const leader = kit.waitForLeader(cluster);
    const [violation] = kit.foundByNote(cluster.violations());
    expect(violation!.message).toMatch(
      new RegExp(`^s${leader + 1} leads term \\d+ without the write at index 10, .* and 2 more$`),
    );
  });

  test('the leader loses one in the middle of its log: seen by the scan', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 10);
    kit.runToHalf(cluster);
    expect((cluster.durable(0).log.entries[5]!.data as Command).digest).toBe(1004);
    kit.replaceEntry(cluster, 0, 6);
    kit.runOverSecond(cluster);
    const [violation] = kit.foundByScan(cluster.violations());
    expect(violation!.message).toMatch(/^s1 leads term 2 without the write at index 6, /);
  });
});
