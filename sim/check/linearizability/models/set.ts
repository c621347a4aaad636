/** A set of values: add, remove, and a read of all of them. */
import type { Impossibility, Model } from '../model.ts';
import type { Operation, Scalar } from '../operation.ts';
import { canonical, valueText } from '../operation.ts';
import { identityOf } from './register.ts';
import { isReadVerb, READ_VERBS } from './verbs.ts';

/** Members as texts, sorted. */
type Members = readonly string[];

export function createSet(): Model<Members> {
  return {
    name: 'set',
    summary: 'a set: add, remove, read (all members)',
    verbs: [...READ_VERBS, 'add', 'remove'],
    misuse: ({ f, output, outcome }) =>
      isReadVerb(f) && outcome === 'ok' && !Array.isArray(output)
        ? 'a read of a set answers a list'
        : undefined,
    initial: () => [],
    step,
    identity: (state) => state.join('\u0001'),
    isRead: ({ f }) => isReadVerb(f),
    helpful,
    impossible: neverAdded,
  };
}

function textOf(value: Scalar): string {
  return `${identityOf(value)}`;
}

function member(operation: Operation): string {
  return textOf(canonical(operation.input));
}

function membersRead({ output }: Operation): string[] {
  const texts = (output as readonly Scalar[]).map((value) => textOf(canonical(value)));
  return texts.sort(byCodeUnits);
}

function byCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function step(state: Members, operation: Operation): Members | undefined {
  const { f, outcome } = operation;
  if (isReadVerb(f)) {
    const seen = membersRead(operation);
    const same = seen.length === state.length && seen.every((text, i) => text === state[i]);
    return same ? state : undefined;
  }
  const text = member(operation);
  const present = state.includes(text);
  if (outcome === 'refused') return present === (f === 'add') ? state : undefined;
  if (f === 'add') return present ? state : [...state, text].sort(byCodeUnits);
  return present ? state.filter((other) => other !== text) : state;
}

/** An addition nobody saw, or a removal of something every read saw, only makes matters worse. */
function helpful(unknown: readonly Operation[], known: readonly Operation[]): readonly Operation[] {
  if (known.some(({ outcome }) => outcome === 'refused')) return unknown;
  const reads = known.filter(({ f }) => isReadVerb(f)).map((read) => new Set(membersRead(read)));
  return unknown.filter((operation) => {
    const text = member(operation);
    return reads.some((read) => read.has(text) === (operation.f === 'add'));
  });
}

function neverAdded(operations: readonly Operation[]): Impossibility | undefined {
  const firstCall = new Map<string, number>();
  for (const operation of operations) {
    if (operation.f !== 'add' || operation.outcome === 'refused') continue;
    const text = member(operation);
    firstCall.set(text, Math.min(firstCall.get(text) ?? Infinity, operation.call));
  }
  for (const read of operations) {
    if (!isReadVerb(read.f) || read.outcome !== 'ok') continue;
    for (const value of read.output as readonly Scalar[]) {
      const call = firstCall.get(textOf(canonical(value)));
      if (call !== undefined && call < read.return) continue;
      const what = call === undefined ? 'nobody added' : 'was added only afterwards';
      const reason = `a read saw ${valueText(value)}, which ${what}`;
      return { reason, operations: [read.id] };
    }
  }
  return undefined;
}
