/** One probe step by step, and when probes begin. The member is a0; its interval is a second. */
import { describe, expect, test, vi } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { Coordinates } from '../../../sim/protocol/coordinate/coordinates.ts';
import { PAPER } from '../../../sim/protocol/gossip/config.ts';
import { ackStamp } from '../../../sim/protocol/gossip/packets.ts';
import * as Kind from '../../../sim/protocol/gossip/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { Alone, MS, SECOND, messageOf } from './kit.ts';

/** A member whose probe of node 3 has just begun. */
function probing(options: ConstructorParameters<typeof Alone>[0] = {}): Alone {
  const alone = new Alone(options);
  alone.probe(3);
  return alone;
}

/** The same, when the direct ping has had its time. */
function asking(options: ConstructorParameters<typeof Alone>[0] = {}): Alone {
  const alone = probing(options);
  alone.recording.script('relays', 0.45, 0.55, 0.65);
  alone.recording.fire(Kind.PROBE_TIMEOUT);
  return alone;
}

const GIVE_UP = Kind.PROBE_DEADLINE;

describe('the direct stage', () => {
  test(ref('gossip 1.5 #1', 'sends one ping, with its own sequence number'), () => {
    const alone = probing();
    expect(alone.sent()).toEqual([
      { input: Kind.PING, to: 3, body: (alone.sequence << 8) | (59 + 2 + 2) },
    ]);
    alone.ack(3);
    const before = alone.sequence;
    alone.probe(4);
    expect(alone.sequence).toBe(before + 1);
  });

  test(ref('gossip 1.5 #3', 'an ack in time ends it, and is a round trip'), () => {
    const coordinates = new Coordinates(10);
    const observe = vi.spyOn(coordinates, 'observe');
    const alone = probing({ coordinates });
    alone.recording.now += 700;
    alone.recording.deliver(Kind.ACK, 3, (ackStamp(alone.sequence, 2) << 8) | 152);
    expect(observe.mock.calls.map((call) => call.slice(0, 5))).toEqual([[0, 3, 3, 2, 700]]);
    expect(coordinates.distance(0, 3)).toBeGreaterThan(0);
    expect(alone.recording.due(Kind.PROBE_TIMEOUT)).toBeUndefined();
    expect(alone.recording.due(GIVE_UP)).toBeUndefined();
    expect(alone.view(3)).toBe('alive 1');
  });

  test(ref('gossip 1.5 #4', 'a suspect is told of the suspicion, and of nothing else'), () => {
    const alone = new Alone();
    alone.bring(3, 'suspect 1');
    alone.hear('suspect 1', 8);
    alone.probe(3);
    expect(alone.packet(Kind.PING).messages).toEqual([messageOf('suspect 1', 3), 0]);
    expect(alone.queue()).toHaveLength(1);
  });

  test(ref('gossip 1.5 #5', 'other pings carry what is queued'), () => {
    const alone = new Alone();
    alone.hear('suspect 1', 8);
    alone.probe(3);
    expect(alone.packet(Kind.PING).messages).toHaveLength(2);
  });

  test(ref('gossip 1.5 #6', 'ends after the timeout, whatever the health score'), () => {
    const alone = new Alone();
    alone.member.health = 5;
    alone.probe(3);
    expect(alone.recording.due(Kind.PROBE_TIMEOUT)).toBe(alone.now + 500 * MS);
  });
});

describe('the indirect stage', () => {
  test(ref('gossip 1.5 #7', 'asks three living others and TCP at once'), () => {
    const alone = asking();
    const requests = alone.sent(Kind.PING_REQUEST);
    expect(requests).toHaveLength(3);
    for (const { to, body } of requests) {
      expect([0, 3]).not.toContain(to);
      expect(body).toMatchObject({ stamp: alone.sequence, target: 3, address: 3, bytes: 89 });
    }
    expect(new Set(requests.map(({ to }) => to)).size).toBe(3);
    expect(alone.recording.of('request')).toMatchObject([
      { to: 3, input: Kind.STREAM_PING, timeoutMicros: 500 * MS, answer: Kind.STREAM_ACK },
    ]);
    expect(alone.recording.due(GIVE_UP)).toBe(alone.now + 500 * MS);
  });

  test(ref('gossip 1.5 #7', 'asks nobody who is suspect, dead or gone'), () => {
    const alone = new Alone({ members: 6 });
    alone.bring(1, 'suspect 1');
    alone.bring(2, 'dead 1');
    alone.bring(4, 'left 1');
    alone.probe(3);
    alone.recording.script('relays', ...Array.from({ length: 40 }, (_, i) => (i % 20) / 20));
    alone.recording.fire(Kind.PROBE_TIMEOUT);
    expect(alone.sent(Kind.PING_REQUEST).map(({ to }) => to)).toEqual([5]);
  });

  test(ref('gossip 1.5 #8', 'a late ack is a success, but no round trip'), () => {
    const coordinates = new Coordinates(10);
    const observe = vi.spyOn(coordinates, 'observe');
    const alone = asking({ coordinates });
    alone.ack(7);
    expect(observe).not.toHaveBeenCalled();
    expect(alone.recording.due(GIVE_UP)).toBeUndefined();
    expect(alone.member.probe.stage).toBe(0);
  });

  test(ref('gossip 1.5 #9', 'an answer over TCP is noticed at the end only'), () => {
    const alone = asking();
    const [request] = alone.recording.of('request');
    alone.recording.answer(request!, null);
    expect(alone.member.probe.stage).not.toBe(0);
    alone.recording.fire(GIVE_UP);
    expect(alone.view(3)).toBe('alive 1');
    expect(alone.notes()).toEqual(['streamOnly 3 0 0']);
  });

  test(ref('gossip 1.5 #9', 'an error over TCP, or an answer to an older ping, is none'), () => {
    const refused = asking();
    const [request] = refused.recording.of('request');
    refused.recording.answer(request!, undefined, ErrorCause.refused);
    refused.recording.fire(GIVE_UP);
    expect(refused.view(3)).toBe('suspect 1');
    const old = asking();
    old.recording.deliver(Kind.STREAM_ACK, old.sequence - 1, null);
    old.recording.fire(GIVE_UP);
    expect(old.view(3)).toBe('suspect 1');
  });

  test(ref('gossip 1.5 #10', 'without any answer the target is suspected'), () => {
    const alone = asking();
    alone.recording.fire(GIVE_UP);
    expect(alone.view(3)).toBe('suspect 1');
    expect(alone.queue()).toEqual(['suspect 1 of 3 from 0']);
    expect(alone.notes()).toContain('probeFailed 3 3 0');
  });

  test(ref('gossip 1.4 #4', 'what is accused is the target as it was at the beginning'), () => {
    const alone = asking();
    alone.hear('alive 2', 3);
    alone.recording.fire(GIVE_UP);
    expect(alone.view(3)).toBe('alive 2');
  });

  test(ref('gossip 6 #17', 'a timeout as long as the interval leaves it no time'), () => {
    const alone = probing({ config: { probeTimeoutMicros: SECOND } });
    expect(alone.recording.due(Kind.PROBE_TIMEOUT)).toBeUndefined();
    alone.recording.fire(GIVE_UP);
    expect(alone.sent(Kind.PING_REQUEST)).toHaveLength(1);
    expect(alone.recording.of('request')).toEqual([]);
    expect(alone.view(3)).toBe('suspect 1');
  });

  test(ref('gossip 6 #15', 'planted: no TCP'), () => {
    const { bugs } = new Alone().member.config;
    expect(asking({ config: { bugs: { ...bugs, G15: true } } }).recording.of('request')).toEqual(
      [],
    );
    expect(asking({ config: { streamPings: false } }).recording.of('request')).toEqual([]);
  });
});

describe('the health score', () => {
  const failed = (nacks: number, options: ConstructorParameters<typeof Alone>[0] = {}): number => {
    const alone = asking(options);
    for (let i = 0; i < nacks; i++) alone.nack(5);
    alone.recording.fire(GIVE_UP);
    return alone.member.health;
  };

  test(ref('gossip 1.6 #1', 'rises by the nacks that are missing'), () => {
    expect([0, 1, 2, 3].map((nacks) => failed(nacks))).toEqual([3, 2, 1, 0]);
  });

  test(ref('gossip 1.6 #2', 'rises by one where nobody could be asked'), () => {
    expect(failed(0, { members: 4, unknown: [1, 2] })).toBe(1);
  });

  test(ref('gossip 1.6 #3', 'falls by one with each success, of any kind'), () => {
    for (const end of ['direct', 'late', 'tcp'] as const) {
      const alone = new Alone();
      alone.member.health = 4;
      alone.probe(3);
      if (end !== 'direct') alone.recording.fire(Kind.PROBE_TIMEOUT);
      if (end === 'tcp') {
        alone.recording.answer(alone.recording.of('request')[0]!, null);
        alone.recording.fire(GIVE_UP);
      } else {
        alone.ack(3);
      }
      expect(alone.member.health).toBe(3);
    }
  });

  test(ref('gossip 1.6 #4', 'stays between 0 and 7'), () => {
    const alone = new Alone();
    alone.probe(3);
    alone.ack(3);
    expect(alone.member.health).toBe(0);
    for (let i = 1; i <= 10; i++) alone.hear(`suspect ${10 * i}`, 0);
    expect(alone.member.health).toBe(7);
  });

  test(ref('gossip 1.6 #5', 'makes failing probes longer, not the others'), () => {
    const alone = new Alone();
    alone.member.health = 2;
    alone.probe(3);
    alone.recording.fire(Kind.PROBE_TIMEOUT);
    const begun = alone.member.probe.sinceMicros;
    expect(alone.recording.due(GIVE_UP)).toBe(begun + 3 * SECOND);
    alone.ack(3);
    expect(alone.recording.due(Kind.PROBE_TICK)).toBeLessThanOrEqual(alone.now + SECOND);
  });

  test(ref('gossip 6 #12', 'planted: plays no part'), () => {
    const { bugs } = new Alone().member.config;
    expect(failed(0, { config: { bugs: { ...bugs, G12: true } } })).toBe(0);
  });

  test(ref('gossip 1.16 #3', 'in the paper a failure counts, and missing nacks once'), () => {
    const config = { lifeguard: PAPER };
    expect([0, 1, 2, 3].map((nacks) => failed(nacks, { config }))).toEqual([2, 2, 2, 1]);
  });

  test(ref('gossip 1.16 #5', 'in the paper the largest is 8'), () => {
    const alone = new Alone({ config: { lifeguard: PAPER } });
    for (let i = 1; i <= 10; i++) alone.hear(`suspect ${10 * i}`, 0);
    expect(alone.member.health).toBe(8);
  });
});

describe('ticks', () => {
  test(ref('gossip 1.3 #5', 'one that comes during a probe waits, the next are lost'), () => {
    const alone = probing({ config: { probeTimeoutMicros: 500 * MS } });
    alone.member.probe.deadlineMicros = 4 * SECOND;
    alone.recording.fire(Kind.PROBE_TIMEOUT);
    for (let i = 0; i < 3; i++) alone.recording.fire(Kind.PROBE_TICK);
    const first = alone.sequence;
    alone.recording.fire(GIVE_UP);
    expect(alone.sequence).toBe(first + 1);
    alone.ack(alone.member.probe.target);
    expect(alone.sequence).toBe(first + 1);
    expect(alone.member.probe.stage).toBe(0);
  });

  test(ref('gossip 1.3 #6', 'one at the end of a probe comes before it'), () => {
    const alone = new Alone();
    alone.member.health = 1;
    alone.probe(3);
    alone.recording.fire(Kind.PROBE_TIMEOUT);
    alone.recording.fire(Kind.PROBE_TICK);
    expect(alone.recording.due(Kind.PROBE_TICK)).toBe(alone.recording.due(GIVE_UP));
    alone.recording.fire(GIVE_UP);
    expect(alone.member.ticker.buffered).toBe(false);
    expect(alone.recording.due(Kind.PROBE_TICK)).toBe(alone.now + SECOND);
  });

  test(ref('gossip 1.3 #7', 'keep their phase'), () => {
    const alone = new Alone();
    const first = alone.recording.due(Kind.PROBE_TICK)!;
    for (let i = 0; i < 5; i++) {
      expect(alone.recording.due(Kind.PROBE_TICK)).toBe(first + i * SECOND);
      alone.recording.fire(Kind.PROBE_TICK);
      alone.ack(alone.member.probe.target);
    }
  });

  test(ref('gossip 1.3 #8', 'are not staggered, unless that is fixed'), () => {
    const { bugs } = new Alone().member.config;
    const starting = (G25: boolean): number => {
      const alone = new Alone({ formed: false, config: { bugs: { ...bugs, G25 } } });
      return alone.recording.due(Kind.PROBE_TICK)! - alone.now;
    };
    expect(starting(true)).toBe(SECOND);
    const alone = new Alone({
      formed: false,
      config: { bugs: { ...bugs, G25: false } },
    });
    expect(alone.recording.due(Kind.PROBE_TICK)! - alone.now).toBeLessThan(2 * SECOND);
    alone.recording.crash();
    alone.recording.script('stagger', 0.25);
    alone.recording.start();
    expect(alone.recording.due(Kind.PROBE_TICK)! - alone.now).toBe(1.25 * SECOND);
  });
});

describe('whom', () => {
  const targets = (alone: Alone, ticks: number): number[] =>
    Array.from({ length: ticks }, () => {
      alone.forget();
      alone.recording.fire(Kind.PROBE_TICK);
      const [ping] = alone.sent(Kind.PING);
      if (ping !== undefined) alone.ack(ping.to);
      return ping?.to ?? -1;
    });

  test(ref('gossip 1.4 #1', 'everybody once in a pass, but itself and the gone'), () => {
    const alone = new Alone();
    alone.bring(4, 'suspect 1');
    alone.bring(5, 'dead 1');
    alone.bring(6, 'left 1');
    alone.member.cursor = 0;
    expect(targets(alone, 7).toSorted()).toEqual([1, 2, 3, 4, 7, 8, 9]);
  });

  test(ref('gossip 1.4 #2', 'at the end of a pass the order is drawn anew'), () => {
    const alone = new Alone();
    alone.member.cursor = alone.member.listed;
    alone.recording.script('order', 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9);
    targets(alone, 1);
    const first = [...alone.member.order!];
    alone.member.cursor = alone.member.listed;
    alone.recording.script('order', ...Array.from({ length: 9 }, () => 0));
    targets(alone, 1);
    expect([...alone.member.order!]).not.toEqual(first);
    expect([...alone.member.order!].toSorted()).toEqual(first.toSorted());
  });

  test(ref('gossip 1.4 #3', 'a tick may end without a probe: N = 2 wastes 3 of 7'), () => {
    const alone = new Alone({ members: 2 });
    let seed = 1;
    const units = Array.from({ length: 9000 }, () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    });
    alone.recording.script('order', ...units);
    const wasted = targets(alone, 7000).filter((to) => to < 0).length;
    expect(wasted / 7000).toBeCloseTo(3 / 7, 1);
  });

  test(ref('gossip 1.3 #4', 'a new node goes to a random place, and the cursor stays'), () => {
    const alone = new Alone({ unknown: [9] });
    alone.member.cursor = 4;
    const before = [...alone.member.order!.subarray(0, 9)];
    alone.recording.script('order', 0.5);
    alone.hear('alive 1', 9);
    const moved = before.with(4, 9);
    expect([...alone.member.order!.subarray(0, 10)]).toEqual([...moved, before[4]]);
    expect(alone.member.cursor).toBe(4);
    expect(alone.member.listed).toBe(10);
  });
});

describe('a send that a pause holds back', () => {
  test(ref('gossip 1.5 #13', 'holds up the wait for its answer, not the deadline'), () => {
    const alone = new Alone();
    alone.recording.ioPaused = true;
    alone.probe(3);
    const begun = alone.now;
    expect(alone.recording.due(GIVE_UP)).toBe(begun + SECOND);
    // The recording's lanes go on at once, as the lane does at the end of the pause.
    expect(alone.recording.due(Kind.PROBE_TIMEOUT)).toBe(begun + 500 * MS);
    alone.member.probe.sinceMicros = begun - 800 * MS;
    alone.recording.deliver(Kind.PROBE_SENT, 0, null);
    expect(alone.recording.due(GIVE_UP)).toBe(begun + 200 * MS);
  });
});
