/**
 * Transactions in a few letters. `ax1` appends 1 to x, `wx1` writes it; `rx12` reads the list
 * [1, 2], `rx` an empty one, `rx=3` the value 3, `rx=` the initial one. Steps are separated by
 * spaces. A transaction ends with its status: nothing (committed), `!` aborted, `?` unknown.
 */
import type { History, Operation, Value } from '../../../sim/check/linearizability/operation.ts';
import { createOperation } from '../../../sim/check/linearizability/operation.ts';

export interface Timing {
  readonly call: number;
  readonly end: number;
  readonly process?: string;
}

/** Transactions that overlap each other, unless `timings` says otherwise. */
export function transactions(texts: readonly string[], timings?: readonly Timing[]): History {
  const operations: Operation[] = [];
  const failed: Operation[] = [];
  texts.forEach((text, i) => {
    const status = text.at(-1)!;
    const steps = text.replace(/[!?]$/, '').trim().split(/\s+/).map(parseStep);
    const { call, end, process } = timings?.[i] ?? { call: i, end: texts.length + i };
    const lost = status === '?';
    const operation = createOperation({
      id: operations.length,
      process: process ?? `p${i}`,
      f: 'txn',
      input: steps.map(([verb, key, value]) => [verb!, key!, verb === 'r' ? null : value!]),
      output: lost ? null : steps,
      outcome: lost ? 'unknown' : 'ok',
      call,
      return: lost ? Infinity : end,
      callLine: i + 1,
    });
    if (status === '!') failed.push(operation);
    else operations.push(operation);
  });
  return { operations, failed };
}

function parseStep(text: string): Value[] {
  const [verb, key, ...rest] = text;
  if (verb === 'a') return ['append', key!, Number(rest.join(''))];
  if (verb === 'w') return ['w', key!, Number(rest.join(''))];
  if (rest[0] === '=') return ['r', key!, rest.length > 1 ? Number(rest.slice(1).join('')) : null];
  return ['r', key!, rest.map(Number)];
}
