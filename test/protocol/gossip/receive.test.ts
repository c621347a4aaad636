/** What becomes of a datagram: answers at once, the rest through two bounded lists. */
import { describe, expect, test } from 'vitest';
import { Coordinates } from '../../../sim/protocol/coordinate/coordinates.ts';
import { coordinateOf, datagramBytes, sequenceOf } from '../../../sim/protocol/gossip/packets.ts';
import * as Kind from '../../../sim/protocol/gossip/vocabulary.ts';
import { randomly } from '../../paper/coordinates.ts';
import { ref } from '../../support/reference.ts';
import { Alone, messageOf } from './kit.ts';

describe('a ping', () => {
  test(ref('gossip 1.5 #14', 'is answered, even to the unknown and the dead'), () => {
    const alone = new Alone({ unknown: [4] });
    alone.bring(5, 'dead 1');
    for (const from of [4, 5]) alone.recording.deliver(Kind.PING, from, (77 << 8) | 63);
    expect(alone.sent(Kind.ACK).map(({ to, body }) => [to, Number(body) >>> 8])).toEqual([
      [4, 77],
      [5, 77],
    ]);
  });

  test(ref('gossip 1.5 #14', 'for somebody else is not answered'), () => {
    const alone = new Alone();
    alone.receive(Kind.PING, 5, [], { target: 3 });
    expect(alone.sent()).toEqual([]);
    alone.receive(Kind.PING, 5, [], { target: 0 });
    expect(alone.sent(Kind.ACK)).toHaveLength(1);
  });

  test(ref('gossip 1.5 #14', 'over TCP likewise'), () => {
    const alone = new Alone();
    expect(alone.recording.answerOf(alone.recording.ask(Kind.STREAM_PING, 3, 0))).toBe(null);
    expect(alone.recording.answerOf(alone.recording.ask(Kind.STREAM_PING, 3, 4))).toBeUndefined();
  });

  test(ref('gossip 1.15 #1', 'is answered before the news beside it are looked at'), () => {
    const alone = new Alone();
    alone.receive(Kind.PING, 5, [messageOf('suspect 1', 0), 5], { stamp: 8 });
    expect(alone.sent(Kind.ACK)[0]!.body).toBe((8 << 8) | 20);
    expect(alone.view(0)).toBe('alive 2');
  });

  test(ref('gossip 1.5 #15', 'is answered with the own coordinate'), () => {
    const coordinates = new Coordinates(10);
    const alone = new Alone({ coordinates });
    alone.recording.deliver(Kind.PING, 4, (1 << 8) | 63);
    coordinates.observe(0, 4, 4, 0, 500, randomly());
    alone.recording.deliver(Kind.PING, 4, (2 << 8) | 63);
    const acks = alone.sent(Kind.ACK).map(({ body }) => [sequenceOf(body), coordinateOf(body)]);
    expect(acks).toEqual([
      [1, 0],
      [2, 1],
    ]);
    expect(alone.sent(Kind.ACK).map(({ body }) => datagramBytes(body))).toEqual([152, 152]);
  });
});

describe('the worker', () => {
  const words = (...texts: string[]): number[] =>
    texts.flatMap((text) => {
      const [type, incarnation, node] = text.split(' ');
      return [messageOf(`${type} ${incarnation}`, Number(node)), type === 'alive' ? 0 : 9];
    });

  test(ref('gossip 1.15 #2', 'takes alives first, and the newest of each kind first'), () => {
    const alone = new Alone();
    alone.receive(Kind.GOSSIP, 1, words('suspect 1 2', 'alive 2 3', 'suspect 1 4', 'alive 2 5'));
    expect(alone.notes().filter((note) => note.startsWith('suspected'))).toEqual([
      'suspected 4 1 9',
      'suspected 2 1 9',
    ]);
    // Alives of the same length: the one handled last is the newest in the queue.
    expect(alone.queue().filter((text) => text.startsWith('alive'))).toEqual([
      'alive 2 of 3',
      'alive 2 of 5',
    ]);
  });

  test(ref('gossip 1.15 #2', 'so an alive undoes a suspicion that came before it'), () => {
    const alone = new Alone();
    alone.receive(Kind.GOSSIP, 1, words('suspect 1 2', 'alive 2 2'));
    expect(alone.view(2)).toBe('alive 2');
    expect(alone.notes()).toEqual([]);
  });

  test(ref('gossip 1.15 #3', 'does not see what found its list full'), () => {
    const alone = new Alone({ config: { handoffQueueDepth: 2 } });
    alone.member.ordinary.push(...words('suspect 1 2'));
    alone.receive(Kind.GOSSIP, 1, words('suspect 1 3', 'suspect 1 4', 'alive 2 5', 'alive 2 6'));
    expect(alone.notes().filter((note) => note.startsWith('dropped'))).toEqual(['dropped 1 0 0']);
    expect([2, 3, 4].map((node) => alone.view(node))).toEqual([
      'suspect 1',
      'suspect 1',
      'alive 1',
    ]);
    expect([5, 6].map((node) => alone.view(node))).toEqual(['alive 2', 'alive 2']);
  });
});
