/** Pings on behalf of others, and when their nacks come. */
import { describe, expect, test } from 'vitest';
import { PAPER } from '../../../sim/protocol/gossip/config.ts';
import { GossipNote } from '../../../sim/protocol/gossip/vocabulary.ts';
import * as Kind from '../../../sim/protocol/gossip/vocabulary.ts';
import { gossipPool } from '../../support/gossip-pool.ts';
import { ref } from '../../support/reference.ts';
import { Alone, MS, SECOND } from './kit.ts';

/** The member is asked by a7 to ping a3. */
function relaying(options: ConstructorParameters<typeof Alone>[0] = {}): Alone {
  const alone = new Alone(options);
  alone.receive(Kind.PING_REQUEST, 7, [], { stamp: 99, target: 3, address: 3 });
  return alone;
}

/** Sequence number of the ping that it sent. */
const own = (alone: Alone): number => Number(alone.sent(Kind.PING)[0]!.body) >>> 8;

describe('a relay', () => {
  test(ref('gossip 1.5 #11', 'pings with a number of its own and passes the ack on'), () => {
    const alone = relaying();
    expect(alone.sent(Kind.PING)).toMatchObject([{ to: 3 }]);
    expect(own(alone)).not.toBe(99);
    alone.ack(3, own(alone));
    expect(alone.sent(Kind.ACK)).toEqual([{ input: Kind.ACK, to: 7, body: (99 << 8) | 20 }]);
    expect(alone.recording.due(Kind.NACK_TIMER)).toBeUndefined();
  });

  test(ref('gossip 1.5 #12', 'says so when it has waited for the timeout, and then stops'), () => {
    const alone = relaying();
    expect(alone.recording.due(Kind.NACK_TIMER)).toBe(alone.now + 500 * MS);
    alone.recording.fire(Kind.NACK_TIMER);
    expect(alone.sent(Kind.NACK)).toEqual([{ input: Kind.NACK, to: 7, body: (99 << 8) | 11 }]);
    alone.ack(3, own(alone));
    expect(alone.sent(Kind.ACK)).toEqual([]);
    expect(alone.view(3)).toBe('alive 1');
  });

  test(ref('gossip 1.5 #11', 'keeps several apart'), () => {
    const alone = relaying();
    alone.receive(Kind.PING_REQUEST, 8, [], { stamp: 44, target: 4, address: 4 });
    const [first, second] = alone.sent(Kind.PING).map(({ body }) => Number(body) >>> 8);
    alone.ack(4, second);
    alone.ack(3, first);
    expect(alone.sent(Kind.ACK).map(({ to, body }) => [to, Number(body) >>> 8])).toEqual([
      [8, 44],
      [7, 99],
    ]);
  });

  test(ref('gossip 1.16 #1', 'in the paper nacks after 80 % of the timeout'), () => {
    const alone = relaying({ config: { lifeguard: PAPER } });
    expect(alone.recording.due(Kind.NACK_TIMER)).toBe(alone.now + 400 * MS);
  });

  test(ref('gossip 1.16 #2', 'in the paper passes on an ack after its nack too'), () => {
    const alone = relaying({ config: { lifeguard: PAPER } });
    alone.recording.fire(Kind.NACK_TIMER);
    alone.recording.now += 300 * MS;
    alone.ack(3, own(alone));
    expect(alone.sent(Kind.NACK)).toHaveLength(1);
    expect(alone.sent(Kind.ACK)).toHaveLength(1);
  });

  test(ref('gossip 1.16 #7', 'in the paper tells a suspect what it is suspected of'), () => {
    for (const lifeguard of [PAPER, new Alone().member.config.lifeguard]) {
      const alone = new Alone({ config: { lifeguard } });
      alone.bring(3, 'suspect 1');
      alone.receive(Kind.PING_REQUEST, 7, [], { stamp: 99, target: 3, address: 3 });
      const { body } = alone.sent(Kind.PING)[0]!;
      expect(typeof body === 'number').toBe(lifeguard !== PAPER);
    }
  });
});

describe('nacks and health', () => {
  /** Health of the first that misses a crashed member, right after its probe has failed. */
  const after = (G1: boolean): number => {
    const { bugs } = new Alone().member.config;
    const pool = gossipPool({ members: 8, config: { bugs: { ...bugs, G1 } } });
    const failures = pool.notes(GossipNote.probeFailed);
    pool.run(2 * SECOND);
    pool.crash(3);
    pool.run(5 * SECOND);
    const { b: expected, c: received } = failures[0]!;
    return expected - received;
  };

  test(ref('gossip 6 #1', 'the nacks come too late for the first failed probe'), () => {
    expect(after(true)).toBe(3);
  });

  test(ref('gossip 6 #1', 'with its fix they come in time'), () => {
    expect(after(false)).toBe(0);
  });
});
