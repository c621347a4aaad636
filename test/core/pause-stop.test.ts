/** pause: stop. Nothing runs; all that came due is found at the end. */
import { describe, expect, test } from 'vitest';
import { Input, MS, SECOND, outcome } from './kit.ts';
import type { Program } from './kit.ts';
import { NOTHING, receiver, run, sender } from './pauses.ts';

describe('stop', () => {
  test('finds all that came due, packets in order', () => {
    const lines = run('stop', (say) => [sender(3), receiver(say)]);
    expect(lines).toEqual(['200 packet 1', '200 packet 2', '200 packet 3']);
  });

  test('keeps 150 packets in the socket and drops the rest', () => {
    const lines = run('stop', (say) => [
      {
        start: (out) => out.timer(Input.tick, 1, 110 * MS),
        input: (out) => {
          for (let i = 1; i <= 200; i++) out.datagram(1, Input.packet, i);
        },
      },
      receiver(say),
    ]);
    expect(lines).toHaveLength(150);
    expect(lines.at(-1)).toBe('200 packet 150');
  });

  test('finds timers that came due, and those only, in an order that is drawn', () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const timers = (say: (what: string) => void): [Program, Program] => [
        NOTHING,
        {
          ...receiver(say),
          start: (out) => {
            for (const key of [110, 120, 130, 250]) out.timer(Input.tick, key, key * MS);
          },
        },
      ];
      const lines = run('stop', timers, { seed });
      expect(lines.toSorted()).toEqual([
        '200 tick 110',
        '200 tick 120',
        '200 tick 130',
        '250 tick 250',
      ]);
      orders.add(lines.join());
    }
    expect(orders.size).toBe(6);
  });

  test('finds requests and answers of one stream in order, whatever else is drawn', () => {
    for (let seed = 0; seed < 20; seed++) {
      let stream = 0;
      const lines = run(
        'stop',
        (say) => [
          {
            start: (out) => out.openPipeline(1, Input.ask, SECOND, 0),
            resume: (out, _, __, connection) => {
              for (let i = 1; i <= 4; i++) out.timer(Input.tick, i, 110 * MS + i);
              stream = connection as number;
            },
            input: (out, input, tag) => {
              if (input === Input.answer) say(`answer ${tag}`);
              else out.pipeline(stream, Input.ask, tag, SECOND, Input.answer, tag, 0);
            },
          },
          {
            input: (out, _, exchange, body) => {
              say(`request ${body}`);
              out.reply(exchange, body);
            },
          },
        ],
        { seed },
      );
      const numbers = [1, 2, 3, 4];
      expect(lines).toEqual([
        ...numbers.map((i) => `200 request ${i}`),
        ...numbers.map((i) => `201 answer ${i}`),
      ]);
    }
  });

  test('lets the disk work, and the program learn of it afterwards', () => {
    const lines = run('stop', (say) => [
      NOTHING,
      {
        start: (out) => out.timer(Input.tick, 0, 95 * MS),
        input: (out) => out.write([{ put: 'a' }], 0, 0),
        resume: (out) => say(`written ${outcome(out)}`),
      },
    ]);
    expect(lines).toEqual(['200 written ok']);
  });

  test('lets the monotonic clock run', () => {
    const lines = run('stop', (say) => [
      NOTHING,
      {
        start: (out) => out.timer(Input.tick, 0, 150 * MS),
        input: (out) => say(`${out.now() / MS} ${out.wall() / MS}`),
      },
    ]);
    expect(lines).toEqual(['200 200 200']);
  });

  test('forgets all of it in a crash', () => {
    const lines = run(
      'stop',
      (say) => [sender(3), receiver(say)],
      {},
      (bench) => {
        bench.at(150 * MS, () => bench.world.power.crash(bench.process(1), 'kill'));
        bench.at(160 * MS, () => bench.start(1));
      },
    );
    expect(lines).toEqual([]);
  });
});
