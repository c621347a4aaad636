/** The endpoints of the key-value store (`consul:agent/consul/kvs_endpoint.go`; consul §3.1, §4.2). */
import type { KvCommand } from '../state/commands.ts';
import { getKey } from '../state/kv-queries.ts';
import type { KvWriteResult } from '../state/kv.ts';
import type { Store, StoreError } from '../state/store.ts';
import { definite } from './request.ts';
import type { ReadEndpoint, WriteEndpoint } from './endpoint.ts';

export const kvApply: WriteEndpoint = {
  name: 'KVS.Apply',
  kind: 'write',
  // With a value of 100 bytes.
  bytes: 245,
  answerBytes: 100,
  command: (command: KvCommand) => ({ command }),
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
  query: (store: Store, { key }: KeyInput) => {
    const { index, entry } = getKey(store, key, null);
    return {
      value: entry === undefined ? null : entry.value,
      index,
      notFound: entry === undefined,
    };
  },
};
