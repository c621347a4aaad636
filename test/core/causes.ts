/**
 * One call between two programs while something happens to one of them: what the caller sees, when,
 * and when the server saw the request. The network takes exactly 1 ms.
 */
import { strict as assert } from 'node:assert';
import type { Outbox } from '../../sim/core/machine.ts';
import { Bench, Input, LATENCY, SECOND, outcome, seconds } from './kit.ts';
import type { Program } from './kit.ts';

export const BEGIN = 10 * SECOND;
export const END = 40 * SECOND;
const AFTERWARDS = 41 * SECOND;
const THINKING = 4 * SECOND;

export const CALLER = 0;
export const SERVER = 1;

export interface Situation {
  readonly input: number;
  /** When the call is made. */
  readonly at: number;
  /** A call at 1 s has left a connection behind. */
  readonly warm: boolean;
  /** How long the server works on a request. */
  readonly thinking?: number;
}

/** What is going on when the fault strikes at 10 s. */
export const SITUATIONS: Readonly<Record<string, Situation>> = {
  dial: { input: Input.ask, at: BEGIN, warm: false },
  'SYN in flight': { input: Input.ask, at: BEGIN - LATENCY / 2, warm: false },
  'request in flight': { input: Input.ask, at: BEGIN - LATENCY / 2, warm: true },
  'request being served': {
    input: Input.ask,
    at: BEGIN - THINKING / 2,
    warm: true,
    thinking: THINKING,
  },
  'answer in flight': { input: Input.ask, at: BEGIN - (3 * LATENCY) / 2, warm: true },
  'idle, used at once': { input: Input.ask, at: BEGIN, warm: true },
  'idle, used at 41 s': { input: Input.ask, at: AFTERWARDS, warm: true },
  'session, request in flight': { input: Input.session, at: BEGIN - LATENCY / 2, warm: true },
  'session, used at once': { input: Input.session, at: BEGIN, warm: true },
  'session, used at 41 s': { input: Input.session, at: AFTERWARDS, warm: true },
};

/** Begins at 10 s and returns what happens at 40 s. */
export type Fault = (bench: Bench) => () => void;

const pause =
  (victim: number, kind: 'stop' | 'io' | 'suspend'): Fault =>
  ({ world }) => {
    const process = world.processes[victim]!;
    world.power.pause(process, kind);
    return () => world.power.resume(process, kind);
  };

const crash =
  (how: 'kill' | 'power'): Fault =>
  (bench) => {
    bench.world.power.crash(bench.process(SERVER), how);
    return () => bench.start(SERVER);
  };

export const SERVER_FAULTS: Readonly<Record<string, Fault>> = {
  nothing: () => () => {},
  cut: (bench) => bench.cut(CALLER, SERVER),
  'cut towards the server': (bench) => bench.cut(CALLER, SERVER, false),
  'cut towards the caller': (bench) => bench.cut(SERVER, CALLER, false),
  kill: crash('kill'),
  power: crash('power'),
  'restart at once': (bench) => {
    bench.world.power.crash(bench.process(SERVER), 'kill');
    bench.start(SERVER);
    return () => {};
  },
  'pause stop': pause(SERVER, 'stop'),
  'pause io': pause(SERVER, 'io'),
  'pause suspend': pause(SERVER, 'suspend'),
};

export const CALLER_FAULTS: Readonly<Record<string, Fault>> = {
  'pause stop': pause(CALLER, 'stop'),
  'pause io': pause(CALLER, 'io'),
  'pause suspend': pause(CALLER, 'suspend'),
};

function caller(situation: Situation, timeout: number, report: (text: string) => void): Program {
  const WARM_UP = 1;
  const CALL = 2;
  const call = (out: Outbox, step: number): void =>
    out.call(SERVER, situation.input, step, timeout, step, 0);
  return {
    start: (out) => {
      if (situation.warm) out.timer(Input.tick, WARM_UP, SECOND);
      out.timer(Input.tick, CALL, situation.at);
    },
    input: (out, input, from) => {
      if (input === Input.tick) call(out, from);
    },
    resume: (out, step) => {
      if (step === CALL) report(outcome(out));
    },
  };
}

function server(thinking: number, served: () => void): Program {
  const CALL = 2;
  return {
    input: (out, _, exchange, body) => {
      if (body === CALL) served();
      if (thinking > 0 && body === CALL) out.sleep(thinking, 1, exchange);
      else out.reply(exchange, body);
    },
    resume: (out, _, exchange) => out.reply(exchange, null),
  };
}

/**
 * `ok 10.002, served 10.001`: what the caller sees and when, and when the server saw it.
 *
 * Errors: throws when a call or an exchange outlives everybody who could still care.
 */
export function observe(
  fault: Fault,
  situation: Situation,
  timeout: number,
  options: { ideal?: boolean; seed?: number; end?: number } = {},
): string {
  const seen: string[] = [];
  const report = (what: string): void => void seen.push(`${what} ${seconds(bench.world.now)}`);
  const thinking = situation.thinking ?? 0;
  const bench: Bench = new Bench(
    [caller(situation, timeout, report), server(thinking, () => report('served'))],
    { tcp: { ideal: options.ideal ?? false }, seed: options.seed ?? 1 },
  );
  bench.at(BEGIN, () => bench.at(options.end ?? END, fault(bench)));
  bench.run(2000 * SECOND);
  const { calls, exchanges } = bench.world.rpc;
  calls.forEach(({ handle }) => assert.fail(`call ${handle} never ended`));
  exchanges.forEach(({ handle }) => assert.fail(`exchange ${handle} never ended`));
  assert.equal(bench.world.queue.size, 0, 'something is still going on');
  const result = seen.filter((what) => !what.startsWith('served'));
  const served = seen.filter((what) => what.startsWith('served'));
  assert.equal(result.length, 1, 'a call ends once');
  return [...result, ...served].join(', ');
}

/** A table with one line for each situation of each fault, for a short and a long timeout. */
export function table(
  faults: Readonly<Record<string, Fault>>,
  cell: (fault: Fault, situation: Situation, timeout: number) => string,
): string {
  const rows: string[][] = [];
  for (const [name, fault] of Object.entries(faults)) {
    rows.push([name, 'timeout 10 s', 'timeout 100 s']);
    for (const [when, situation] of Object.entries(SITUATIONS)) {
      const [short, long] = [10 * SECOND, 100 * SECOND].map((timeout) =>
        cell(fault, situation, timeout),
      );
      rows.push([`  ${when}`, short!, long!]);
    }
    rows.push(['', '', '']);
  }
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = ([when, short, long]: string[]): string =>
    `${when!.padEnd(widths[0]!)}  ${short!.padEnd(widths[1]!)}  ${long}`.trimEnd();
  return rows.map(line).join('\n');
}
