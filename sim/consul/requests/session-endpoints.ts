/** The endpoints of sessions (`consul:agent/consul/session_endpoint.go`; reference: consul §2.7, §4.2). */
import { hashString, mix } from '../../core/fingerprint.ts';
import type { Outbox } from '../../core/machine.ts';
import { destroyCommand } from '../session/timers.ts';
import { CLEAR_SESSION, RESET_SESSION, SESSION_MACHINE } from '../session/vocabulary.ts';
import type { Session, SessionDefinition } from '../state/rows.ts';
import { getSession, listSessions, nodeSessions } from '../state/session-queries.ts';
import { isStoreError } from '../state/store.ts';
import type { Store, StoreError } from '../state/store.ts';
import { rowOf } from '../state/table.ts';
import type { LeaderEndpoint, ReadEndpoint, WriteEndpoint } from './endpoint.ts';
import { definite } from './request.ts';
import { raftOf } from './state.ts';

/** `consul:agent/consul/config.go (SessionTTLMin)`, `consul:agent/structs/structs.go (SessionTTLMax)`. */
const TTL_MICROS_MIN = 10_000_000;
const TTL_MICROS_MAX = 86_400_000_000;

export type SessionInput =
  | { readonly op: 'create'; readonly session: Omit<SessionDefinition, 'id'> }
  | { readonly op: 'destroy'; readonly id: string };

function storeOf(out: Outbox): Store {
  return raftOf(out).fsm as Store;
}

/** A UUID that no session has; only the leader draws one, so that all servers agree. */
function drawSessionId(out: Outbox): string {
  const draws = out.draw('session-id');
  for (;;) {
    let hex = '';
    for (let word = 0; word < 4; word++) {
      hex += draws.below(0x1_0000_0000).toString(16).padStart(8, '0');
    }
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
    const id = [...parts, hex.slice(20)].join('-');
    if (rowOf(storeOf(out).sessions, id) === undefined) return id;
  }
}

/** Servers that are alone have nobody who times sessions. */
function tellTimers(input: number, body: unknown, out: Outbox): void {
  if (out.sibling(SESSION_MACHINE) !== undefined) out.post(input, 0, 0, body);
}

/** Of the command that makes a session. */
export function createdDigest(id: string): number {
  return mix(17, hashString(id));
}

export const sessionApply: WriteEndpoint = {
  name: 'Session.Apply',
  kind: 'write',
  bytes: 270,
  answerBytes: 140,
  command: (input: SessionInput, out) => {
    if (input.op === 'destroy') return { command: destroyCommand(input.id) };
    const { ttlMicros } = input.session;
    if (ttlMicros !== 0 && (ttlMicros < TTL_MICROS_MIN || ttlMicros > TTL_MICROS_MAX)) {
      const seconds = ttlMicros / 1_000_000;
      return {
        error: definite(`Invalid Session TTL '${seconds}s', must be between [10s=24h0m0s]`),
      };
    }
    const id = drawSessionId(out);
    const session: SessionDefinition = { ...input.session, id };
    return { command: { op: 'session-create', session, digest: createdDigest(id) } };
  },
  result: (value: string | StoreError | null, input: SessionInput, out) => {
    if (isStoreError(value)) return definite(value.error);
    if (input.op === 'destroy') {
      tellTimers(CLEAR_SESSION, input.id, out);
      return { value: null, applied: true, index: 0 };
    }
    const session = rowOf(storeOf(out).sessions, value!);
    // It may have been destroyed in the same batch of entries.
    if (session !== undefined) tellTimers(RESET_SESSION, session, out);
    return { value, applied: true, index: session?.createIndex ?? 0 };
  },
};

export interface SessionIdInput {
  readonly id: string;
}

/** Not a write: whoever answers starts the timer anew. A stale request is answered where it arrives. */
export const sessionRenew: LeaderEndpoint = {
  name: 'Session.Renew',
  kind: 'leader',
  reads: true,
  answersStale: true,
  bytes: 325,
  answerBytes: 300,
  answer: ({ id }: SessionIdInput, out) => {
    const session = rowOf(storeOf(out).sessions, id);
    if (session !== undefined) tellTimers(RESET_SESSION, session, out);
    return {
      value: session ?? null,
      applied: session !== undefined,
      index: session?.modifyIndex ?? 0,
    };
  },
};

const SESSION_BYTES = 300;

export const sessionGet: ReadEndpoint = {
  name: 'Session.Get',
  kind: 'read',
  bytes: 250,
  answerBytes: SESSION_BYTES,
  boundsStaleness: false,
  query: (store: Store, { id }: SessionIdInput, set) => {
    const { index, session } = getSession(store, id, set);
    return { value: session ?? null, index, notFound: session === undefined };
  },
};

function bytesOfSessions(sessions: readonly Session[]): number {
  return 100 + SESSION_BYTES * sessions.length;
}

export const sessionList: ReadEndpoint = {
  name: 'Session.List',
  kind: 'read',
  bytes: 250,
  answerBytes: bytesOfSessions,
  boundsStaleness: false,
  query: (store: Store, _input: object, set) => {
    const { index, sessions } = listSessions(store, set);
    return { value: sessions, index, notFound: false };
  },
};

export const sessionsOfNode: ReadEndpoint = {
  name: 'Session.NodeSessions',
  kind: 'read',
  bytes: 250,
  answerBytes: bytesOfSessions,
  boundsStaleness: false,
  query: (store: Store, { node }: { node: string }, set) => {
    const { index, sessions } = nodeSessions(store, node, set);
    return { value: sessions, index, notFound: false };
  },
};
