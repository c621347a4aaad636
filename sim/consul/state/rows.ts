/** Rows of the state store: immutable, shared by copies, answers and messages. */

export interface KvEntry {
  readonly key: string;
  readonly value: string;
  readonly flags: number;
  /** Session that holds the key; "": none. */
  readonly session: string;
  /** How often the key was acquired. */
  readonly lockIndex: number;
  readonly createIndex: number;
  readonly modifyIndex: number;
}

export type SessionBehavior = 'release' | 'delete';

export interface Session {
  readonly id: string;
  readonly name: string;
  readonly node: string;
  readonly lockDelayMicros: number;
  readonly behavior: SessionBehavior;
  /** 0: it does not expire. */
  readonly ttlMicros: number;
  /** Checks of the node, and of services on it, that must not be critical. */
  readonly checks: readonly string[];
  readonly createIndex: number;
  readonly modifyIndex: number;
}
