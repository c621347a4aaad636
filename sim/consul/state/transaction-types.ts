/** Operations of a transaction (`consul:agent/structs/txn.go`), and what comes of them. */
import type {
  CatalogCheck,
  CatalogNode,
  CatalogService,
  CheckDefinition,
  KvEntry,
  NodeDefinition,
  ServiceDefinition,
} from './rows.ts';

export type KvTransactionVerb =
  | 'set'
  | 'cas'
  | 'delete'
  | 'delete-cas'
  | 'delete-tree'
  | 'lock'
  | 'unlock'
  | 'get'
  | 'get-or-empty'
  | 'get-tree'
  | 'check-index'
  | 'check-session'
  | 'check-not-exists';

export interface KvTransactionOperation {
  readonly kind: 'kv';
  readonly verb: KvTransactionVerb;
  readonly key: string;
  readonly value: string;
  readonly flags: number;
  /** ModifyIndex that cas, delete-cas and check-index expect. */
  readonly index: number;
  readonly session: string;
}

export type CatalogTransactionVerb = 'get' | 'set' | 'cas' | 'delete' | 'delete-cas';

export interface NodeTransactionOperation {
  readonly kind: 'node';
  readonly verb: CatalogTransactionVerb;
  readonly node: NodeDefinition;
  readonly index: number;
}

export interface ServiceTransactionOperation {
  readonly kind: 'service';
  readonly verb: CatalogTransactionVerb;
  readonly node: string;
  readonly service: ServiceDefinition;
  readonly index: number;
}

export interface CheckTransactionOperation {
  readonly kind: 'check';
  readonly verb: CatalogTransactionVerb;
  readonly node: string;
  readonly check: CheckDefinition;
  readonly index: number;
}

export type TransactionOperation =
  | KvTransactionOperation
  | NodeTransactionOperation
  | ServiceTransactionOperation
  | CheckTransactionOperation;

export type TransactionRow = KvEntry | CatalogNode | CatalogService | CatalogCheck;

export interface TransactionError {
  /** Place of the operation, from 0. */
  readonly operation: number;
  readonly error: string;
}

/** Rows in the order of the operations; with any error nothing was written. */
export interface TransactionResult {
  readonly results: readonly TransactionRow[];
  readonly errors: readonly TransactionError[];
}
