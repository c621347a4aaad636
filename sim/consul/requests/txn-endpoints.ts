/** Transactions (`consul:agent/consul/txn_endpoint.go`; reference: consul §3.2, §4.2). */
import { hashString, mix } from '../../core/fingerprint.ts';
import type { Outbox } from '../../core/machine.ts';
import type { Store } from '../state/store.ts';
import { TRANSACTION_OPERATIONS_MAX, readTransaction } from '../state/transaction.ts';
import type {
  TransactionError,
  TransactionOperation,
  TransactionResult,
} from '../state/transaction-types.ts';
import type { ReadEndpoint, WriteEndpoint } from './endpoint.ts';
import { refusesLock } from './locks.ts';
import { definite } from './request.ts';
import { raftOf } from './state.ts';

export interface TransactionInput {
  readonly operations: readonly TransactionOperation[];
}

const BASE_BYTES = 150;
const OPERATION_BYTES = 180;

function bytes({ operations }: TransactionInput): number {
  return BASE_BYTES + OPERATION_BYTES * operations.length;
}

function answerBytes({ results, errors }: TransactionResult): number {
  return BASE_BYTES + OPERATION_BYTES * (results.length + errors.length);
}

/** What the leader sees without the log: then the log never hears of it. */
function errorsBefore(
  operations: readonly TransactionOperation[],
  out: Outbox,
): TransactionError[] {
  const errors: TransactionError[] = [];
  operations.forEach((operation, at) => {
    if (operation.kind !== 'kv') return;
    if (operation.key === '' && operation.verb !== 'delete-tree' && operation.verb !== 'get-tree') {
      errors.push({ operation: at, error: 'Must provide key' });
    } else if (operation.verb === 'lock' && refusesLock(raftOf(out), operation.key, out)) {
      errors.push({
        operation: at,
        error: `Rejecting lock of key ${operation.key} due to lock-delay`,
      });
    }
  });
  return errors;
}

/** Of the command that a transaction becomes. */
export function transactionDigest(operations: readonly TransactionOperation[]): number {
  return mix(29, hashString(JSON.stringify(operations)));
}

export const txnApply: WriteEndpoint = {
  name: 'Txn.Apply',
  kind: 'write',
  bytes,
  answerBytes,
  command: ({ operations }: TransactionInput, out) => {
    if (operations.length > TRANSACTION_OPERATIONS_MAX) {
      const limit = `Transaction contains too many operations (${operations.length} > 128)`;
      return { error: definite(limit) };
    }
    const errors = errorsBefore(operations, out);
    if (errors.length > 0) {
      const value: TransactionResult = { results: [], errors };
      return { answer: { value, applied: false, index: 0 } };
    }
    return { command: { op: 'txn', operations, digest: transactionDigest(operations) } };
  },
  result: (value: TransactionResult) => {
    return { value, applied: value.errors.length === 0, index: 0 };
  },
};

/** It cannot block: no index is told apart from the tables'. */
export const txnRead: ReadEndpoint = {
  name: 'Txn.Read',
  kind: 'read',
  bytes,
  answerBytes,
  boundsStaleness: false,
  query: (store: Store, { operations }: TransactionInput) => {
    return { value: readTransaction(store, operations), index: 0, notFound: false };
  },
};
