/** The endpoints of the key-value store (`consul:agent/consul/kvs_endpoint.go`; consul §3.1, §4.2). */
import type { KvCommand } from '../state/commands.ts';
import { foldKeys, getKey, listKeys } from '../state/kv-queries.ts';
import type { KvWriteResult } from '../state/kv.ts';
import type { KvEntry } from '../state/rows.ts';
import type { Store, StoreError } from '../state/store.ts';
import { refusesLock } from './locks.ts';
import { definite } from './request.ts';
import { raftOf } from './state.ts';
import type { ReadEndpoint, WriteEndpoint } from './endpoint.ts';

export const kvApply: WriteEndpoint = {
  name: 'KVS.Apply',
  kind: 'write',
  // With a value of 100 bytes.
  bytes: 245,
  answerBytes: 100,
  command: (command: KvCommand, out) => {
    if (command.op !== 'lock' || !refusesLock(raftOf(out), command.key, out)) return { command };
    return { answer: { value: null, applied: false, index: 0 } };
  },
  result: (value: KvWriteResult | StoreError) => {
    if ('error' in value) return definite(value.error);
    return { value: null, applied: value.applied, index: value.modifyIndex };
  },
};

export interface KeyInput {
  readonly key: string;
}

export const kvGet: ReadEndpoint = {
  name: 'KVS.Get',
  kind: 'read',
  bytes: 250,
  // With a value of 100 bytes.
  answerBytes: 340,
  boundsStaleness: false,
  query: (store: Store, { key }: KeyInput, set) => {
    const { index, entry } = getKey(store, key, set);
    return { value: entry ?? null, index, notFound: entry === undefined };
  },
};

export interface PrefixInput {
  readonly prefix: string;
}

/** One entry of a list: key and value, and the msgpack around them. */
const ENTRY_BYTES = 240;
const LIST_BYTES = 100;

export const kvList: ReadEndpoint = {
  name: 'KVS.List',
  kind: 'read',
  bytes: 250,
  answerBytes: (entries: readonly KvEntry[]) => LIST_BYTES + ENTRY_BYTES * entries.length,
  boundsStaleness: false,
  query: (store: Store, { prefix }: PrefixInput, set) => {
    const { index, entries } = listKeys(store, prefix, set);
    return { value: entries, index, notFound: entries.length === 0 };
  },
};

export interface KeysInput {
  readonly prefix: string;
  /** Keys are folded behind the first one after the prefix; "": not at all. */
  readonly separator: string;
}

const KEY_BYTES = 40;

export const kvListKeys: ReadEndpoint = {
  name: 'KVS.ListKeys',
  kind: 'read',
  bytes: 250,
  answerBytes: (keys: readonly string[]) => LIST_BYTES + KEY_BYTES * keys.length,
  boundsStaleness: false,
  query: (store: Store, { prefix, separator }: KeysInput, set) => {
    const { index, entries } = listKeys(store, prefix, set);
    return {
      value: foldKeys(entries, prefix, separator),
      index,
      notFound: entries.length === 0,
    };
  },
};
