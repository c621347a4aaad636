/** Two programs, the second of which is paused from 100 ms to 200 ms. */
import type { PauseKind } from '../../sim/core/power.ts';
import { Bench, Input, Journal, LATENCY, MS, SECOND } from './kit.ts';
import type { BenchOptions, Program } from './kit.ts';

export const NOTHING: Program = {};

/** Pauses the second of two programs from 100 ms to 200 ms and says what both say. */
export function run(
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
export const sender = (count: number): Program => ({
  start: (out) => {
    for (let i = 1; i <= count; i++) out.timer(Input.tick, i, (109 + i) * MS - LATENCY);
  },
  input: (out, input, key) => {
    if (input === Input.tick) out.datagram(1, Input.packet, key);
  },
});

export const receiver = (say: (what: string) => void): Program => ({
  input: (_, input, from, body) => say(input === Input.packet ? `packet ${body}` : `tick ${from}`),
});
