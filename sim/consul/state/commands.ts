/** What goes through the log to the state store: immutable, with the digest of its content. */
import type { Command } from '../../protocol/raft/types.ts';

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

/** The leader's word that tombstones up to an index are old enough. */
export interface TombstoneCommand extends Command {
  readonly op: 'reap-tombstones';
  readonly index: number;
}

export type StoreCommand = KvCommand | TombstoneCommand;

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
