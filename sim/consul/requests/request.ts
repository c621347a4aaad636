/** What servers are asked and what they answer, whatever the endpoint. */
import type { ProcessIndex } from '../../core/machine.ts';
import { ApplyError } from '../../protocol/raft/types.ts';

export type ReadMode = 'default' | 'consistent' | 'stale';

/** Immutable; the same object goes on to the leader. */
export interface ServerRequest {
  /** Row of the endpoint table. */
  readonly endpoint: number;
  readonly input: unknown;
  /** How a read may be answered; writes say `default`. */
  readonly mode: ReadMode;
  /** Above 0 the answer waits for an index above it (a blocking query). */
  readonly minIndex: number;
  /** How long a blocking query may wait; 0 leaves that to the server. */
  readonly waitMicros: number;
  /** A stale answer older than that is not wanted, where the endpoint cares; -1: any is. */
  readonly maxStaleMicros: number;
  /** That it is about (`?dc=`); left out, the one of whoever is asked. */
  readonly datacenter?: string;
}

/** Answer to a request that was carried out. */
export interface ServerAnswer {
  /** What was read, or what the write returned; null for nothing. */
  readonly value: unknown;
  /** Consul's boolean for writes: false when a cas found another index. */
  readonly applied: boolean;
  /** `X-Consul-Index` of a read; of a write the ModifyIndex of what it touched. */
  readonly index: number;
  /** Log index under which a write was committed; 0 for reads. */
  readonly logIndex: number;
  /** Time since the server heard from the leader; 0 for the leader's own answers. */
  readonly lastContactMicros: number;
  readonly knownLeader: boolean;
  /** Who gave the answer, and how far it had applied the log. */
  readonly server: ProcessIndex;
  readonly appliedIndex: number;
  /** Size on the wire. */
  readonly bytes: number;
}

/** Why a failed attempt may be followed by another one (`canRetry`); '': it may not. */
export type RetryCause = '' | 'no leader' | 'stream' | 'later' | 'elsewhere';

/** Answer to a request that was not carried out, or whose outcome nobody knows. */
export interface ServerError {
  readonly error: string;
  /** The write may have happened, or may happen yet. */
  readonly indefinite: boolean;
  readonly retry: RetryCause;
}

export function request(
  endpoint: number,
  input: unknown,
  mode: ReadMode = 'default',
  minIndex = 0,
  waitMicros = 0,
  maxStaleMicros = -1,
): ServerRequest {
  return { endpoint, input, mode, minIndex, waitMicros, maxStaleMicros };
}

export function definite(error: string, retry: RetryCause = ''): ServerError {
  return { error, indefinite: false, retry };
}

/** Texts of `consul:agent/structs/errors.go`. */
export const NO_LEADER = definite('No cluster leader', 'no leader');
export const LEADER_NOT_TRACKED = definite('Raft leader not found in server lookup mapping');
/** `consul:acl/errors.go`. */
export const PERMISSION_DENIED = 'Permission denied';
export const NOT_READY = definite('Not ready to serve consistent reads');
/** `consul:agent/consul/rate/handler.go`. */
export const RETRY_LATER = definite(
  'rate limit exceeded for operation that can only be performed by the leader, try again later',
  'later',
);
export const RETRY_ELSEWHERE = definite(
  'rate limit exceeded, try again later or against a different server',
  'elsewhere',
);

/** Texts of hashicorp/raft:api.go; a lost leadership leaves the outcome open. */
export const APPLY_ERRORS: readonly ServerError[] = errorsOf({
  [ApplyError.none]: '',
  [ApplyError.notLeader]: 'node is not the leader',
  [ApplyError.leadershipLost]: 'leadership lost while committing log',
  [ApplyError.store]: 'failed to store log',
  [ApplyError.enqueueTimeout]: 'timed out enqueuing operation',
  [ApplyError.configuration]: 'configuration refused',
  [ApplyError.transferInProgress]: 'leadership transfer in progress',
  [ApplyError.transferFailed]: 'leadership transfer failed',
});

function errorsOf(texts: Readonly<Record<ApplyError, string>>): ServerError[] {
  const count = Object.keys(texts).length;
  return Array.from({ length: count }, (_, error) => ({
    error: texts[error as ApplyError],
    indefinite: error === ApplyError.leadershipLost || error === ApplyError.store,
    retry: '' as const,
  }));
}
