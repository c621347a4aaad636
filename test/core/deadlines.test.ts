/** One timer per connection for the deadlines of its calls: what is missed, and what is no event. */
import { expect, test } from 'vitest';
import { DEADLINE } from '../../sim/core/events.ts';
import type { World } from '../../sim/core/world.ts';
import { checkConsistency } from './consistency.ts';
import { Bench, Input, Journal, MS, SECOND, outcome } from './kit.ts';
import type { Program } from './kit.ts';

/** Asks at the given times over one session; each call has its own timeout. In milliseconds. */
function asker(
  say: (what: string) => void,
  calls: readonly (readonly [number, number])[],
): Program {
  return {
    start: (out) => calls.forEach(([at], index) => out.timer(Input.tick, index, at * MS)),
    input: (out, input, index) => {
      if (input === Input.answer) say(`${index} ${outcome(out)}`);
      else out.request(1, Input.session, index, calls[index]![1] * MS, Input.answer, index);
    },
  };
}

/** Answers all calls but those whose number is named. */
const answerer = (silent: readonly number[]): Program => ({
  input: (out, _, exchange, body) => {
    if (!silent.includes(body as number)) out.reply(exchange, body);
  },
});

function run(calls: readonly (readonly [number, number])[], silent: readonly number[]): Journal {
  const journal: Journal = new Journal(() => bench.world.now);
  const bench: Bench = new Bench([asker(journal.say, calls), answerer(silent)]);
  while (bench.world.step(10 * SECOND)) checkConsistency(bench.world);
  return journal;
}

function deadlines({ trace, event }: World): number {
  let count = 0;
  for (let row = 1; row <= event; row++) if (trace.kind(row) === DEADLINE) count++;
  return count;
}

test('each call is missed at its own time, whichever came first', () => {
  const { lines } = run(
    [
      [0, 900],
      [100, 200],
      [150, 900],
      [200, 100],
    ],
    [0, 1, 3],
  );
  expect(lines).toEqual(['152 2 ok', '300 1 timeout', '300 3 timeout', '902 0 timeout']);
});

test('the deadline of a call that was answered is no event and moves no clock', () => {
  const bench = new Bench([asker(() => {}, [[0, 500]]), answerer([])]);
  bench.run(SECOND / 10);
  const { event } = bench.world;
  expect(bench.world.queue.size).toBe(1);
  expect(bench.world.deadlines.nextEventTime()).toBe(Infinity);
  expect(bench.world.step(600 * MS)).toBe(false);
  expect(bench.world.event).toBe(event);
  expect(bench.world.now).toBe(SECOND / 10);
  expect(bench.world.queue.size).toBe(0);
});

test('the next event is known though timers of answered calls come before it', () => {
  const calls = [
    [0, 500],
    [100, 3000],
  ] as const;
  const bench = new Bench([asker(() => {}, calls), answerer([1])]);
  bench.run(SECOND / 4);
  expect(bench.world.queue.peek()).toBe(502 * MS);
  expect(bench.world.deadlines.nextEventTime()).toBe(3100 * MS);
  bench.world.step(10 * SECOND);
  expect(bench.world.now).toBe(3100 * MS);
  expect(deadlines(bench.world)).toBe(1);
});

test('a missed deadline is due to the event that sent the call', () => {
  const calls = [
    [0, 500],
    [100, 500],
  ] as const;
  const bench = new Bench([asker(() => {}, calls), answerer([1])]);
  bench.run(SECOND);
  const { trace, event } = bench.world;
  expect(trace.kind(event)).toBe(DEADLINE);
  expect(trace.time(event)).toBe(600 * MS);
  expect(trace.time(trace.cause(event))).toBe(100 * MS);
});
