import { describe, expect, test } from 'vitest';
import { CommittedLog } from '../../../sim/check/committed.ts';
import { labelOf } from '../../../sim/check/labels.ts';
import { INVARIANTS } from '../../../sim/check/registry.ts';
import { SCAN_ENTRIES_MAX, scanWindows } from '../../../sim/check/scan.ts';
import { Sightings } from '../../../sim/check/sightings.ts';
import { makeEntry } from '../../../sim/protocol/raft/durable.ts';
import { createLog } from '../../../sim/protocol/raft/log.ts';
import { EntryType } from '../../../sim/protocol/raft/types.ts';
import type { Entry, RaftDurable, RaftState } from '../../../sim/protocol/raft/types.ts';
import { INVARIANT_NAMES } from '../../../scenarios/vocabulary.ts';
import { checkedCluster } from '../../support/checked.ts';
import { raftCluster } from '../../support/cluster.ts';
import * as kit from './kit.ts';

const { SECOND } = kit;

describe('starved', () => {
  const names = INVARIANT_NAMES;

  test.each(names)('%s has no opportunity where one server of three runs', (name) => {
    const cluster = checkedCluster({ servers: 3, seed: 1, start: false, invariants: [name] });
    cluster.restart(0);
    cluster.run(20 * SECOND);
    expect(cluster.summary(name).exercised).toBe(0);
    expect(cluster.violations()).toEqual([]);
  });

  test('a steady cluster has nothing for those that need a change of leader', () => {
    const cluster = checkedCluster({ servers: 3, seed: 1, formed: 0 });
    cluster.run(SECOND);
    kit.writeValues(cluster, 10);
    const idle = cluster.checks
      .summaries()
      // Here is Raft alone: no clients that were told something, no agents, no services.
      .filter(({ name }) => name.startsWith('raft.'))
      .filter(({ exercised }) => exercised === 0);
    expect(idle.map(({ name }) => name)).toEqual([
      'raft.leader-completeness',
      'raft.term-monotonic',
      'raft.vote-once',
      'raft.change-in-own-term',
      'raft.one-serving-leader',
      'raft.vote-for-voter',
      'raft.leader-undisturbed',
      'raft.verified-leader',
      'raft.transfer-quiet',
      'raft.backoff-ends',
      'raft.leader-can-store',
      'raft.snapshot-monotonic',
    ]);
  });
});

describe('all invariants together', () => {
  test('are registered under their own names', () => {
    for (const name of INVARIANT_NAMES) expect(INVARIANTS[name].name).toBe(name);
  });

  test('look and never touch', () => {
    const run = (cluster: ReturnType<typeof raftCluster>): string => {
      cluster.run(5 * SECOND);
      cluster.crash(1);
      cluster.run(5 * SECOND);
      cluster.propose(Math.max(cluster.leader(), 0), 5);
      cluster.run(5 * SECOND);
      return cluster.world.fingerprint.hex();
    };
    expect(run(checkedCluster({ servers: 3, seed: 5 }))).toBe(
      run(raftCluster({ servers: 3, seed: 5 })),
    );
  });

  test('say the same after a restore, whatever happened in between', () => {
    const cluster = checkedCluster({ servers: 3, seed: 2, formed: 0 });
    cluster.run(SECOND);
    kit.writeValues(cluster, 10);
    kit.runToHalf(cluster);
    cluster.durable(1).currentTerm = 1;
    cluster.run(SECOND);
    expect(cluster.violations()).toHaveLength(1);
    const saved = cluster.world.save();
    const kept = cluster.checks.save();
    const finish = (): string => {
      cluster.crash(0);
      cluster.run(1000);
      kit.waitForLeader(cluster);
      kit.writeValues(cluster, 5);
      kit.runToHalf(cluster);
      kit.replaceEntry(cluster, cluster.leader(), 6);
      cluster.run(2 * SECOND);
      cluster.checks.judgeEventual();
      return JSON.stringify([cluster.checks.summaries(), cluster.violations()]);
    };
    const first = finish();
    expect(cluster.violations().length).toBeGreaterThan(3);
    const later = cluster.world.save();
    cluster.world.restore(saved);
    expect(JSON.stringify(cluster.checks.save())).toBe(JSON.stringify(kept));
    cluster.run(3 * SECOND);
    cluster.world.restore(saved);
    expect(cluster.violations()).toHaveLength(1);
    expect(finish()).toBe(first);
    cluster.world.restore(later);
    expect(JSON.stringify([cluster.checks.summaries(), cluster.violations()])).toBe(first);
  });

  test('do not mix up the branches of a fork', () => {
    const cluster = checkedCluster({ servers: 5, seed: 2, formed: 0 });
    cluster.run(SECOND);
    cluster.crash(0);
    cluster.run(1000);
    const saved = cluster.world.save();
    const first = kit.waitForLeader(cluster);
    const { term } = cluster.raft(first)!;
    cluster.world.restore(saved);
    cluster.crash(first);
    cluster.run(1000);
    const second = kit.waitForLeader(cluster);
    expect(second).not.toBe(first);
    expect(cluster.raft(second)!.term).toBe(term);
    expect(cluster.violations()).toEqual([]);
  });

  test('repeat nothing, and stop after a hundred', () => {
    const cluster = kit.formedCluster('kv.acknowledged-write-survives');
    kit.runToHalf(cluster);
    const { acknowledged } = cluster.checks;
    for (let index = 1000; index < 1200; index++) {
      for (let twice = 0; twice < 2; twice++)
        acknowledged.acknowledge({ index, digest: 1, process: 0 });
    }
    expect(cluster.violations()).toHaveLength(100);
    expect(cluster.violations()[99]!.message).toContain('1099');
  });
});

describe('the committed log', () => {
  test('knows what was committed before a term', () => {
    const entries: Entry[] = [];
    const state = { commitIndex: 0, term: 0 };
    const committed = new CommittedLog({
      book: { first: () => undefined },
      durable: () => ({ log: createLog(entries) }) as RaftDurable,
    });
    const commit = (commitIndex: number, term: number): void => {
      while (entries.length < commitIndex) {
        entries.push(makeEntry(0, entries.length + 1, term, EntryType.noop, null));
      }
      Object.assign(state, { commitIndex, term });
      committed.onCommitted(0, state as RaftState);
    };
    commit(2, 3);
    commit(4, 3);
    commit(5, 6);
    // A follower that learns later, in a higher term, changes nothing.
    commit(3, 9);
    expect(committed.log.lastIndex).toBe(5);
    expect([2, 3, 4, 6, 7, 9].map((term) => committed.lastBefore(term))).toEqual([
      0, 0, 4, 4, 5, 5,
    ]);
  });
});

describe('sightings', () => {
  test('are told apart by index and term, and survive a restore', () => {
    const sightings = new Sightings();
    const seen = [3, 5, 9].map((term, server) => {
      const entry = makeEntry(term, 8, term, EntryType.noop, null);
      return { entry, before: term, server };
    });
    for (const sighting of seen) sightings.add(7, sighting);
    const saved = sightings.save();
    sightings.add(7, { ...seen[0]!, entry: makeEntry(1, 8, 11, EntryType.noop, null) });
    expect(sightings.find(7, 11)).toBeDefined();
    sightings.restore(saved);
    expect([3, 5, 9, 11].map((term) => sightings.find(7, term))).toEqual([...seen, undefined]);
    expect(sightings.find(6, 3)).toBeUndefined();
    expect(sightings.seenBy(7, seen[0]!.entry, 3)).toBe(0);
    expect(sightings.seenBy(7, seen[0]!.entry, 4)).toBe(-1);
  });
});

describe('labels', () => {
  test('an open bug explains what it can bring about, once its mark is set', () => {
    const marks = new Map([['B5', 100]]);
    const known = { status: 'known', reference: 'raft#661' };
    expect(labelOf('raft.leader-completeness', marks, 100)).toEqual(known);
    expect(labelOf('raft.leader-completeness', marks, 99).status).toBe('violation');
    expect(labelOf('raft.election-safety', marks, 200).status).toBe('violation');
  });

  test('a plant explains nothing', () => {
    const marks = new Map([['B4', 1]]);
    expect(labelOf('raft.election-safety', marks, 2)).toEqual({
      status: 'violation',
      reference: '',
    });
  });

  test('a violation in a world with the mark carries its label', () => {
    const cluster = kit.formedCluster('raft.term-monotonic');
    kit.runToHalf(cluster);
    cluster.world.mark('B1');
    cluster.durable(1).currentTerm = 1;
    kit.runOverSecond(cluster);
    expect(cluster.violations()).toMatchObject([{ status: 'known', reference: 'raft#695' }]);
  });
});

describe('the scan', () => {
  test('covers a short log every second', () => {
    expect(scanWindows(500, 7 * SECOND)[0]).toEqual({ from: 0, to: 500 });
  });

  test('covers a long log in turns, its end every second', () => {
    const length = 3 * SCAN_ENTRIES_MAX + 17;
    const seen = new Uint8Array(length);
    for (let second = 1; second <= 6; second++) {
      const [newest, turn] = scanWindows(length, second * SECOND);
      expect(newest.to).toBe(length);
      for (const { from, to } of [newest, turn]) seen.fill(1, from, to);
      expect(turn.to - turn.from + newest.to - newest.from).toBeLessThanOrEqual(SCAN_ENTRIES_MAX);
    }
    expect(seen.indexOf(0)).toBe(-1);
  });
});
