/** A single value that is read, replaced, and (cas-register) replaced on a condition. */
import { ROW } from '../fast/row.ts';
import type { RegisterRow } from '../fast/row.ts';
import type { Model } from '../model.ts';
import type { Operation, Scalar } from '../operation.ts';
import { canonical } from '../operation.ts';
import { casMisuse, casPair, isReadVerb, isWriteVerb, READ_VERBS, WRITE_VERBS } from './verbs.ts';

/** A register that holds `initial` before the first write. */
export function createRegister(initial: Scalar = null): Model<Scalar> {
  return {
    name: 'register',
    summary: 'one value per key: read, write',
    verbs: [...READ_VERBS, ...WRITE_VERBS],
    initial: () => initial,
    step: stepRegister,
    identity: identityOf,
    isRead: ({ f }) => isReadVerb(f),
    registerRow,
  };
}

/** A register with compare-and-set by value, `cas [from, to]`. */
export function createCasRegister(initial: Scalar = null): Model<Scalar> {
  return {
    ...createRegister(initial),
    name: 'cas-register',
    summary: 'one value per key: read, write, cas [from, to]',
    verbs: [...READ_VERBS, ...WRITE_VERBS, 'cas'],
    misuse: casMisuse,
  };
}

/** Shared with the kv model, which has these verbs too. */
export function stepRegister(state: Scalar, operation: Operation): Scalar | undefined {
  const { f, input, output, outcome } = operation;
  if (isReadVerb(f)) return canonical(output) === state ? state : undefined;
  if (isWriteVerb(f)) return canonical(input);
  const [from, to] = casPair(input)!;
  const holds = canonical(from) === state;
  if (outcome === 'ok') return holds ? canonical(to) : undefined;
  if (outcome === 'refused') return holds ? undefined : state;
  return holds ? canonical(to) : state;
}

/** Numbers and texts that look alike are different values. */
export function identityOf(state: Scalar): string | number {
  if (typeof state === 'number') return state;
  return typeof state === 'string' ? `"${state}` : `${state}`;
}

/** Rows of reads, writes and compare-and-sets by value. */
export function registerRow(operation: Operation, row: RegisterRow): boolean {
  const { f, input, output, outcome } = operation;
  row.version = operation.index;
  if (isReadVerb(f)) {
    row.kind = outcome === 'ok' ? ROW.read : ROW.nothing;
    row.value = canonical(output);
    // The index of "not found" is that of a table, not of a version.
    if (row.value === null) row.version = 0;
    return true;
  }
  if (isWriteVerb(f)) {
    row.kind = ROW.write;
    row.value = canonical(input);
    return true;
  }
  const pair = casPair(input);
  if (f !== 'cas' || pair === undefined) return false;
  row.kind = outcome === 'refused' ? ROW.notValue : ROW.cas;
  row.from = canonical(pair[0]);
  row.value = canonical(pair[1]);
  return true;
}
