/** pause: suspend. The host stands still, and its monotonic clock with it. */
import { describe, expect, test } from 'vitest';
import { Bench, Input, Journal, MS, SECOND, outcome } from './kit.ts';
import type { Program } from './kit.ts';
import { NOTHING, receiver, run, sender } from './pauses.ts';

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

  test('keeps a killed program from telling its peers', () => {
    const lines = run(
      'suspend',
      (say) => [
        {
          start: (out) => out.call(1, Input.ask, null, 10 * SECOND, 0, 0),
          resume: (out) => say(outcome(out)),
        },
        NOTHING,
      ],
      {},
      (bench) => {
        bench.at(120 * MS, () => bench.world.power.pause(bench.process(1), 'suspend'));
        bench.at(125 * MS, () => bench.world.power.crash(bench.process(1), 'kill'));
        bench.at(700 * MS, () => bench.world.power.resume(bench.process(1), 'suspend'));
      },
    );
    // TCP tries to send the FIN in vain until the host goes on, and then at once.
    expect(lines).toEqual(['701 eof']);
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
          input: (out) => say(`tick ${out.now() / MS} ${out.wall() / MS}`),
        },
      ],
      {},
      (bench) => {
        bench.at(120 * MS, () => bench.world.power.crash(bench.process(1), 'power'));
        bench.at(150 * MS, () => bench.start(1));
      },
    );
    // Twenty milliseconds have not passed for its monotonic clock.
    expect(lines).toEqual(['0 start', '30 tick 30 30', '150 start', '180 tick 160 180']);
  });
});
