/** Full exchanges, joins, leaves, updates, and what becomes of the dead. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import type { Snapshot } from '../../../sim/protocol/gossip/push-pull.ts';
import { GossipNote } from '../../../sim/protocol/gossip/vocabulary.ts';
import * as Kind from '../../../sim/protocol/gossip/vocabulary.ts';
import { gossipPool } from '../../support/gossip-pool.ts';
import { ref } from '../../support/reference.ts';
import { Alone, SECOND } from './kit.ts';

describe('an exchange', () => {
  test(ref('gossip 1.12 #1', 'is with one living member, who answers before merging'), () => {
    const alone = new Alone();
    alone.bring(4, 'dead 1');
    const entries = [4, (2 << 3) | 1, 0];
    const { defaults } = alone.pool.views;
    const theirs = { member: 7, join: false, bytes: 1, defaults, entries, version: 0 };
    const exchange = alone.recording.ask(Kind.PUSH_PULL, 7, theirs);
    const ours = alone.recording.answerOf(exchange) as Snapshot;
    expect(ours.entries).toEqual([4, (1 << 3) | 4, 0]);
    expect(alone.view(4)).toBe('alive 2');
    alone.recording.fire(Kind.PUSH_PULL_TIMER);
    const [call] = alone.recording.waits('call');
    expect(call).toMatchObject({ input: Kind.PUSH_PULL, timeoutMicros: 10 * SECOND });
    expect(call!.to).not.toBe(0);
  });

  test(ref('gossip 1.12 #2', 'comes a whole period after the one before has ended'), () => {
    const alone = new Alone({ members: 50 });
    alone.recording.fire(Kind.PUSH_PULL_TIMER);
    const [call] = alone.recording.waits('call');
    alone.recording.now += 3 * SECOND;
    alone.recording.answer(call!, undefined, ErrorCause.timeout);
    expect(alone.recording.due(Kind.PUSH_PULL_TIMER)).toBe(alone.now + 60 * SECOND);
    expect(alone.notes()).toEqual([`mergeFailed ${call!.to} ${ErrorCause.timeout} 0`]);
    alone.member.listed = 100;
    alone.recording.fire(Kind.PUSH_PULL_TIMER);
    alone.recording.answer(alone.recording.waits('call')[0]!, undefined, ErrorCause.timeout);
    expect(alone.recording.due(Kind.PUSH_PULL_TIMER)).toBe(alone.now + 90 * SECOND);
  });

  test(ref('gossip 1.3 #10', 'first waits for a random part of the interval besides'), () => {
    const alone = new Alone({ formed: false });
    expect(alone.recording.due(Kind.PUSH_PULL_TIMER)).toBe(alone.now + 30 * SECOND);
    alone.recording.crash();
    alone.recording.script('push-pull', 0.5);
    alone.recording.start();
    expect(alone.recording.due(Kind.PUSH_PULL_TIMER)).toBe(alone.now + 45 * SECOND);
  });

  test(ref('gossip 1.12 #3', 'of a join may be refused as a whole'), () => {
    const alone = new Alone({ unknown: [4], delegate: { allowsMerge: () => false } });
    const entries = [4, (2 << 3) | 1, 0];
    const { defaults } = alone.pool.views;
    for (const join of [true, false]) {
      const theirs = { member: 7, join, bytes: 1, defaults, entries, version: 0 };
      alone.recording.ask(Kind.PUSH_PULL, 7, theirs);
      expect(alone.view(4)).toBe(join ? 'unknown' : 'alive 2');
    }
  });

  test(ref('gossip 1.12 #4', 'is told on by gossip like any other news'), () => {
    const alone = new Alone({ unknown: [4] });
    const { defaults } = alone.pool.views;
    const entries = [4, (2 << 3) | 1, 0];
    const theirs = { member: 7, join: false, bytes: 1, defaults, entries, version: 0 };
    alone.recording.ask(Kind.PUSH_PULL, 7, theirs);
    expect(alone.queue()).toEqual(['alive 2 of 4']);
  });
});

describe('a join', () => {
  test(ref('gossip 1.13 #1', 'a new member knows itself, at incarnation 1'), () => {
    const alone = new Alone({ formed: false });
    expect(alone.view(0)).toBe('alive 1');
    expect(alone.view(1)).toBe('unknown');
    expect(alone.member.listed).toBe(1);
    expect(alone.queue()).toEqual(['alive 1 of 0']);
  });

  test(ref('gossip 1.13 #2', 'asks each of the list in turn, also after a failure'), () => {
    const alone = new Alone({ formed: false, join: [3, 0, 5] });
    const asked: number[] = [];
    for (const error of [ErrorCause.dialTimeout, ErrorCause.refused]) {
      const [call] = alone.recording.waits('call');
      expect((call!.body as Snapshot).join).toBe(true);
      asked.push(call!.to);
      alone.recording.answer(call!, undefined, error);
    }
    expect(asked).toEqual([3, 5]);
    expect(alone.notes()).toContain('joinEnded 0 3 0');
    expect(alone.recording.due(Kind.JOIN_RETRY)).toBe(alone.now + 30 * SECOND);
  });

  test(ref('gossip 1.13 #2', 'a pool comes together'), () => {
    const pool = gossipPool({ members: 30, formed: false, join: [0, 1] });
    pool.run(10 * SECOND);
    for (let node = 0; node < 30; node++) expect(pool.views(node)).toEqual(['alive 1']);
    for (let member = 0; member < 30; member++) expect(pool.member(member).listed).toBe(30);
  });

  test(ref('gossip 1.7 #17', 'one that comes back jumps above what is said of it'), () => {
    const pool = gossipPool({ members: 10 });
    pool.run(2 * SECOND);
    pool.crash(4);
    pool.run(20 * SECOND);
    expect(pool.views(4)).toEqual(['dead 1']);
    pool.restart(4);
    pool.run(10 * SECOND);
    expect(pool.views(4)).toEqual(['alive 2']);
    for (let node = 0; node < 10; node++) expect(pool.view(4, node)).toMatch(/^alive/);
  });
});

describe('a leave', () => {
  test(ref('gossip 1.13 #3', 'waits until its broadcast has been sent often enough'), () => {
    const pool = gossipPool({ members: 10 });
    const ended = pool.notes(GossipNote.broadcastEnded);
    pool.run(SECOND);
    pool.tell(4, Kind.LEAVE, 5 * SECOND);
    pool.run(5 * SECOND);
    expect(ended.map(({ member, a }) => [member, a])).toEqual([[4, 1]]);
    expect(pool.views(4)).toEqual(['left 1']);
    const before = pool.world.messageCounts[1]!;
    pool.run(3 * SECOND);
    expect(pool.member(4).probe.sequence).toBeGreaterThan(5);
    expect(pool.world.messageCounts[1]).toBeGreaterThan(before);
  });

  test(ref('gossip 1.13 #3', 'gives up waiting in time, and does not wait alone'), () => {
    const pool = gossipPool({ members: 3, config: { gossipNodes: 0, probeIntervalMicros: 0 } });
    const ended = pool.notes(GossipNote.broadcastEnded);
    pool.tell(1, Kind.LEAVE, 5 * SECOND);
    pool.run(6 * SECOND);
    expect(ended.map(({ time, a }) => [time, a])).toEqual([[5 * SECOND, 0]]);
    const alone = new Alone({ formed: false });
    alone.recording.deliver(Kind.LEAVE, 5 * SECOND, null);
    expect(alone.recording.due(Kind.BROADCAST_TIMEOUT)).toBeUndefined();
  });
});

describe('an update', () => {
  test(ref('gossip 1.13 #4', 'raises the incarnation, and everybody learns the new tags'), () => {
    const pool = gossipPool({ members: 10 });
    const updated = pool.notes(GossipNote.updated);
    pool.tell(4, Kind.UPDATE, 5 * SECOND);
    pool.run(5 * SECOND);
    expect(pool.views(4)).toEqual(['alive 2']);
    expect(updated.map(({ member }) => member).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test(ref('gossip 1.7 #11', 'who missed the tags learns them with a later incarnation'), () => {
    const alone = new Alone();
    alone.pool.changeTags(3, 2);
    alone.hear('suspect 2', 3);
    alone.hear('alive 3', 3);
    expect(alone.notes()).toContain('updated 3 3 0');
  });
});

describe('the dead', () => {
  const passed = (state: string, seconds: number, bugs = {}): string => {
    const known = new Alone().member.config.bugs;
    const alone = new Alone({ config: { bugs: { ...known, ...bugs } } });
    alone.bring(4, state);
    alone.recording.now += seconds * SECOND;
    alone.member.cursor = 99;
    alone.recording.fire(Kind.PROBE_TICK);
    return alone.view(4);
  };

  test(ref('gossip 1.14 #1', 'are kept for 30 s, and purged at the end of a pass'), () => {
    expect(passed('dead 1', 29)).toBe('dead 1');
    expect(passed('dead 1', 31)).toBe('unknown');
    expect(passed('left 1', 31)).toBe('unknown');
    expect(passed('suspect 1', 31)).toBe('suspect 1');
  });

  test(ref('gossip 6 #3', 'planted: who left is kept for ever'), () => {
    expect(passed('left 1', 31, { G3: true })).toBe('left 1');
    expect(passed('dead 1', 31, { G3: true })).toBe('unknown');
  });

  test(ref('gossip 1.14 #2', 'once purged are unknown: any alive makes them anew'), () => {
    const alone = new Alone();
    alone.bring(4, 'dead 7');
    alone.recording.now += 31 * SECOND;
    alone.member.cursor = 99;
    alone.recording.fire(Kind.PROBE_TICK);
    expect(alone.member.listed).toBe(9);
    alone.hear('suspect 9', 4);
    alone.hear('dead 9', 4);
    expect(alone.view(4)).toBe('unknown');
    alone.hear('alive 1', 4);
    expect(alone.view(4)).toBe('alive 1');
    expect(alone.member.listed).toBe(10);
  });

  test(ref('gossip 6 #7', 'two halves that have purged each other never find together'), () => {
    const pool = gossipPool({ members: 8, config: { gossipToTheDeadMicros: 5 * SECOND } });
    const heal = pool.cut([0, 1, 2, 3]);
    pool.run(180 * SECOND);
    heal();
    pool.run(300 * SECOND);
    expect(pool.view(0, 5)).toBe('unknown');
    expect(pool.view(5, 0)).toBe('unknown');
    expect(pool.view(0, 1)).toMatch(/^alive/);
  });
});
