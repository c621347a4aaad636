/** A store to which tests give one entry after the other. */
import { kvCommand } from '../../../sim/consul/state/commands.ts';
import type { KvOperation, StoreCommand } from '../../../sim/consul/state/commands.ts';
import { applyCommand } from '../../../sim/consul/state/fsm.ts';
import type {
  CheckDefinition,
  NodeDefinition,
  QueryDefinition,
  ServiceDefinition,
  SessionDefinition,
} from '../../../sim/consul/state/rows.ts';
import { createStore } from '../../../sim/consul/state/store.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import type {
  KvTransactionOperation,
  TransactionOperation,
  TransactionResult,
} from '../../../sim/consul/state/transaction-types.ts';
import { addWatch, createWatches, wokenBy } from '../../../sim/consul/state/watches.ts';
import type { WatchSet } from '../../../sim/consul/state/watches.ts';
import { makeEntry } from '../../../sim/protocol/raft/durable.ts';

const SECOND = 1_000_000;

export function nodeOf(node: string, more: Partial<NodeDefinition> = {}): NodeDefinition {
  return { id: '', node, address: '10.0.0.1', meta: [], ...more };
}

export function serviceOf(
  id: string,
  service: string,
  more: Partial<ServiceDefinition> = {},
): ServiceDefinition {
  return { id, service, tags: [], address: '', port: 80, meta: [], ...more };
}

export function checkOf(id: string, more: Partial<CheckDefinition> = {}): CheckDefinition {
  const none = { output: '', type: 'ttl', serviceId: '', sessionName: '' };
  return { id, name: id, status: 'passing', ...none, ...more };
}

export function sessionOf(
  id: string,
  node: string,
  more: Partial<SessionDefinition> = {},
): SessionDefinition {
  const ttlMicros = 0;
  const lockDelayMicros = 15 * SECOND;
  return {
    id,
    name: '',
    node,
    lockDelayMicros,
    behavior: 'release',
    ttlMicros,
    checks: [],
    ...more,
  };
}

export function queryOf(id: string, more: Partial<QueryDefinition> = {}): QueryDefinition {
  return {
    id,
    name: id,
    session: '',
    template: false,
    service: 'web',
    tags: [],
    onlyPassing: false,
    ignoreChecks: [],
    near: '',
    nodeMeta: [],
    serviceMeta: [],
    failoverNearest: 0,
    failoverDatacenters: [],
    ...more,
  };
}

export class Driver {
  readonly store: Store = createStore();
  /** Index of the last entry. */
  index = 0;

  /** The next entry of the log, or the one with this index; returns the FSM's answer. */
  apply(command: StoreCommand, index = this.index + 1): unknown {
    this.index = index;
    this.store.touches.length = 0;
    this.store.lockDelays.length = 0;
    return applyCommand(this.store, makeEntry(0, index, 1, 0, command));
  }

  kv(
    op: KvOperation,
    key: string,
    value = '',
    { compareIndex = 0, flags = 0, session = '' } = {},
  ): unknown {
    return this.apply(kvCommand(op, key, value, compareIndex, 1, flags, session));
  }

  register(
    node: NodeDefinition | string,
    service: ServiceDefinition | null = null,
    checks: readonly CheckDefinition[] = [],
    skipNodeUpdate = false,
  ): unknown {
    const of = typeof node === 'string' ? nodeOf(node) : node;
    return this.apply({ op: 'register', node: of, skipNodeUpdate, service, checks, digest: 1 });
  }

  deregister(node: string, serviceId = '', checkId = ''): unknown {
    return this.apply({ op: 'deregister', node, serviceId, checkId, digest: 1 });
  }

  session(id: string, node = 'n1', more: Partial<SessionDefinition> = {}): unknown {
    return this.apply({ op: 'session-create', session: sessionOf(id, node, more), digest: 1 });
  }

  destroy(id: string): unknown {
    return this.apply({ op: 'session-destroy', id, digest: 1 });
  }

  txn(operations: readonly TransactionOperation[]): TransactionResult {
    return this.apply({ op: 'txn', operations, digest: 1 }) as TransactionResult;
  }

  /** Whether what the last entry did wakes whoever watches this. */
  wakes(set: WatchSet): boolean {
    const watches = createWatches();
    addWatch(watches, 1, set);
    return wokenBy(watches, this.store.touches).length > 0;
  }
}

export function kvOf(
  verb: KvTransactionOperation['verb'],
  key: string,
  more: Partial<KvTransactionOperation> = {},
): KvTransactionOperation {
  return { kind: 'kv', verb, key, value: '', flags: 0, index: 0, session: '', ...more };
}
