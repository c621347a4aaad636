/** A first-in-first-out queue. A dequeue that finds it empty answers nil, or is refused. */
import type { Impossibility, Model } from '../model.ts';
import type { Operation, Scalar } from '../operation.ts';
import { canonical, valueText } from '../operation.ts';
import { identityOf } from './register.ts';

/** Waiting values as texts, the oldest first. */
type Waiting = readonly string[];

export function createQueue(): Model<Waiting> {
  return {
    name: 'queue',
    summary: 'a FIFO queue: enqueue, dequeue (nil when empty)',
    verbs: ['enqueue', 'dequeue'],
    misuse: ({ f, input }) =>
      f === 'enqueue' && input === null ? 'an enqueue needs a value' : undefined,
    initial: () => [],
    step,
    identity: (state) => state.join('\u0001'),
    isRead: () => false,
    helpful,
    impossible: neverEnqueued,
  };
}

function textOf(value: Scalar): string {
  return `${identityOf(value)}`;
}

function step(state: Waiting, { f, input, output, outcome }: Operation): Waiting | undefined {
  if (f === 'enqueue') {
    return outcome === 'refused' ? state : [...state, textOf(canonical(input))];
  }
  if (outcome === 'unknown') return state.slice(1);
  if (outcome === 'refused' || output === null) return state.length === 0 ? state : undefined;
  return state[0] === textOf(canonical(output)) ? state.slice(1) : undefined;
}

/** A value that nobody took out only stands in the way, unless a lost dequeue may have taken it. */
function helpful(unknown: readonly Operation[], known: readonly Operation[]): readonly Operation[] {
  if (unknown.some(({ f }) => f === 'dequeue')) return unknown;
  const taken = new Set<Scalar>();
  for (const { f, output } of known) if (f === 'dequeue') taken.add(canonical(output));
  return unknown.filter(({ input }) => taken.has(canonical(input)));
}

/** Values taken that nobody had put in, or more often than anybody had. */
function neverEnqueued(operations: readonly Operation[]): Impossibility | undefined {
  const put = new Map<Scalar, Operation[]>();
  for (const operation of operations) {
    if (operation.f !== 'enqueue' || operation.outcome === 'refused') continue;
    const value = canonical(operation.input);
    const same = put.get(value);
    if (same === undefined) put.set(value, [operation]);
    else same.push(operation);
  }
  const taken = new Map<Scalar, Operation[]>();
  for (const operation of operations) {
    const { f, output, outcome } = operation;
    if (f !== 'dequeue' || outcome !== 'ok' || output === null) continue;
    const value = canonical(output);
    const same = taken.get(value) ?? [];
    same.push(operation);
    taken.set(value, same);
    const available = (put.get(value) ?? []).filter(({ call }) => call < operation.return);
    if (available.length === 0) {
      const reason = `a dequeue answered ${valueText(output)}, which nobody had enqueued`;
      return { reason, operations: [operation.id] };
    }
    if ((put.get(value) ?? []).length < same.length) {
      const reason = `${valueText(output)} was dequeued more often than it was enqueued`;
      return { reason, operations: same.map(({ id }) => id) };
    }
  }
  return undefined;
}
