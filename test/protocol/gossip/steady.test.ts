/** The quiet pool's traffic, against what follows from the intervals and the layouts of messages. */
import { describe, expect, test } from 'vitest';
import { GossipNote } from '../../../sim/protocol/gossip/vocabulary.ts';
import { gossipPool } from '../../support/gossip-pool.ts';
import { ref } from '../../support/reference.ts';
import { SECOND } from './kit.ts';

/** Mean length of the names a1..aN. */
function nameBytes(members: number): number {
  const lengths = Array.from({ length: members }, (_, at) => `a${at + 1}`.length);
  return lengths.reduce((sum, one) => sum + one, 0) / members;
}

describe('a quiet pool', () => {
  test.each([
    [20, 30, false],
    [100, 90, false],
    [100, 90, true],
  ])('of %i members, an exchange each %i s, coordinates: %s', (members, period, coordinates) => {
    const pool = gossipPool({ members, coordinates });
    const merges = pool.notes(GossipNote.merged);
    const seconds = 400;
    pool.run(seconds * SECOND);
    const perSecond = (count: number): number => count / members / seconds;
    const { messageCounts, messageBytes } = pool.world;
    const name = nameBytes(members);
    const within = (found: number, expected: number): void => {
      expect(Math.abs(found / expected - 1)).toBeLessThan(0.02);
    };
    // One ping and one ack each second.
    within(perSecond(messageCounts[1]!), 2);
    within(perSecond(messageBytes[1]!), 59 + 2 * name + 20 + (coordinates ? 132 : 0));
    expect(messageCounts[2]).toBe(0);
    // Both sides note an exchange: one begun by each member in each period.
    within(perSecond(merges.length) * period, 2);
    within(messageBytes[3]! / messageCounts[3]!, 31 + members * (64 + name + 118));
  });

  test(ref('gossip 5.6 #1', 'has the same traffic for each member, however many there are'), () => {
    const rate = (members: number): number => {
      const pool = gossipPool({ members });
      pool.run(100 * SECOND);
      return pool.world.messageCounts[1]! / members / 100;
    };
    expect(rate(200) / rate(20)).toBeCloseTo(1, 2);
  });
});
