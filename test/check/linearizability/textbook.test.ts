/** Examples whose verdict is known from books and quizzes, judged by every way there is. */
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../sim/check/linearizability/budget.ts';
import { checkHistory } from '../../../sim/check/linearizability/check.ts';
import { createModel } from '../../../sim/check/linearizability/models/index.ts';
import { history } from './history-table.ts';

type Example = readonly [name: string, model: string, verdict: 'pass' | 'fail', drawing: string];

const EXAMPLES: readonly Example[] = [
  [
    'both values may be read while the write runs',
    'register',
    'pass',
    `a: <put 100                  >
     b:      <get 100       >
     c:        <get null>`,
  ],
  [
    'what was read once stays written',
    'register',
    'fail',
    `a: <put 200                            >
     b:    <get 200>
     c:               <get null       >`,
  ],
  [
    'a read of an older value after a newer one was written',
    'register',
    'fail',
    `a: <write 1> <write 2>
     b:                     <read 1>`,
  ],
  [
    'a lost write may take effect late',
    'register',
    'pass',
    `a: <write 1> <write 2 ?
     b:            <read 1> <read 1> <read 2>`,
  ],
  [
    'a lost write takes effect once',
    'register',
    'fail',
    `a: <write 1> <write 2 ?
     b:            <read 2> <read 1>`,
  ],
  [
    'a lost write may never take effect',
    'cas-register',
    'pass',
    `a: <write 1> <cas [1,2] ?
     b:             <read 1> <read 1>`,
  ],
  [
    'two compare-and-sets of the same value',
    'cas-register',
    'fail',
    `a: <write 1> <cas [1,2]>
     b:            <cas [1,3]>`,
  ],
  [
    'a refused compare-and-set saw another value',
    'cas-register',
    'fail',
    `a: <write 1>
     b:           <cas [1,3]!>`,
  ],
  [
    'a value from nowhere',
    'register',
    'fail',
    `a: <write 1>
     b:           <read 7>`,
  ],
  [
    'first in, first out',
    'queue',
    'fail',
    `a: <enqueue 1> <enqueue 2>
     b:                          <dequeue 2>`,
  ],
  [
    'concurrent enqueues have either order',
    'queue',
    'pass',
    `a: <enqueue 1>
     b: <enqueue 2>
     c:               <dequeue 2> <dequeue 1> <dequeue null>`,
  ],
  [
    'a lock has one holder',
    'lock',
    'fail',
    `a: <acquire>
     b:           <acquire>`,
  ],
  [
    'a released lock can be had',
    'lock',
    'pass',
    `a: <acquire> <release>
     b:                     <acquire>`,
  ],
  [
    'a counter adds up',
    'counter',
    'fail',
    `a: <add 1> <add 2>
     b:                 <read 2>`,
  ],
  [
    'a set keeps what was added',
    'set',
    'fail',
    `a: <add 1> <add 2>
     b:                 <read [2]>`,
  ],
];

describe('textbook examples', () => {
  test.each(EXAMPLES)('%s (%s): %s', (_, name, verdict, drawing) => {
    const model = createModel(name)!;
    const operations = history(drawing);
    for (const searchOnly of [false, true]) {
      expect(checkHistory(operations, model, new Budget(), { searchOnly }).verdict).toBe(verdict);
    }
  });
});

describe('a failure', () => {
  const operations = history(`
     a: <write 1>             <write 2>             <write 3>
     b:            <read 1>              <read 1>              <read 3>
     c:   <read 1>                 <read 2>`);
  const finding = checkHistory(operations, createModel('register')!, new Budget()).findings[0]!;

  test('names the record with which no order is left', () => {
    expect(operations.find(({ return: end }) => end === finding.brokenAt)).toMatchObject({
      f: 'read',
      process: 'b',
      output: 1,
    });
    expect(finding.earliest).toBe(true);
  });

  test('gives an order of the records before it', () => {
    const order = finding.order.map(
      ({ f, output, input }) => `${f} ${JSON.stringify(input ?? output)}`,
    );
    expect(order).toEqual(['write 1', 'read 1', 'read 1', 'write 2', 'read 2']);
  });

  test('leaves out what has nothing to do with it', () => {
    const involved = finding.involved.map(({ f, process }) => `${process} ${f}`);
    expect(involved).toEqual(['a write', 'a write', 'b read']);
    expect(finding.minimal).toBe(true);
  });
});
