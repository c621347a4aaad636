/** A number that is added to and read. */
import type { Model, Impossibility } from '../model.ts';
import type { Operation } from '../operation.ts';
import { isReadVerb, READ_VERBS } from './verbs.ts';

const UP = new Set(['add', 'inc', 'increment']);
const DOWN = new Set(['dec', 'decrement']);

export function createCounter(initial = 0): Model<number> {
  return {
    name: 'counter',
    summary: 'a sum: add N (or inc, dec), read, add-and-get N',
    verbs: [...READ_VERBS, ...UP, ...DOWN, 'add-and-get'],
    misuse: ({ f, input }) =>
      isReadVerb(f) || input === null || typeof input === 'number'
        ? undefined
        : `${f} needs a number`,
    initial: () => initial,
    step,
    identity: (state) => state,
    isRead: ({ f }) => isReadVerb(f),
    impossible: (operations) => outOfRange(operations, initial),
  };
}

function step(state: number, operation: Operation): number | undefined {
  const { f, output, outcome } = operation;
  if (isReadVerb(f)) return output === state ? state : undefined;
  if (outcome === 'refused') return state;
  const sum = state + amount(operation);
  if (f === 'add-and-get' && outcome === 'ok') return output === sum ? sum : undefined;
  return sum;
}

function amount({ f, input }: Operation): number {
  const size = input === null ? 1 : (input as number);
  return DOWN.has(f) ? -size : size;
}

/** A read beyond the sum of everything that could count by its end, in either direction. */
function outOfRange(operations: readonly Operation[], initial: number): Impossibility | undefined {
  const changes = operations.filter(({ f, outcome }) => !isReadVerb(f) && outcome !== 'refused');
  const down = changes.filter((change) => amount(change) < 0);
  const up = changes.filter((change) => amount(change) >= 0);
  const downCalled = runningSum(down, 'call');
  const downDone = runningSum(down, 'return');
  const upCalled = runningSum(up, 'call');
  const upDone = runningSum(up, 'return');
  for (const { id, f, outcome, output, call, return: end } of operations) {
    if (!isReadVerb(f) || outcome !== 'ok' || typeof output !== 'number') continue;
    const least = initial + sumUpTo(downCalled, end) + sumUpTo(upDone, call);
    const most = initial + sumUpTo(downDone, call) + sumUpTo(upCalled, end);
    if (output >= least && output <= most) continue;
    const reason = `a read saw ${output}, but by then the sum was between ${least} and ${most}`;
    return { reason, operations: [id] };
  }
  return undefined;
}

interface RunningSum {
  readonly positions: Float64Array;
  readonly sums: Float64Array;
}

/** Sums of the amounts in order of one end of the operations. */
function runningSum(changes: readonly Operation[], end: 'call' | 'return'): RunningSum {
  const sorted = changes
    .filter((change) => change[end] < Infinity)
    .sort((left, right) => left[end] - right[end] || left.id - right.id);
  const sums = new Float64Array(sorted.length);
  let sum = 0;
  sorted.forEach((change, i) => {
    sum += amount(change);
    sums[i] = sum;
  });
  return { positions: Float64Array.from(sorted, (change) => change[end]), sums };
}

/** Sum of what lies before `position`. */
function sumUpTo({ positions, sums }: RunningSum, position: number): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (positions[middle]! < position) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : sums[low - 1]!;
}
