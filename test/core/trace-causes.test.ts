/** Every event knows what it is due to, and what woke the lane that made it. */
import { expect, test } from 'vitest';
import { EVENT_NAMES } from '../../sim/core/events.ts';
import type { World } from '../../sim/core/world.ts';
import { Bench, Input, MS } from './kit.ts';
import type { Program } from './kit.ts';

/** `5 packet <- 3` or `5 packet <- 3, woken by 4`, for the events from `first` on. */
function rows({ trace, event }: World, first: number): string[] {
  const lines: string[] = [];
  for (let row = first; row <= event; row++) {
    const woken = trace.woken(row) === 0 ? '' : `, woken by ${trace.woken(row)}`;
    const at = trace.time(row) / MS;
    lines.push(`${row} ${at} ${EVENT_NAMES[trace.kind(row)]} <- ${trace.cause(row)}${woken}`);
  }
  return lines;
}

test('what is answered at once is due to the event at hand', () => {
  const bench: Bench = new Bench([
    {
      start: (out) => out.timer(Input.tick, 0, 10 * MS),
      input: (out, input) => {
        if (input === Input.tick) out.datagram(1, Input.packet, null);
      },
    },
    { input: (out, _, from) => out.datagram(from, Input.packet, null) },
  ]);
  bench.run(100 * MS);
  expect(rows(bench.world, 3)).toEqual([
    '3 10 timer <- 1',
    '4 11 datagram <- 3',
    '5 12 datagram <- 4',
  ]);
});

test('an input that waited is the cause; what ended the wait has woken it', () => {
  const bench: Bench = new Bench([
    {
      start: (out) => {
        out.timer(Input.tick, 0, 10 * MS);
        out.sleep(30 * MS, 0, 0);
      },
      input: (out) => out.datagram(1, Input.packet, null),
    },
    {},
  ]);
  bench.run(100 * MS);
  expect(rows(bench.world, 3)).toEqual([
    '3 10 timer <- 1',
    '4 30 wake <- 1',
    '5 31 datagram <- 3, woken by 4',
  ]);
});

test('after a write, the handler that asked is the cause, however long the device was busy', () => {
  const program: Program = {
    start: (out) => out.write([{ put: 'a' }], 0, 0),
    resume: (out) => out.datagram(2, Input.packet, null),
  };
  const bench: Bench = new Bench([program, program, {}], { hostOf: [0, 0, 1] });
  bench.run(100 * MS);
  expect(rows(bench.world, 4)).toEqual([
    '4 10 disk <- 1',
    '5 11 datagram <- 1, woken by 4',
    '6 20 disk <- 2, woken by 4',
    '7 21 datagram <- 2, woken by 6',
  ]);
});

test('after a pause, each input is the cause of what follows from it', () => {
  const bench: Bench = new Bench([
    {
      start: (out) => out.timer(Input.tick, 0, 10 * MS),
      input: (out) => out.datagram(1, Input.packet, null),
    },
    {},
  ]);
  bench.at(5 * MS, () => bench.world.power.pause(bench.process(0), 'stop'));
  bench.at(20 * MS, () => bench.world.power.resume(bench.process(0), 'stop'));
  bench.run(100 * MS);
  expect(rows(bench.world, 4)).toEqual([
    '4 10 timer <- 1',
    '5 20 control <- 0',
    '6 21 datagram <- 4, woken by 5',
  ]);
});

test('a cancelled event leaves its queue slot no wake-up behind', () => {
  const bench: Bench = new Bench([
    {
      start: (out) => {
        out.timer(Input.tick, 0, 10 * MS);
        out.timer(Input.tick, 1, 20 * MS);
        out.sleep(15 * MS, 0, 0);
      },
      input: (out, input, key) => {
        if (input !== Input.tick) return;
        // Set while woken, and so marked; then cancelled; then its slot is used again.
        if (key === 0) out.timer(Input.sideTick, 0, 500 * MS);
        if (key === 1) {
          out.cancel(Input.sideTick, 0);
          out.timer(Input.sideTick, 1, 10 * MS);
        }
      },
    },
  ]);
  bench.run(100 * MS);
  expect(rows(bench.world, 4)).toEqual(['4 20 timer <- 1', '5 30 timer <- 4']);
});

test('a timer that is postponed is due to who postponed it', () => {
  const bench: Bench = new Bench([
    {
      start: (out) => {
        out.timer(Input.tick, 0, 10 * MS);
        out.timer(Input.sideTick, 0, 20 * MS);
      },
      input: (out, input) => {
        if (input === Input.tick) out.timer(Input.sideTick, 0, 20 * MS);
      },
    },
  ]);
  bench.run(100 * MS);
  expect(rows(bench.world, 2)).toEqual(['2 10 timer <- 1', '3 30 timer <- 2']);
});
