/** What rules, losses and slow links do to datagrams and to streams in a world. */
import { describe, expect, test } from 'vitest';
import { compileSampler } from '../../sim/core/distribution.ts';
import { Transport, betweenScope } from '../../sim/core/rules.ts';
import type { RuleAction, TransportMask } from '../../sim/core/rules.ts';
import { Bench, Input, Journal, LATENCY, MS, SECOND, outcome } from './kit.ts';
import type { BenchOptions, Program } from './kit.ts';

const constant = (micros: number) => compileSampler({ kind: 'constant', micros });

/** Every 10 ms from 100 ms on a packet, and every 100 ms an `ask` and a `bulk` on streams of their own. */
const SENDER = (say: (what: string) => void): Program => ({
  start: (out) => {
    for (let i = 0; i < 20; i++) out.timer(Input.tick, i, (100 + 10 * i) * MS);
    out.timer(Input.sideTick, 0, 100 * MS);
    out.timer(Input.sideTick, 1, 100 * MS);
  },
  input: (out, input, key) => {
    if (input === Input.tick) out.datagram(1, Input.packet, key);
    else if (input === Input.sideTick) {
      out.request(1, key === 0 ? Input.ask : Input.bulk, null, SECOND, Input.answer, key);
    } else say(`${key === 0 ? 'ask' : 'bulk'} ${outcome(out)}`);
  },
});

const RECEIVER = (say: (what: string) => void): Program => ({
  input: (out, input, exchange, body) => {
    if (input === Input.packet) say(`packet ${String(body)}`);
    else out.reply(exchange, null);
  },
});

interface Run {
  readonly bench: Bench;
  readonly packets: readonly string[];
  readonly calls: readonly string[];
}

function run(prepare: (bench: Bench) => void = () => {}, options: BenchOptions = {}): Run {
  const journal: Journal = new Journal(() => bench.world.now);
  const bench: Bench = new Bench([SENDER(journal.say), RECEIVER(journal.say)], options);
  prepare(bench);
  bench.run(3 * SECOND);
  const { lines } = journal;
  return {
    bench,
    packets: lines.filter((line) => line.includes('packet')),
    calls: lines.filter((line) => !line.includes('packet')),
  };
}

/** A rule from the first host to the second from the start to 145 ms, or another time. */
function during(
  bench: Bench,
  action: RuleAction,
  transport: TransportMask = Transport.all,
  classes: readonly string[] | null = null,
  end = 145,
): void {
  const scope = betweenScope(2, [0], [1], false);
  bench.at(0, () => bench.at(end * MS, bench.rule(scope, action, transport, classes)));
}

const ALL_PACKETS = Array.from({ length: 20 }, (_, i) => `${101 + 10 * i} packet ${i}`);
const ALL_CALLS = ['104 ask ok', '104 bulk ok'];

test('nothing is changed without a rule, nor by one of the other direction', () => {
  expect(run()).toMatchObject({ packets: ALL_PACKETS, calls: ALL_CALLS });
  const { packets } = run((bench) => {
    const scope = betweenScope(2, [1], [0], false);
    bench.rule(scope, { kind: 'drop', probability: 1 });
  });
  expect(packets).toEqual(ALL_PACKETS);
});

describe('a cut', () => {
  const drop: RuleAction = { kind: 'drop', probability: 1 };

  test('loses datagrams and holds streams until their next retransmission', () => {
    const { packets, calls } = run((bench) => during(bench, drop));
    expect(packets).toEqual(ALL_PACKETS.slice(5));
    expect(calls).toEqual(['1100 ask dial-timeout', '1100 bulk dial-timeout']);
  });

  test('of one transport leaves the other alone', () => {
    const udp = run((bench) => during(bench, drop, Transport.udp));
    expect([udp.packets.length, udp.calls]).toEqual([15, ALL_CALLS]);
    const tcp = run((bench) => during(bench, drop, Transport.tcp));
    expect([tcp.packets, tcp.calls.length]).toEqual([ALL_PACKETS, 2]);
    expect(tcp.calls).not.toEqual(ALL_CALLS);
  });

  test('of one class leaves the others alone', () => {
    const { packets, calls } = run((bench) => during(bench, drop, Transport.all, ['bulk']));
    expect(packets).toEqual(ALL_PACKETS);
    expect(calls).toEqual(['104 ask ok', '1100 bulk dial-timeout']);
  });
});

describe('a hold', () => {
  const hold: RuleAction = { kind: 'hold' };

  test('keeps datagrams and segments, and lets them go when it ends, in order', () => {
    const { packets, calls } = run((bench) => during(bench, hold));
    expect(packets.slice(0, 5)).toEqual([0, 1, 2, 3, 4].map((i) => `146 packet ${i}`));
    expect(packets.slice(5)).toEqual(ALL_PACKETS.slice(5));
    expect(calls).toEqual(['149 ask ok', '149 bulk ok']);
  });

  test('hands over to the next rule that wants the message', () => {
    const { packets } = run((bench) => {
      during(bench, hold);
      during(bench, hold, Transport.udp, null, 175);
      during(bench, { kind: 'drop', probability: 1 }, Transport.udp, null, 185);
    });
    // Held by the first, then by the second, and then lost in what is left of the third.
    expect(packets).toEqual(ALL_PACKETS.slice(9));
  });
});

test('a delay adds to the latency of what is sent meanwhile', () => {
  const { packets, calls } = run((bench) => {
    during(bench, { kind: 'delay', sampler: constant(30 * MS) });
  });
  const delayed = [0, 1, 2, 3, 4].map((i) => `${131 + 10 * i} packet ${i}`);
  expect(packets.toSorted()).toEqual([...delayed, ...ALL_PACKETS.slice(5)].toSorted());
  // SYN and request are delayed, each by 30 ms.
  expect(calls).toEqual(['164 ask ok', '164 bulk ok']);
});

test('reordered datagrams overtake each other', () => {
  const { packets } = run((bench) => {
    const sampler = compileSampler({ kind: 'uniform', micros: [0, 50 * MS] });
    during(bench, { kind: 'reorder', sampler }, Transport.udp, null, 1000);
  });
  expect(packets).toHaveLength(20);
  const order = packets.map((line) => Number(line.split(' ')[2]));
  expect(order).not.toEqual(order.toSorted((left, right) => left - right));
});

test('duplicates arrive twice, each with a latency of its own', () => {
  const { packets, calls } = run((bench) => during(bench, { kind: 'duplicate', probability: 1 }), {
    latency: { kind: 'uniform', micros: [LATENCY, 2 * LATENCY] },
  });
  const of = (i: number): string[] => packets.filter((line) => line.endsWith(` packet ${i}`));
  expect(of(0)).toHaveLength(2);
  expect(new Set(of(0)).size).toBe(2);
  expect(of(7)).toHaveLength(1);
  expect(calls).toHaveLength(2);
});

test('loss is a probability, and TCP hides it at the price of a retransmission', () => {
  let arrived = 0;
  let slow = 0;
  for (let seed = 0; seed < 40; seed++) {
    const { packets, calls } = run(() => {}, { loss: 0.1, seed });
    arrived += packets.length;
    slow += calls.filter((line) => !ALL_CALLS.includes(line)).length;
    expect(calls).toHaveLength(2);
  }
  // 800 packets, 10 % lost: 720 within four standard deviations.
  expect(Math.abs(arrived - 720)).toBeLessThan(34);
  // A call of four segments loses one in 34 %.
  expect(slow).toBeGreaterThan(10);
  expect(slow).toBeLessThan(45);
});

test('a slow host stretches the latency of all that leaves and reaches it', () => {
  const { packets, bench } = run((slowed) => {
    slowed.at(95 * MS, () => slowed.world.network.slowDown(1, 3));
    slowed.at(95 * MS, () => slowed.world.network.slowDown(0, 2));
    slowed.at(145 * MS, () => slowed.world.network.restoreSpeed(0, 2));
    slowed.at(175 * MS, () => slowed.world.network.restoreSpeed(1, 3));
  });
  const delays = packets.map((line) => (Number(line.split(' ')[0]) - 100) % 10);
  expect(delays.slice(0, 9)).toEqual([6, 6, 6, 6, 6, 3, 3, 3, 1]);
  // 8 packets, and four segments of each of the two calls.
  expect(bench.world.network.slowedAt(1)).toBe(8 + 8);
});

test('messages and bytes are counted by class when they are sent', () => {
  const { bench } = run((cut) => during(cut, { kind: 'drop', probability: 1 }, Transport.udp));
  const { classes, messageCounts, messageBytes } = bench.world;
  const counted = Object.fromEntries(
    classes.map((name, index) => [name, [messageCounts[index], messageBytes[index]]]),
  );
  expect(counted).toMatchObject({ packet: [20, 600], ask: [2, 110], bulk: [2, 110] });
});

test('a program may talk to itself', () => {
  const journal: Journal = new Journal(() => bench.world.now);
  const bench: Bench = new Bench([
    {
      start: (out) => {
        out.request(0, Input.own, 'over TCP', SECOND, Input.answer, 7);
        out.datagram(0, Input.packet, 'over UDP');
      },
      input: (out, input, from, body) => {
        journal.say(`${String(body)} ${outcome(out)}`);
        if (input === Input.own) out.reply(from, 'answer');
      },
    },
  ]);
  bench.run(SECOND);
  expect(journal.lines).toEqual(['1 over UDP ok', '3 over TCP ok', '4 answer ok']);
  bench.at(SECOND, () => bench.world.power.crash(bench.process(0), 'kill'));
  bench.run(2 * SECOND);
  let open = 0;
  bench.world.connections.pool.forEach(() => open++);
  expect([open, bench.world.queue.size]).toEqual([0, 0]);
});
