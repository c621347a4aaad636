/** Named preemption points: nothing happens there unless a decision lets other goroutines run. */
import { expect, test } from 'vitest';
import type { Decisions } from '../../sim/core/decisions.ts';
import { DelayOverrides } from '../../sim/core/decisions.ts';
import { Bench, Input, Journal, MS } from './kit.ts';

class Preempting extends DelayOverrides {
  readonly asked: string[] = [];
  private readonly delays: readonly number[];

  constructor(delays: readonly number[]) {
    super([]);
    this.delays = delays;
  }

  override preempt(...[process, lane, step]: Parameters<Decisions['preempt']>): number {
    this.asked.push(`${process}/${lane}/${step}`);
    return this.delays[step] ?? 0;
  }
}

function run(decisions: Decisions | null): { lines: string[]; events: number } {
  const journal: Journal = new Journal(() => bench.world.now);
  const { say } = journal;
  const bench: Bench = new Bench([
    {
      start: (out) => {
        out.timer(Input.tick, 0, 10 * MS);
        out.timer(Input.tick, 1, 11 * MS);
      },
      input: (out, input, key) => {
        say(input === Input.tick ? `tick ${key}` : 'side');
        if (input !== Input.tick || key !== 0) return;
        out.post(Input.side, 0, 0, null);
        out.preempt(1, 77);
      },
      resume: (out, step, argument) => {
        say(`step ${step} ${argument}`);
        if (step === 1) out.preempt(2, 78);
      },
    },
  ]);
  bench.world.decisions = decisions;
  bench.run(100 * MS);
  return { lines: journal.lines, events: bench.world.event };
}

test('in a plain run a lane goes on at once, before anything that it has set in motion', () => {
  const { lines, events } = run(null);
  expect(lines).toEqual(['10 tick 0', '10 step 1 77', '10 step 2 78', '10 side', '11 tick 1']);
  expect(events).toBe(3);
});

test('a decision that says nothing changes nothing', () => {
  const decisions = new Preempting([]);
  expect(run(decisions)).toEqual(run(null));
  expect(decisions.asked).toEqual(['0/0/1', '0/0/2']);
});

test('a decision lets others run, and a blocked lane does not see its timers', () => {
  const { lines, events } = run(new Preempting([0, 0, 3 * MS]));
  expect(lines).toEqual(['10 tick 0', '10 step 1 77', '10 side', '13 step 2 78', '13 tick 1']);
  expect(events).toBe(4);
});
