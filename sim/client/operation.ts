/** One operation of a client of the key-value store, as observers find it in the client's table. */
import type { ProcessIndex } from '../core/machine.ts';
import type { ReadMode, ServerAnswer } from '../consul/requests/request.ts';
import type { KvTransactionOperation } from '../consul/state/transaction-types.ts';

export { LOAD_MACHINE } from '../service/loads.ts';

/** Notes; a: slot of the operation in the client's table, where observers find the rest. */
export const LoadNote = {
  invoked: 0x301,
  succeeded: 0x302,
  failed: 0x303,
  unknown: 0x304,
} as const;

export type KvFunction = 'put' | 'get' | 'cas' | 'delete';
export type LockFunction =
  'acquire' | 'release' | 'session-create' | 'session-renew' | 'session-destroy';
export type OperationFunction = KvFunction | LockFunction | 'txn';

/** One operation under way, or just ended when its note is made. */
export interface Operation {
  readonly id: number;
  readonly f: OperationFunction;
  /** Of a transaction and of what is about a session alone "". */
  readonly key: string;
  readonly mode: ReadMode;
  /** What it writes; null for reads and deletes. */
  readonly written: string | null;
  /** Of what it puts into the log; 0 where that is known with the answer only. */
  readonly digest: number;
  /** Local time of its start. */
  readonly startedMicros: number;
  readonly server: ProcessIndex;
  readonly compareIndex: number;
  /** Session that it names; "": none. */
  readonly session: string;
  /** Verbs of a transaction; null of others. */
  readonly verbs: readonly KvTransactionOperation[] | null;
  answer: ServerAnswer | null;
  error: string | null;
}

/** It changes nothing in the log, so that it has failed where its outcome is unknown. */
export function changesNothing({ f, verbs }: Pick<Operation, 'f' | 'verbs'>): boolean {
  if (f === 'txn') return verbs!.every(({ verb }) => verb === 'get-or-empty');
  return f === 'get' || f === 'session-renew';
}
