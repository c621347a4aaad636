/** Compares what a client was told of a write with what its entry in the committed log does. */
import type { Operation } from '../../client/operation.ts';
import type { KvWriteResult } from '../../consul/state/kv.ts';
import { isStoreError } from '../../consul/state/store.ts';
import type { TransactionResult } from '../../consul/state/transaction-types.ts';
import type { StoreReplay } from './replay.ts';
import type { Ending } from './told.ts';

/** What is wrong with an answer, without its full stop; undefined: nothing; null: nothing is known. */
export function wrongAnswer(
  replay: StoreReplay,
  operation: Operation,
  ending: Ending,
): string | null | undefined {
  const { answer, digest } = operation;
  if (ending === 'unknown') return null;
  if (ending === 'failed') return wronglyFailed(replay, operation);
  // What the leader refused by itself is in no log.
  if (answer!.logIndex === 0) return null;
  const result = replay.resultAt(answer!.logIndex, digest);
  if (result === undefined) return null;
  return difference(operation, result);
}

/** It was said not to have happened, and is in the log. The store may have refused it there. */
function wronglyFailed(replay: StoreReplay, operation: Operation): string | null | undefined {
  const index = replay.indexOf(operation.digest);
  if (index === 0) return null;
  if (isStoreError(replay.resultAt(index, operation.digest))) return undefined;
  return `${nameOf(operation)} was reported as failed, and took effect at index ${index}`;
}

function difference(operation: Operation, result: unknown): string | undefined {
  const { applied, index, logIndex, value } = operation.answer!;
  const where = `${nameOf(operation)} at index ${logIndex}`;
  if (operation.f === 'txn') return ofTransaction(where, value as TransactionResult, result);
  if (isStoreError(result))
    return `${where} was answered, although it is in error: ${result.error}`;
  const { applied: held, modifyIndex } = result as KvWriteResult;
  if (applied !== held) {
    return `${where} was told that it ${applied ? 'held' : 'did not'}, and it ${held ? 'did' : 'did not'}`;
  }
  if (index === modifyIndex) return undefined;
  return `${where} was told of index ${index}, and left ${modifyIndex}`;
}

function ofTransaction(
  where: string,
  told: TransactionResult,
  result: unknown,
): string | undefined {
  const made = result as TransactionResult;
  if ((told.errors.length === 0) !== (made.errors.length === 0)) {
    return `${where} was told of ${told.errors.length} errors, and had ${made.errors.length}`;
  }
  if (JSON.stringify(told.results) === JSON.stringify(made.results)) return undefined;
  return `${where} was answered other rows than it saw`;
}

/** Whether an entry changed, or could have changed, anything: no condition of it was false. */
export function hasHeld(result: unknown): boolean {
  if (isStoreError(result)) return false;
  if (result !== null && typeof result === 'object' && 'errors' in result) {
    return (result as TransactionResult).errors.length === 0;
  }
  return (result as KvWriteResult).applied;
}

export function nameOf({ f, key }: Operation): string {
  return key === '' ? `The ${f}` : `The ${f} of ${key}`;
}
