/**
 * A map of texts with put, get, append, delete and cas, each key by itself. A key that is absent
 * reads as nil or as the empty text: recorders differ.
 */
import { ROW } from '../fast/row.ts';
import type { RegisterRow } from '../fast/row.ts';
import type { Model } from '../model.ts';
import type { Operation, Scalar } from '../operation.ts';
import { identityOf, registerRow, stepRegister } from './register.ts';
import { casMisuse, casPair, isReadVerb, READ_VERBS, WRITE_VERBS } from './verbs.ts';

export function createKv(): Model<Scalar> {
  return {
    name: 'kv',
    summary: 'a map: put, get, append, delete, cas [from, to]',
    verbs: [...READ_VERBS, ...WRITE_VERBS, 'append', 'delete', 'cas'],
    misuse: (operation) => appendMisuse(operation) ?? casMisuse(operation),
    initial: () => null,
    step,
    identity: identityOf,
    isRead: ({ f }) => isReadVerb(f),
    registerRow: row,
    specialise: ignoringUnseen,
  };
}

/** Stands for all texts that nobody saw and that cannot grow into one that somebody saw. */
const UNSEEN = '\u0000';

/**
 * With appends there are as many states as orders, but nearly all of them are alike: a text that
 * no known answer starts with can only be replaced. They become one.
 */
function ignoringUnseen(operations: readonly Operation[]): Model<Scalar> | undefined {
  if (!operations.some(({ f }) => f === 'append')) return undefined;
  const texts: string[] = [];
  for (const { f, input, output, outcome } of operations) {
    const seen =
      f === 'cas' ? casPair(input)![0] : isReadVerb(f) && outcome === 'ok' ? output : null;
    if (typeof seen === 'string') texts.push(seen);
  }
  texts.sort();
  return {
    ...createKv(),
    step(state, operation) {
      const after = step(state, operation);
      return typeof after !== 'string' || startsOne(texts, after) ? after : UNSEEN;
    },
  };
}

/** Whether one of the sorted texts starts with `start`. */
function startsOne(texts: readonly string[], start: string): boolean {
  let low = 0;
  let high = texts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (texts[middle]! < start) low = middle + 1;
    else high = middle;
  }
  return low < texts.length && texts[low]!.startsWith(start);
}

function appendMisuse({ f, input }: Operation): string | undefined {
  return f === 'append' && typeof input !== 'string' ? 'an append needs a text' : undefined;
}

function step(state: Scalar, operation: Operation): Scalar | undefined {
  const { f, input, output } = operation;
  if (f === 'append') return `${state ?? ''}${input as string}`;
  if (f === 'delete') return null;
  if (isReadVerb(f) && output === '' && state === null) return state;
  return stepRegister(state, operation);
}

/** Appends depend on everything before them, so the fast path leaves them to the search. */
function row(operation: Operation, target: RegisterRow): boolean {
  const { f, output, outcome } = operation;
  if (f === 'append') return false;
  if (f === 'delete') {
    target.kind = ROW.write;
    target.value = null;
    target.version = operation.index;
    return true;
  }
  if (isReadVerb(f) && outcome === 'ok' && output === '') return false;
  return registerRow(operation, target);
}
