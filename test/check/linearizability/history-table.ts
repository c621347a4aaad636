/**
 * Histories drawn as text, so that a test shows what it is about. One line for each process:
 *
 *     a: <write 1      >
 *     b:    <read 1>  <read 0 >
 *     c:  <write 2 ?
 *
 * Columns are time. `<verb argument>` spans call and return; `?` instead of `>` is an unknown
 * outcome, `!>` a refusal. A read's argument is its answer.
 */
import type { Operation, Value } from '../../../sim/check/linearizability/operation.ts';
import { createOperation } from '../../../sim/check/linearizability/operation.ts';

const READS = new Set(['read', 'get', 'dequeue']);

export function history(drawing: string): Operation[] {
  const found: Operation[] = [];
  for (const line of drawing.split('\n')) {
    const process = /^\s*(\w+):/.exec(line)?.[1];
    if (process === undefined) continue;
    for (const match of line.matchAll(/<([\w-]+)\s*([^>?!]*?)\s*(>|\?|!>)/g)) {
      const [whole, f, argument, end] = match as unknown as [string, string, string, string];
      const value: Value = argument === '' ? null : (JSON.parse(argument) as Value);
      const reads = READS.has(f);
      const lost = end === '?';
      found.push(
        createOperation({
          process,
          f,
          key: 'k',
          input: reads ? null : value,
          output: reads ? value : null,
          outcome: lost ? 'unknown' : end === '!>' ? 'refused' : 'ok',
          call: match.index,
          return: lost ? Infinity : match.index + whole.length,
        }),
      );
    }
  }
  found.sort((left, right) => left.call - right.call);
  return found.map((operation, id) => ({ ...operation, id }));
}
