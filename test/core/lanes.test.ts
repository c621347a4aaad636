/** Goroutines: what waits for a busy lane, what a free one does at once, and what is drawn. */
import { describe, expect, test } from 'vitest';
import type { Outbox } from '../../sim/core/machine.ts';
import { Bench, Input, Journal, KEYED, MAIN, MS, outcome } from './kit.ts';
import type { Program } from './kit.ts';

const LATENCY = 1 * MS;

/** Runs one program alone, for as long as a second; returns what it said. */
function run(program: (say: (what: string) => void) => Program, seed = 1): string[] {
  const journal: Journal = new Journal(() => bench.world.now);
  const bench: Bench = new Bench([program(journal.say)], { seed });
  bench.run(1000 * MS);
  return journal.lines;
}

/** Sets a timer of main for each of the given times; the key is the time in ms. */
function ticks(out: Outbox, ...times: number[]): void {
  for (const time of times) out.timer(Input.tick, time, time * MS);
}

describe('a busy lane', () => {
  test('lets a timer wait until it is free again', () => {
    const lines = run((say) => ({
      start: (out) => ticks(out, 10, 12),
      input: (out, _, key) => {
        say(`tick ${key}`);
        if (key === 10) out.sleep(5 * MS, 7, 42);
      },
      resume: (_, step, argument) => say(`step ${step} ${argument}`),
    }));
    expect(lines).toEqual(['10 tick 10', '15 step 7 42', '15 tick 12']);
  });

  test('takes inputs of one channel in order, and one of several ready channels by lot', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const order: string[] = [];
      run(
        () => ({
          start: (out) => ticks(out, 10, 11, 12, 13),
          input: (out, input, key) => {
            if (input === Input.tick) order.push(`t${key}`);
            else order.push(`p${key}`);
            if (key === 10) {
              out.post(Input.post, 0, 1, null);
              out.post(Input.post, 0, 2, null);
              out.sleep(5 * MS, 0, 0);
            }
          },
        }),
        seed,
      );
      const only = (kind: string): string[] => order.filter((name) => name.startsWith(kind));
      expect(only('t')).toEqual(['t10', 't11', 't12', 't13']);
      expect(only('p')).toEqual(['p1', 'p2']);
      seen.add(order.join(' '));
    }
    // 3 timers and 2 posts can be merged in 10 ways.
    expect(seen.size).toBeGreaterThan(5);
  });

  test('drops what its channel cannot hold', () => {
    const posted: boolean[] = [];
    const lines = run((say) => ({
      start: (out) => ticks(out, 10),
      input: (out, input, from) => {
        if (input === Input.post) say(`post ${from}`);
        else {
          for (let i = 1; i <= 3; i++) posted.push(out.post(Input.post, 0, i, null));
          out.sleep(MS, 0, 0);
        }
      },
    }));
    expect(posted).toEqual([true, true, false]);
    expect(lines).toEqual(['11 post 1', '11 post 2']);
  });

  test('forgets the firing of a timer that is set anew or cancelled', () => {
    const lines = run((say) => ({
      start: (out) => ticks(out, 10, 11, 12, 13),
      input: (out, _, key) => {
        say(`tick ${key}`);
        if (key === 10) out.sleep(5 * MS, 0, 0);
      },
      resume: (out) => {
        out.timer(Input.tick, 11, 20 * MS);
        out.cancel(Input.tick, 12);
      },
    }));
    expect(lines).toEqual(['10 tick 10', '15 tick 13', '35 tick 11']);
  });

  test('may look for more of the same', () => {
    const lines = run((say) => ({
      start: (out) => ticks(out, 10),
      input: (out, input, from, body) => {
        if (input === Input.tick) {
          out.post(Input.post, 0, 1, 'one');
          out.post(Input.post, 0, 2, 'two');
        } else {
          say(`${String(body)} ${from} and ${String(out.receive(Input.post))}`);
          expect(out.receive(Input.post)).toBeUndefined();
        }
      },
    }));
    expect(lines).toEqual(['10 one 1 and two']);
  });

  test('cannot be blocked twice', () => {
    const twice = (): string[] =>
      run(() => ({
        start: (out) => {
          out.sleep(1, 0, 0);
          expect(out.blocked).toBe(true);
          out.park(0, 0);
        },
      }));
    expect(twice).toThrow('may block its lane once');
  });
});

describe('a free lane', () => {
  test('runs after the handler that gave it something, in the same event', () => {
    const journal: Journal = new Journal(() => bench.world.event);
    const bench: Bench = new Bench([
      {
        start: (out) => ticks(out, 10),
        input: (out, input) => {
          const name = Object.entries(Input).find(([, kind]) => kind === input)![0];
          journal.say(`${name} begins`);
          if (input === Input.tick) out.post(Input.side, 0, 0, null);
          if (input === Input.side) out.post(Input.post, 0, 0, null);
          journal.say(`${name} ends`);
        },
      },
    ]);
    bench.run(1000 * MS);
    // One event starts the program, one is the timer; handing over costs none.
    expect(bench.world.event).toBe(2);
    const expected = ['tick begins', 'tick ends', 'side begins', 'side ends'];
    expect(journal.lines).toEqual(
      [...expected, 'post begins', 'post ends'].map((line) => `${2 / MS} ${line}`),
    );
  });

  test('sleeps while another one works', () => {
    const lines = run((say) => ({
      start: (out) => {
        ticks(out, 10, 12);
        out.timer(Input.sideTick, 11, 11 * MS);
      },
      input: (out, input, key) => {
        say(`${input === Input.tick ? 'main' : 'side'} ${key}`);
        if (key === 10) out.sleep(5 * MS, 0, 0);
      },
      resume: () => say('main awake'),
    }));
    expect(lines).toEqual(['10 main 10', '11 side 11', '15 main awake', '15 main 12']);
  });
});

test('a parked lane waits for another one to wake it', () => {
  const lines = run((say) => ({
    start: (out) => {
      ticks(out, 10, 11);
      out.timer(Input.sideTick, 0, 20 * MS);
      out.timer(Input.sideTick, 1, 30 * MS);
    },
    input: (out, input, key) => {
      if (input === Input.tick && key === 10) out.park(3, 4);
      else if (input === Input.tick) say(`tick ${key}`);
      else {
        say('unpark');
        out.unpark(MAIN, 0);
        say('unparked');
      }
    },
    resume: (_, step, argument) => say(`awake ${step} ${argument}`),
  }));
  const first = ['20 unpark', '20 unparked', '20 awake 3 4', '20 tick 11'];
  // Nobody is parked the second time.
  expect(lines).toEqual([...first, '30 unpark', '30 unparked']);
});

describe('keyed lanes', () => {
  test('come and go by key; what waits in one is lost with it, and so are its timers', () => {
    const lines = run((say) => ({
      start: (out) => {
        expect(out.post(Input.keyed, 5, 0, null)).toBe(false);
        for (const key of [5, 6]) {
          out.spawn(KEYED, key);
          out.timer(Input.keyedTick, key, 10 * MS);
          out.post(Input.keyed, key, 1, null);
          out.post(Input.keyed, key, 2, null);
        }
        ticks(out, 30);
      },
      input: (out, input, from) => {
        if (input === Input.tick) {
          expect(out.post(Input.keyed, 5, 3, null)).toBe(false);
          expect(out.post(Input.keyed, 6, 3, null)).toBe(true);
          out.spawn(KEYED, 5);
          out.post(Input.keyed, 5, 4, null);
          return;
        }
        say(`${out.key}: ${input === Input.keyed ? 'input' : 'timer'} ${from}`);
        if (out.key === 5) out.exit();
      },
    }));
    expect(lines).toEqual([
      '0 5: input 1',
      '0 6: input 1',
      '0 6: input 2',
      '10 6: timer 6',
      '30 6: input 3',
      '30 5: input 4',
    ]);
  });

  test('can be ended by another lane, also while they wait', () => {
    const lines = run((say) => ({
      start: (out) => {
        out.spawn(KEYED, 1);
        out.post(Input.keyed, 1, 0, null);
        ticks(out, 5);
      },
      input: (out, input) => {
        if (input === Input.keyed) out.sleep(10 * MS, 0, 0);
        else out.reap(KEYED, 1);
        say(input === Input.keyed ? 'sleeps' : 'reaps');
      },
      resume: () => say('awake'),
    }));
    expect(lines).toEqual(['0 sleeps', '5 reaps']);
  });

  test('cannot be started twice', () => {
    const twice = (): string[] =>
      run(() => ({
        start: (out) => {
          out.spawn(KEYED, 1);
          out.spawn(KEYED, 1);
        },
      }));
    expect(twice).toThrow('spawned twice');
  });
});

test('a request may run on a goroutine of its own, beside a main lane that is blocked', () => {
  const journal: Journal = new Journal(() => bench.world.now);
  const { say } = journal;
  const client: Program = {
    start: (out) => {
      out.request(1, Input.ask, 'ask', 1000 * MS, Input.answer, 1);
      out.request(1, Input.own, 'own', 1000 * MS, Input.answer, 2);
      out.request(1, Input.own, 'own', 1000 * MS, Input.answer, 3);
    },
    input: (out, _, tag) => say(`${outcome(out)} ${tag}`),
  };
  const server: Program = {
    start: (out) => out.sleep(50 * MS, 0, 0),
    input: (out, input, exchange) => {
      say(input === Input.own ? 'own' : 'ask');
      if (input === Input.own) out.sleep(10 * MS, 1, exchange);
      else out.reply(exchange, null);
    },
    resume: (out, step, exchange) => {
      if (step === 1) out.reply(exchange, null);
    },
  };
  const bench: Bench = new Bench([client, server]);
  bench.run(1000 * MS);
  const arrival = (3 * LATENCY) / MS;
  expect(journal.lines).toEqual([
    `${arrival} own`,
    `${arrival} own`,
    `${arrival + 11} ok 2`,
    `${arrival + 11} ok 3`,
    '50 ask',
    '51 ok 1',
  ]);
});
