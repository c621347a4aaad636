/** Decisions change exactly what they name; a draw they override has been drawn nevertheless. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DelayOverrides } from '../../sim/core/decisions.ts';
import type { Decisions, MessageName } from '../../sim/core/decisions.ts';
import type { Draws } from '../../sim/core/draws.ts';
import { Bench, CLASSES, Input, MS, SECOND } from './kit.ts';
import type { Program } from './kit.ts';

const ASK = CLASSES.indexOf('ask') + 1;
const PACKET = CLASSES.indexOf('packet') + 1;
const MESSAGES = 12;

/** Two programs that send each other packets all the time: `0>1 #3 at 12345`. */
function arrivals(decisions: Decisions | null, half?: (bench: Bench) => void): string[] {
  const seen: string[] = [];
  const program = (peer: number): Program => ({
    start: (out) => {
      for (let i = 1; i <= MESSAGES; i++) out.timer(Input.tick, i, i * 10 * MS);
    },
    input: (out, input, from, body) => {
      if (input === Input.tick) out.datagram(peer, Input.packet, from);
      else seen.push(`${from}>${out.self} #${String(body)} at ${bench.world.now}`);
    },
  });
  const bench: Bench = new Bench([program(1), program(0)], {
    latency: { kind: 'uniform', micros: [MS, 5 * MS] },
  });
  bench.world.decisions = decisions;
  if (half !== undefined) {
    bench.run(65 * MS);
    half(bench);
  }
  bench.run(SECOND);
  return seen.toSorted();
}

const sentAt = (ordinal: number): number => ordinal * 10 * MS;

const name: fc.Arbitrary<MessageName> = fc
  .record({ from: fc.nat(1), ordinal: fc.integer({ min: 1, max: MESSAGES }) })
  .map(({ from, ordinal }) => ({ from, to: 1 - from, messageClass: PACKET, ordinal }));
const override = fc.record({ name, delayMicros: fc.nat(100 * MS) });

describe('overridden delays', () => {
  const plain = arrivals(null);

  test('no overrides, no change', () => {
    expect(plain).toHaveLength(2 * MESSAGES);
    expect(new Set(plain.map((line) => line.split(' at ')[1])).size).toBeGreaterThan(MESSAGES);
    expect(arrivals(new DelayOverrides([]))).toEqual(plain);
  });

  test('change the named messages and nothing else', () => {
    const unique = fc.uniqueArray(override, {
      selector: ({ name: { from, ordinal } }) => `${from} ${ordinal}`,
    });
    fc.assert(
      fc.property(unique, (overrides) => {
        const expected = new Map(plain.map((line) => line.split(' at ') as [string, string]));
        for (const { name: n, delayMicros } of overrides) {
          expected.set(`${n.from}>${n.to} #${n.ordinal}`, String(sentAt(n.ordinal) + delayMicros));
        }
        const decisions = new DelayOverrides(overrides);
        const got = arrivals(decisions);
        expect(got).toEqual([...expected].map(([key, at]) => `${key} at ${at}`).toSorted());
        expect(decisions.met).toHaveLength(overrides.length);
      }),
      { numRuns: 50 },
    );
  });

  test('of another class, link or ordinal change nothing', () => {
    const base: MessageName = { from: 0, to: 1, messageClass: PACKET, ordinal: 1 };
    for (const other of [{ messageClass: ASK }, { to: 0 }, { ordinal: MESSAGES + 1 }]) {
      const decisions = new DelayOverrides([{ name: { ...base, ...other }, delayMicros: 77 }]);
      expect(arrivals(decisions)).toEqual(plain);
      expect(decisions.met).toEqual([]);
    }
  });

  test('count on from where a saved world stood', () => {
    const overrides = [3, 9].map((ordinal) => ({
      name: { from: 0, to: 1, messageClass: PACKET, ordinal },
      delayMicros: 50 * MS,
    }));
    const decisions = new DelayOverrides(overrides);
    const whole = arrivals(decisions);
    const again = new DelayOverrides(overrides);
    const twice = arrivals(again, (bench) => {
      const state = bench.world.save();
      bench.run(SECOND);
      bench.world.restore(state);
    });
    // What came after the save came twice.
    expect([...new Set(twice)]).toEqual(whole);
    expect(again.met).toEqual(decisions.met);
  });
});

test('handshakes are not messages: the first request is the first of its class', () => {
  const times: number[] = [];
  const run = (decisions: Decisions | null): number[] => {
    times.length = 0;
    const bench: Bench = new Bench([
      {
        start: (out) => out.call(1, Input.ask, null, SECOND, 0, 0),
        resume: (out, step) => {
          times.push(bench.world.now / MS);
          if (step < 2) out.call(1, Input.ask, null, SECOND, step + 1, 0);
        },
      },
      { input: (out, _, exchange) => out.reply(exchange, null) },
    ]);
    bench.world.decisions = decisions;
    bench.run(SECOND);
    return times.slice();
  };
  expect(run(null)).toEqual([4, 6, 8]);
  const request = (from: number, ordinal: number): Decisions =>
    new DelayOverrides([
      { name: { from, to: 1 - from, messageClass: ASK, ordinal }, delayMicros: 11 * MS },
    ]);
  expect(run(request(0, 1))).toEqual([14, 16, 18]);
  expect(run(request(0, 2))).toEqual([4, 16, 18]);
  expect(run(request(1, 3))).toEqual([4, 6, 18]);
});

describe('other decisions', () => {
  /** One timer, one post and one packet wait for main; what is served first, and by which draws. */
  function served(decisions: Decisions | null, seed: number): string {
    let order = '';
    const bench: Bench = new Bench(
      [
        {
          start: (out) => {
            out.timer(Input.tick, 0, 10 * MS);
            out.datagram(0, Input.packet, null);
            out.post(Input.post, 0, 0, null);
            out.sleep(20 * MS, 0, 0);
          },
          input: (_, input) => {
            order += input === Input.tick ? 't' : input === Input.packet ? 'p' : 'o';
          },
          resume: (out) => void (order += `${out.draw('dice').below(1000)} `),
        },
      ],
      { seed },
    );
    bench.world.decisions = decisions;
    bench.run(SECOND);
    return order;
  }

  class Choosing extends DelayOverrides {
    readonly drawn: number[] = [];
    private readonly choice: ((drawn: number, count: number) => number) | null;
    private readonly dice: Draws | null;

    constructor(choice: Choosing['choice'], dice: Draws | null) {
      super([]);
      this.choice = choice;
      this.dice = dice;
    }

    override select(process: number, lane: number, count: number, drawn: number): number {
      this.drawn.push(drawn);
      return this.choice?.(drawn, count) ?? super.select(process, lane, count, drawn);
    }

    override draw(process: number, purpose: string, draws: Draws): Draws {
      return purpose === 'dice' && this.dice !== null
        ? this.dice
        : super.draw(process, purpose, draws);
    }
  }

  test('choose which channel is served, with the draw of the plain run before them', () => {
    for (let seed = 0; seed < 10; seed++) {
      const plain = new Choosing(null, null);
      expect(served(plain, seed)).toBe(served(null, seed));
      // Timers are the second channel of main, packets the third, posts the fourth.
      const first = new Choosing(() => 0, null);
      expect(served(first, seed)).toMatch(/ tpo$/);
      const last = new Choosing((_, count) => count - 1, null);
      expect(served(last, seed)).toMatch(/ opt$/);
      expect(first.drawn).toEqual(plain.drawn);
      expect(last.drawn).toEqual(plain.drawn);
    }
  });

  test('choose the stream that a machine draws from', () => {
    const loaded = { below: () => 999 } as unknown as Draws;
    const plain = served(null, 3);
    const chosen = served(new Choosing(null, loaded), 3);
    expect(chosen.split(' ')[0]).toBe('999');
    expect(chosen.split(' ')[1]).toBe(plain.split(' ')[1]);
  });
});
