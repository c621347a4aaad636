/** Transactions as lists of small operations on keys, from the operations of a history. */
import type { Misfit } from '../linearizability/model.ts';
import type { History, Operation, Scalar, Value } from '../linearizability/operation.ts';

/** `lost`: nobody knows whether it took effect. */
export type TransactionStatus = 'committed' | 'lost' | 'aborted';

/** `[verb, key, value]`; a committed read's value is its answer, nil when there was nothing. */
export type Step = readonly [verb: string, key: Scalar, value: Value];

export interface Transaction {
  /** Place among all transactions, in order of call. */
  readonly id: number;
  readonly status: TransactionStatus;
  readonly steps: readonly Step[];
  readonly operation: Operation;
}

const READS = new Set(['r', 'read', 'get', 'get-or-empty']);
const WRITES = new Set(['w', 'write', 'set', 'put']);

export function isRead(verb: string): boolean {
  return READS.has(verb);
}

export function isWrite(verb: string): boolean {
  return WRITES.has(verb);
}

/** Operations that are no transactions of the model's verbs. */
export function misfitTransactions(
  { operations, failed }: History,
  mutates: (verb: string) => boolean,
  verbs: string,
): Misfit[] {
  const found: Misfit[] = [];
  for (const { f, input, callLine: line } of [...operations, ...failed]) {
    if (f !== 'txn' || !Array.isArray(input)) {
      const message = `expected a txn with a list of [verb, key, value], found ${f}`;
      found.push({ line, message });
      continue;
    }
    for (const step of input as readonly Value[]) {
      const verb = Array.isArray(step) ? (step[0] as Value) : undefined;
      if (typeof verb === 'string' && (isRead(verb) || mutates(verb))) continue;
      const message = `a transaction knows no ${JSON.stringify(verb)}; it knows ${verbs}`;
      found.push({ line, message });
    }
  }
  return found;
}

/** All transactions, those that failed included, in order of call. */
export function transactionsOf({ operations, failed }: History): Transaction[] {
  const all: Omit<Transaction, 'id'>[] = [];
  for (const operation of operations) {
    const { input, output, outcome } = operation;
    const status = outcome === 'ok' ? 'committed' : outcome === 'unknown' ? 'lost' : 'aborted';
    const answered = status === 'committed' && output !== null;
    const steps = (answered ? output : input) as unknown as readonly Step[];
    // Without an answer nobody knows what the reads saw.
    const known = answered ? steps : steps.filter(([verb]) => !isRead(verb));
    all.push({ status, steps: known, operation });
  }
  for (const operation of failed) {
    const steps = operation.input as unknown as readonly Step[];
    all.push({ status: 'aborted', steps, operation });
  }
  if (failed.length > 0) all.sort((left, right) => left.operation.call - right.operation.call);
  return all.map((transaction, id) => ({ ...transaction, id }));
}
