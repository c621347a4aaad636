/**
 * Roots of the certificate authority, the counters of what it signs, and intentions
 * (`consul:agent/consul/state/connect_ca.go`, `intention.go`; reference: agents §5).
 *
 * Known deviations: a root's keys are not kept, and the provider's state is a counter. Intentions are
 * rows of their own, not parts of configuration entries.
 */
import { hashString } from '../../core/fingerprint.ts';
import { precedenceOf } from '../../service/mesh.ts';
import type { Intention } from '../../service/mesh.ts';
import type { Command } from '../../protocol/raft/types.ts';
import { indexOf, raiseTable } from './indexes.ts';
import type { Indexed } from './rows.ts';
import { keyOf, removeRow, writeRow } from './store.ts';
import type { Store } from './store.ts';
import { rowOf, rowsWithPrefix } from './table.ts';
import { watchPrefix } from './watches.ts';
import type { WatchSet } from './watches.ts';

export interface CaRootDefinition {
  readonly id: string;
  readonly active: boolean;
  /** Roots that have signed this one, so that who trusts them trusts it. */
  readonly crossSigned: readonly string[];
  /** By the wall clock of the leader of that time; 0: it was not. */
  readonly rotatedOutMicros: number;
}

export interface CaRoot extends CaRootDefinition, Indexed {}

export interface IntentionRow extends Intention, Indexed {}

export type ConnectChange =
  /** All roots anew, unless they are not what they were at that index. */
  | {
      readonly kind: 'roots';
      readonly roots: readonly CaRootDefinition[];
      readonly compareIndex: number;
    }
  /** The serial number of the next certificate, and the index of the last. */
  | { readonly kind: 'serial' | 'leaf' }
  | { readonly kind: 'set-intention'; readonly intention: Intention }
  | { readonly kind: 'delete-intention'; readonly source: string; readonly destination: string };

export interface ConnectCommand extends Command {
  readonly op: 'connect';
  readonly change: ConnectChange;
}

export function connectCommand(change: ConnectChange): ConnectCommand {
  return { op: 'connect', change, digest: hashString(JSON.stringify(change)) };
}

/** True, or false where a comparison has failed; of certificates the index. */
export function applyConnect(
  store: Store,
  { change }: ConnectCommand,
  index: number,
): boolean | number {
  switch (change.kind) {
    case 'roots':
      return setRoots(store, change.roots, change.compareIndex, index);
    case 'serial':
      raiseTable(store, 'connect-ca-builtin-serial', index);
      return index;
    case 'leaf':
      raiseTable(store, 'connect-ca-leaf-certs', index);
      return index;
    case 'set-intention': {
      const { intention } = change;
      const key = intentionKey(intention);
      const known = rowOf(store.intentions, key);
      const createIndex = known?.createIndex ?? index;
      writeRow(
        store,
        store.intentions,
        key,
        { ...intention, createIndex, modifyIndex: index },
        known,
      );
      raiseTable(store, 'intentions', index);
      return true;
    }
    case 'delete-intention':
      removeRow(store, store.intentions, intentionKey(change));
      raiseTable(store, 'intentions', index);
      return true;
    default:
      return change satisfies never;
  }
}

function intentionKey({ source, destination }: Omit<Intention, 'action'>): string {
  return keyOf(destination, source);
}

function setRoots(
  store: Store,
  roots: readonly CaRootDefinition[],
  compareIndex: number,
  index: number,
): boolean {
  if (indexOf(store, 'connect-ca-roots') !== compareIndex) return false;
  const kept = new Set(roots.map(({ id }) => id));
  for (const { id } of rowsWithPrefix(store.caRoots, '')) {
    if (!kept.has(id)) removeRow(store, store.caRoots, id);
  }
  for (const root of roots) {
    const known = rowOf(store.caRoots, root.id);
    const createIndex = known?.createIndex ?? index;
    writeRow(store, store.caRoots, root.id, { ...root, createIndex, modifyIndex: index }, known);
  }
  raiseTable(store, 'connect-ca-roots', index);
  return true;
}

export interface RootList {
  readonly index: number;
  readonly roots: readonly CaRoot[];
}

export function listRoots(store: Store, set: WatchSet | null): RootList {
  if (set !== null) {
    store.watching = true;
    watchPrefix(store.caRoots, '', set);
  }
  const roots = rowsWithPrefix(store.caRoots, '');
  return { index: indexOf(store, 'connect-ca-roots'), roots };
}

export function activeRoot(roots: readonly CaRoot[]): CaRoot | undefined {
  return roots.find(({ active }) => active);
}

export interface IntentionList {
  readonly index: number;
  /** Highest precedence first. */
  readonly intentions: readonly IntentionRow[];
}

/** Intentions about calls to a service (`Intention.Match` by destination). */
export function matchIntentions(
  store: Store,
  destination: string,
  set: WatchSet | null,
): IntentionList {
  const prefixes = [keyOf(destination, ''), keyOf('*', '')];
  if (set !== null) {
    store.watching = true;
    for (const prefix of prefixes) watchPrefix(store.intentions, prefix, set);
  }
  const found = prefixes.flatMap((prefix) => rowsWithPrefix(store.intentions, prefix));
  const intentions = found.sort((one, other) => precedenceOf(other) - precedenceOf(one));
  return { index: indexOf(store, 'intentions'), intentions };
}
