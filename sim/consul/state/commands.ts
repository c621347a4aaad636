/** What goes through the log to the state store: immutable, with the digest of its content. */
import { hashString } from '../../core/fingerprint.ts';
import type { Command } from '../../protocol/raft/types.ts';
import type { ConnectCommand } from './connect.ts';
import type { SystemTable } from './indexes.ts';
import type {
  CheckDefinition,
  Coordinate,
  NodeDefinition,
  QueryDefinition,
  ServiceDefinition,
  SessionDefinition,
} from './rows.ts';
import type { TransactionOperation } from './transaction-types.ts';

export type KvOperation =
  'put' | 'cas' | 'delete' | 'delete-cas' | 'delete-tree' | 'lock' | 'unlock';

export interface KvCommand extends Command {
  readonly op: KvOperation;
  /** Of `delete-tree` a prefix. */
  readonly key: string;
  readonly value: string;
  /** ModifyIndex that `cas` and `delete-cas` expect; unused by others. */
  readonly compareIndex: number;
  readonly flags: number;
  /** Of `lock` and `unlock`. */
  readonly session: string;
}

/** A node with what is on it: all of it, or nothing. */
export interface RegisterCommand extends Command {
  readonly op: 'register';
  readonly node: NodeDefinition;
  /** The node is there already and stays as it is. */
  readonly skipNodeUpdate: boolean;
  readonly service: ServiceDefinition | null;
  readonly checks: readonly CheckDefinition[];
}

/** A service, or else a check, or else the node and all that is on it. */
export interface DeregisterCommand extends Command {
  readonly op: 'deregister';
  readonly node: string;
  readonly serviceId: string;
  readonly checkId: string;
}

export interface SessionCreateCommand extends Command {
  readonly op: 'session-create';
  readonly session: SessionDefinition;
}

export interface SessionDestroyCommand extends Command {
  readonly op: 'session-destroy';
  readonly id: string;
}

/** The leader's word that tombstones up to an index are old enough. */
export interface TombstoneCommand extends Command {
  readonly op: 'reap-tombstones';
  readonly index: number;
}

export interface CoordinatesCommand extends Command {
  readonly op: 'coordinates';
  readonly updates: readonly Coordinate[];
}

export interface QuerySetCommand extends Command {
  readonly op: 'query-set';
  readonly query: QueryDefinition;
}

export interface QueryDeleteCommand extends Command {
  readonly op: 'query-delete';
  readonly id: string;
}

export interface TransactionCommand extends Command {
  readonly op: 'txn';
  readonly operations: readonly TransactionOperation[];
}

/** Configuration of the cluster that some leader writes once; only its table's index is kept. */
export interface SystemCommand extends Command {
  readonly op: 'system';
  readonly table: SystemTable;
}

export type StoreCommand =
  | KvCommand
  | RegisterCommand
  | DeregisterCommand
  | SessionCreateCommand
  | SessionDestroyCommand
  | TombstoneCommand
  | CoordinatesCommand
  | QuerySetCommand
  | QueryDeleteCommand
  | TransactionCommand
  | SystemCommand
  | ConnectCommand;

export function kvCommand(
  op: KvOperation,
  key: string,
  value: string,
  compareIndex: number,
  digest: number,
  flags = 0,
  session = '',
): KvCommand {
  return { op, key, value, compareIndex, digest, flags, session };
}

/** The digest is made of everything that the command says. */
export function registerCommand(
  node: NodeDefinition,
  skipNodeUpdate: boolean,
  service: ServiceDefinition | null,
  checks: readonly CheckDefinition[],
): RegisterCommand {
  const parts = [node.id, node.node, node.address, String(skipNodeUpdate), ...node.meta.flat()];
  if (service !== null) {
    const { id, address, port, tags, meta } = service;
    parts.push(id, service.service, address, String(port), ...tags, ...meta.flat());
  }
  for (const { id, name, status, output, type, serviceId, sessionName } of checks) {
    parts.push(id, name, status, output, type, serviceId, sessionName);
  }
  const digest = hashString(parts.join('\0'));
  return { op: 'register', node, skipNodeUpdate, service, checks, digest };
}

/** `serviceId` before `checkId`; with neither the node goes, and all that is on it. */
export function deregisterCommand(
  node: string,
  serviceId: string,
  checkId: string,
): DeregisterCommand {
  const digest = hashString([node, serviceId, checkId].join('\0'));
  return { op: 'deregister', node, serviceId, checkId, digest };
}
