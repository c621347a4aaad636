/** The verdict on a recorded history as one JSON document, `lictor.check/1`. */
import type { Outcome } from '../../sim/check/recorded.ts';

export interface CheckDocument {
  readonly schema: 'lictor.check/1';
  readonly file: string;
  readonly format: string;
  readonly model: string;
  readonly verdict: 'pass' | 'fail' | 'unknown';
  readonly exitCode: number;
  /** Fields depend on the model; positions count records from 0, lines from 1. */
  readonly result: object;
}

export function checkDocument(
  head: Omit<CheckDocument, 'schema' | 'result' | 'verdict'>,
  { result }: Outcome,
): CheckDocument {
  const { verdict } = result;
  return { schema: 'lictor.check/1', ...head, verdict, result: finite(result) as object };
}

/** JSON has no Infinity: an operation that never returned returns at null. */
function finite(value: unknown): unknown {
  if (value === Infinity) return null;
  if (Array.isArray(value)) return value.map(finite);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, finite(inner)]));
}
