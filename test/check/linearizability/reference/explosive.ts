/**
 * A queue history that no search gets through: a quiet beginning, then `crowd` concurrent enqueues
 * that are dequeued in an order no one can know in advance, the last two answers exchanged.
 */
import type { Operation } from '../../../../sim/check/linearizability/operation.ts';
import { createOperation } from '../../../../sim/check/linearizability/operation.ts';

export function explosive(crowd: number): Operation[] {
  const operations: Operation[] = [];
  let position = 0;
  const add = (fields: Partial<Operation>): void => {
    operations.push(createOperation({ key: 'k', id: operations.length, ...fields }));
  };
  for (let i = 0; i < 10; i++) {
    const [call, end] = [position, position + 1];
    position += 2;
    if (i % 2 === 0) add({ f: 'enqueue', input: `quiet ${i}`, call, return: end });
    else add({ f: 'dequeue', output: `quiet ${i - 1}`, call, return: end });
  }
  const calls = position;
  const ends = calls + crowd;
  position = ends + crowd;
  for (let i = 0; i < crowd; i++) {
    const process = `${i}`;
    add({ f: 'enqueue', process, input: `crowd ${i}`, call: calls + i, return: ends + i });
  }
  // One value is taken that was enqueued only after another which is never found.
  if (crowd > 0) {
    add({ f: 'enqueue', input: 'late', call: position, return: position + 1 });
    add({ f: 'dequeue', output: 'late', call: position + 2, return: position + 3 });
  }
  return operations;
}
