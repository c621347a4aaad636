/** Verbs that several recorders use for the same thing. */
import type { Operation, Value } from '../operation.ts';

export const READ_VERBS: readonly string[] = ['read', 'get', 'r'];
export const WRITE_VERBS: readonly string[] = ['write', 'put', 'w'];

const READS = new Set(READ_VERBS);
const WRITES = new Set(WRITE_VERBS);

export function isReadVerb(f: string): boolean {
  return READS.has(f);
}

export function isWriteVerb(f: string): boolean {
  return WRITES.has(f);
}

/** The two values of a compare-and-set by value; undefined when the input is something else. */
export function casPair(input: Value): readonly [Value, Value] | undefined {
  return Array.isArray(input) && input.length === 2
    ? (input as unknown as readonly [Value, Value])
    : undefined;
}

/** Complains about a `cas` without its two values. */
export function casMisuse(operation: Operation): string | undefined {
  if (operation.f !== 'cas' || casPair(operation.input) !== undefined) return undefined;
  return 'a cas needs two values, [from, to]';
}
