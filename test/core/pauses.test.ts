/** The three pauses: what waits, what goes on, what is lost, and in which order it is found again. */
import { describe, expect, test } from 'vitest';
import { Bench, Input, Journal, LATENCY, MS, SECOND, outcome } from './kit.ts';
import type { BenchOptions, Program } from './kit.ts';
import type { PauseKind } from '../../sim/core/power.ts';

const NOTHING: Program = {};

/** Pauses the second of two programs from 100 ms to 200 ms and says what both say. */
function run(
  kind: PauseKind,
  programs: (say: (what: string) => void) => [Program, Program],
  options: BenchOptions = {},
  prepare: (bench: Bench) => void = () => {},
): string[] {
  const journal: Journal = new Journal(() => bench.world.now);
  const bench: Bench = new Bench(programs(journal.say), options);
  bench.at(100 * MS, () => bench.world.power.pause(bench.process(1), kind));
  bench.at(200 * MS, () => bench.world.power.resume(bench.process(1), kind));
  prepare(bench);
  bench.run(2 * SECOND);
  return journal.lines;
}

/** Sends packets numbered from 1, one each millisecond from 110 ms. */
const sender = (count: number): Program => ({
  start: (out) => {
    for (let i = 1; i <= count; i++) out.timer(Input.tick, i, (109 + i) * MS - LATENCY);
  },
  input: (out, input, key) => {
    if (input === Input.tick) out.datagram(1, Input.packet, key);
  },
});

const receiver = (say: (what: string) => void): Program => ({
  input: (_, input, from, body) => say(input === Input.packet ? `packet ${body}` : `tick ${from}`),
});

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

describe('suspend', () => {
  test('loses packets', () => {
    expect(run('suspend', (say) => [sender(3), receiver(say)])).toEqual([]);
  });

  test('stops the monotonic clock and what runs by it; the wall clock jumps', () => {
    const lines = run('suspend', (say) => [
      NOTHING,
      {
        start: (out) => {
          out.timer(Input.tick, 0, 150 * MS);
          out.sleep(99 * MS, 0, 0);
        },
        input: (out) => say(`tick ${out.now() / MS} ${out.wall() / MS}`),
        resume: (out, step) => {
          say(`awake ${out.now() / MS}`);
          if (step === 0) out.sleep(2 * MS, 1, 0);
        },
      },
    ]);
    expect(lines).toEqual(['99 awake 99', '201 awake 101', '250 tick 150 250']);
  });

  test('lets streams be sent again, and those of the host itself wait like its timers', () => {
    const exchange = (paused: number): string[] =>
      run(
        'suspend',
        (say) => [
          {
            start: (out) => {
              if (paused === 1) out.timer(Input.tick, 0, 150 * MS);
            },
            input: (out, input, from) => {
              if (input === Input.tick)
                out.request(1, Input.ask, null, 5 * SECOND, Input.answer, 0);
              else if (input === Input.answer) say(outcome(out));
              else out.reply(from, null);
            },
          },
          {
            start: (out) => {
              if (paused === 0) out.timer(Input.tick, 0, 99.5 * MS);
            },
            input: (out, input, from) => {
              if (input === Input.tick)
                out.request(0, Input.ask, null, 5 * SECOND, Input.answer, 0);
              else if (input === Input.answer) say(outcome(out));
              else {
                say('served');
                out.reply(from, null);
              }
            },
          },
        ],
        {},
      );
    // The SYN of 150 ms is sent again a second later.
    expect(exchange(1)).toEqual(['1153 served', '1154 ok']);
    // The SYN-ACK of 100.5 ms comes again after a second too: the peer runs.
    expect(exchange(0)).toEqual(['1103.5 ok']);
  });

  test('concerns all programs of the host, and each goes on', () => {
    const journal: Journal = new Journal(() => bench.world.now);
    const program: Program = {
      start: (out) => out.timer(Input.tick, 0, 150 * MS),
      input: (out) => journal.say(`tick ${out.self}`),
    };
    const bench: Bench = new Bench([program, program, program], { hostOf: [0, 0, 1] });
    const { power } = bench.world;
    bench.at(100 * MS, () => power.pause(bench.process(0), 'suspend'));
    bench.at(200 * MS, () => power.resume(bench.process(1), 'suspend'));
    bench.run(SECOND);
    expect(journal.lines).toEqual(['150 tick 2', '250 tick 0', '250 tick 1']);
  });

  test('a program that is started meanwhile begins when the host goes on', () => {
    const lines = run(
      'suspend',
      (say) => [NOTHING, { start: () => say('start') }],
      {},
      (bench) => {
        bench.at(120 * MS, () => bench.world.power.crash(bench.process(1), 'kill'));
        bench.at(150 * MS, () => bench.start(1));
      },
    );
    expect(lines).toEqual(['0 start', '200 start']);
  });

  test('ends with the power of the host', () => {
    const lines = run(
      'suspend',
      (say) => [
        NOTHING,
        {
          start: (out) => {
            say('start');
            out.timer(Input.tick, 0, 30 * MS);
          },
          input: (out) => say(`tick ${out.wall() / MS}`),
        },
      ],
      {},
      (bench) => {
        bench.at(120 * MS, () => bench.world.power.crash(bench.process(1), 'power'));
        bench.at(150 * MS, () => bench.start(1));
      },
    );
    expect(lines).toEqual(['0 start', '30 tick 30', '150 start', '180 tick 180']);
  });
});

describe('io', () => {
  test('receives nothing and sends nothing, but its timers run', () => {
    const lines = run('io', (say) => [
      {
        ...receiver(say),
        start: (out) => out.timer(Input.tick, 0, 120 * MS),
        input: (out, input, _, body) => {
          if (input === Input.tick) out.datagram(1, Input.packet, 'there');
          else say(`got ${String(body)}`);
        },
      },
      {
        start: (out) => {
          out.timer(Input.tick, 1, 110 * MS);
          out.timer(Input.sideTick, 2, 130 * MS);
          out.timer(Input.sideTick, 3, 140 * MS);
        },
        input: (out, input, key, body) => {
          say(input === Input.packet ? `packet ${String(body)}` : `tick ${key}`);
          if (input === Input.tick) out.datagram(0, Input.packet, 'back');
        },
      },
    ]);
    expect(lines).toEqual([
      '110 tick 1',
      '130 tick 2',
      '140 tick 3',
      '200 packet there',
      '201 got back',
    ]);
  });

  test('blocks the lane that sends, until it may', () => {
    const lines = run('io', (say) => [
      NOTHING,
      {
        start: (out) => {
          out.timer(Input.tick, 1, 110 * MS);
          out.timer(Input.tick, 2, 120 * MS);
        },
        input: (out, _, key) => {
          say(`tick ${key}`);
          if (key === 1) out.datagram(0, Input.packet, null);
        },
      },
    ]);
    expect(lines).toEqual(['110 tick 1', '200 tick 2']);
  });

  test('lets a call time out', () => {
    const lines = run('io', (say) => [
      { input: () => say('served') },
      {
        start: (out) => out.timer(Input.tick, 1, 110 * MS),
        input: (out) => out.call(0, Input.ask, null, 30 * MS, 0, 0),
        resume: (out) => say(outcome(out)),
      },
    ]);
    // The dial passes: it is the operating system's. The request does not.
    expect(lines).toEqual(['142 timeout']);
  });
});

describe('several pauses', () => {
  const ticks = (say: (what: string) => void): [Program, Program] => [
    NOTHING,
    {
      start: (out) => {
        for (let at = 50; at < 400; at += 50) out.timer(Input.tick, at, at * MS - 1);
      },
      input: (_, __, key) => say(`tick ${key}`),
    },
  ];

  test.each(['stop', 'suspend', 'io'] as const)('of kind %s end with the last', (kind) => {
    const lines = run(kind, ticks, {}, (bench) => {
      bench.at(150 * MS, () => bench.world.power.pause(bench.process(1), kind));
      bench.at(300 * MS, () => bench.world.power.resume(bench.process(1), kind));
    });
    const at = (key: number): number =>
      Number(lines.find((line) => line.endsWith(` ${key}`))!.split(' ')[0]);
    if (kind === 'io') expect(at(150)).toBe(149.999);
    if (kind === 'stop') expect(at(150)).toBe(300);
    if (kind === 'suspend') expect(at(150)).toBe(349.999);
    expect(lines).toHaveLength(7);
  });

  test('of different kinds do not end each other', () => {
    // Stopped from 100 to 200 ms, suspended from 150 to 300 ms.
    const lines = run('stop', ticks, {}, (bench) => {
      bench.at(150 * MS, () => bench.world.power.pause(bench.process(1), 'suspend'));
      bench.at(300 * MS, () => bench.world.power.resume(bench.process(1), 'suspend'));
    });
    expect(lines.toSorted().slice(0, 5)).toEqual([
      '300 tick 150',
      '349.999 tick 200',
      '399.999 tick 250',
      '449.999 tick 300',
      '49.999 tick 50',
    ]);
  });

  test('a stop that outlasts a suspension holds', () => {
    const lines = run('suspend', ticks, {}, (bench) => {
      bench.at(150 * MS, () => bench.world.power.pause(bench.process(1), 'stop'));
      bench.at(400 * MS, () => bench.world.power.resume(bench.process(1), 'stop'));
    });
    expect(lines.filter((line) => line.startsWith('400'))).toHaveLength(4);
  });

  test('are all forgotten by a crash', () => {
    const lines = run('stop', ticks, {}, (bench) => {
      bench.at(110 * MS, () => bench.world.power.pause(bench.process(1), 'io'));
      bench.at(120 * MS, () => bench.world.power.crash(bench.process(1), 'kill'));
      bench.at(130 * MS, () => bench.start(1));
    });
    expect(lines.slice(0, 3)).toEqual(['49.999 tick 50', '99.999 tick 100', '179.999 tick 50']);
  });
});
