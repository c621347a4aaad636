/** Bytes of messages and packets, and the budget that a packet has for broadcasts. */
import { describe, expect, test } from 'vitest';
import { datagramBytes } from '../../../sim/protocol/gossip/packets.ts';
import type { Packet } from '../../../sim/protocol/gossip/packets.ts';
import type { Snapshot } from '../../../sim/protocol/gossip/push-pull.ts';
import * as Sizes from '../../../sim/protocol/gossip/sizes.ts';
import * as Kind from '../../../sim/protocol/gossip/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { Alone } from './kit.ts';
import type { AloneOptions } from './kit.ts';

test(ref('gossip 1.11 #1', 'messages with names of twelve letters'), () => {
  const found = [
    Sizes.pingBytes(12, 12),
    Sizes.pingRequestBytes(12, 12),
    Sizes.ackBytes(132),
    Sizes.ackBytes(0),
    Sizes.NACK_BYTES,
    Sizes.accusationBytes(12, 12),
    Sizes.aliveBytes(12, 118),
    Sizes.aliveBytes(12, 213),
    Sizes.recordBytes(12, 118),
    Sizes.recordBytes(12, 213),
  ];
  expect(found).toEqual([83, 109, 152, 20, 11, 51, 188, 283, 194, 289]);
});

/** A pool in which many are suspected, so that the queue is long. */
function busy(options: AloneOptions = {}, suspects = 60): Alone {
  const alone = new Alone({ members: 100, ...options });
  for (let node = 1; node <= suspects; node++) alone.hear('suspect 1', node, 99);
  alone.recording.effects.length = 0;
  return alone;
}

/** An accusation by a99 of a10 to a60: two letters more than the least. */
const ACCUSATION = Sizes.accusationBytes(3, 3);

describe('a packet', () => {
  test(ref('gossip 1.11 #2', 'of gossip has 1 400 bytes less the header of a compound'), () => {
    const alone = busy();
    alone.recording.fire(Kind.GOSSIP_TICK);
    alone.recording.fire(Kind.GOSSIP_TURN);
    const [first] = alone.sent(Kind.GOSSIP);
    const parts = Math.floor(1398 / (ACCUSATION + 2));
    expect((first!.body as Packet).messages.length).toBe(2 * parts);
    expect(datagramBytes(first!.body)).toBe(2 + parts * (ACCUSATION + 2) + 5);
  });

  test(ref('gossip 1.11 #2', 'of one message is bare'), () => {
    const alone = busy({}, 1);
    alone.recording.fire(Kind.GOSSIP_TICK);
    alone.recording.fire(Kind.GOSSIP_TURN);
    expect(datagramBytes(alone.sent(Kind.GOSSIP)[0]!.body)).toBe(27 + 2 + 3 + 5);
  });

  test(ref('gossip 1.11 #3', 'of a ping has what the ping leaves'), () => {
    const alone = busy();
    alone.probe(70);
    const body = alone.sent(Kind.PING)[0]!.body as Packet;
    const ping = Sizes.pingBytes(3, 2);
    const parts = Math.floor((1400 - ping - 2) / (ACCUSATION + 2));
    expect(body.messages.length).toBe(2 * parts);
    expect(body.bytes).toBe(2 + 2 + ping + parts * (ACCUSATION + 2));
  });

  test(
    ref('gossip 1.11 #4', 'that is encrypted is 29 bytes longer and has as much less room'),
    () => {
      const alone = busy({ config: { encrypted: true } });
      alone.recording.fire(Kind.GOSSIP_TICK);
      alone.recording.fire(Kind.GOSSIP_TURN);
      const parts = Math.floor(1369 / (ACCUSATION + 2));
      const body = alone.sent(Kind.GOSSIP)[0]!.body as Packet;
      expect(body.bytes).toBe(2 + parts * (ACCUSATION + 2) + 5 + 29);
      const quiet = new Alone({ config: { encrypted: true } });
      quiet.probe(3);
      expect(datagramBytes(quiet.sent(Kind.PING)[0]!.body)).toBe(Sizes.pingBytes(2, 2) + 29);
    },
  );

  test(ref('gossip 1.11 #5', 'holds 255 parts at most'), () => {
    const config = { packetBytes: 40_000 };
    const alone = new Alone({ members: 400, config });
    for (let node = 1; node <= 300; node++) alone.hear('suspect 1', node, 399);
    alone.recording.effects.length = 0;
    alone.recording.fire(Kind.GOSSIP_TICK);
    alone.recording.fire(Kind.GOSSIP_TURN);
    const parts = alone.sent(Kind.GOSSIP).map(({ body }) => (body as Packet).messages.length / 2);
    expect(parts.slice(0, 2)).toEqual([255, 45]);
  });
});

test(ref('gossip 1.11 #6', 'an exchange tells of everybody that is known, the dead too'), () => {
  const alone = new Alone({ members: 10, unknown: [9] });
  alone.hear('dead 1', 3);
  const exchange = alone.recording.ask(Kind.PUSH_PULL, 1, {
    member: 1,
    join: false,
    bytes: 0,
    defaults: alone.pool.views.defaults,
    entries: [],
    version: 0,
  } satisfies Snapshot);
  const { bytes } = alone.recording.answerOf(exchange) as Snapshot;
  expect(bytes).toBe(31 + 9 * Sizes.recordBytes(2, 100));
});
