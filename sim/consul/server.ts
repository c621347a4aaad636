/**
 * A Consul server's request path (reference: consul §2.2 to §2.4): a request is served by the leader;
 * other servers forward it, over a multiplexed connection of their own. Each request is a goroutine
 * of its own and blocks nothing else, so this machine needs no lane per request.
 *
 * Known deviations: the retry loop of §2.3 (`rpc_hold_timeout`) belongs to the server's own model and
 * is not here: a request that finds no leader fails at once. A leader is ready for consistent reads
 * when it has applied its own Noop; Consul's leader loop says so only after a barrier of its own.
 */
import { ERROR_NAMES, ErrorCause } from '../core/machine.ts';
import type { InputSpec, LaneSpec, Machine, Outbox, ProcessIndex, View } from '../core/machine.ts';
import { ApplyError, Role, commandProposal } from '../protocol/raft/types.ts';
import type { ApplyResult, RaftState } from '../protocol/raft/types.ts';
import { APPLY, RAFT_MACHINE, VERIFY } from '../protocol/raft/vocabulary.ts';
import type { KvCommand } from './state/commands.ts';
import { getKey } from './state/kv-queries.ts';
import type { KvWriteResult } from './state/kv.ts';
import type { Store, StoreError } from './state/store.ts';
import { createWatches, saveWatches } from './state/watches.ts';
import type { Watches } from './state/watches.ts';

export const SERVER_MACHINE = 2;
export const KV_WRITE = 0x201;
export const KV_READ = 0x202;
export const APPLIED = 0x203;
export const FORWARDED = 0x204;
const READY_TIMER = 0x205;
const ENQUEUE_TIMER = 0x206;
/** Blocking queries are to look again; the body is a `Woken` of the state store. */
export const WOKEN = 0x207;

export type ReadMode = 'default' | 'consistent' | 'stale';

export interface ReadRequest {
  readonly key: string;
  readonly mode: ReadMode;
}

/** Answer to a read or write that was carried out. */
export interface KvAnswer {
  /** A read: the value, or null for an absent key. A write: null. */
  readonly value: string | null;
  /** Consul's boolean for writes: false when a cas found another index. */
  readonly applied: boolean;
  /** ModifyIndex of the key, or of the table for an absent key. */
  readonly index: number;
  /** Log index under which a write was committed; 0 for reads. */
  readonly logIndex: number;
}

/** Answer to a request that was not carried out, or whose outcome nobody knows. */
export interface KvError {
  readonly error: string;
  /** The write may have happened, or may happen yet. */
  readonly indefinite: boolean;
}

export interface ServerConfig {
  /** Read deadline of a forwarded RPC (`rpc_client_timeout`). */
  readonly forwardMicros: number;
}

/** A consistent read under way. */
interface Consistent {
  readonly request: ReadRequest;
  /** Local time until which the leader may get ready; -1 while leadership is being verified. */
  readonly readyByMicros: number;
}

/** A write on its way to Raft's main goroutine. */
interface Enqueued {
  readonly tag: number;
  /** How many proposals Raft had been given with it. */
  readonly number: number;
  readonly byMicros: number;
}

interface ServerState {
  readonly config: ServerConfig;
  /** Exchange of each request that waits for Raft or for the leader, by tag; 0: free. */
  waiting: number[];
  free: number[];
  /** By tag. */
  consistent: Map<number, Consistent>;
  /** The flag that gates consistent reads; the end of leadership clears it late. */
  ready: boolean;
  /** Proposals in order; those that Raft has taken go when somebody looks. */
  enqueued: Enqueued[];
  proposals: number;
  /** Queries that wait for the state store to change. */
  watches: Watches;
}

/** `consul:agent/consul/rpc.go (enqueueLimit)`. */
const ENQUEUE_MICROS = 30_000_000;
/** `rpc_hold_timeout` of 7 s, in 16 steps (`consul:agent/consul/rpc.go (ConsistentRead)`). */
const READY_MICROS = 7_000_000;
const READY_STEPS = 16;

const LANES: readonly LaneSpec[] = [
  {
    name: 'requests',
    channels: [
      { name: 'requests', capacity: 0 },
      // Who waits for an answer is a goroutine of its own, and not behind those that begin.
      { name: 'answers', capacity: 0 },
    ],
  },
];

/** Bytes on the wire (reference: consul §4.2, 100-byte values). */
const WRITE_BYTES = 245;
const READ_BYTES = 250;
const READ_ANSWER_BYTES = 340;
const WRITE_ANSWER_BYTES = 100;

const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  {
    name: 'kv write',
    lane: 0,
    channel: 0,
    messageClass: 'rpc.write',
    pool: 'multiplexed',
    size: WRITE_BYTES,
    answerSize: WRITE_ANSWER_BYTES,
  },
  {
    name: 'kv read',
    lane: 0,
    channel: 0,
    messageClass: 'rpc.read',
    pool: 'multiplexed',
    size: READ_BYTES,
    answerSize: READ_ANSWER_BYTES,
  },
  { name: 'applied', lane: 0, channel: 1 },
  { name: 'forwarded', lane: 0, channel: 1 },
  { name: 'look whether ready', lane: 0, channel: 0 },
  { name: 'enqueue timeout', lane: 0, channel: 0 },
  { name: 'woken', lane: 0, channel: 1 },
];

const NOT_READY: KvError = {
  error: 'Not ready to serve consistent reads',
  indefinite: false,
};
const NO_LEADER: KvError = { error: 'No cluster leader', indefinite: false };
/** Texts of hashicorp/raft:api.go; a lost leadership leaves the outcome open. */
const APPLY_ERRORS: readonly KvError[] = [
  { error: '', indefinite: false },
  { error: 'node is not the leader', indefinite: false },
  { error: 'leadership lost while committing log', indefinite: true },
  { error: 'failed to store log', indefinite: true },
  { error: 'timed out enqueuing operation', indefinite: false },
  { error: 'configuration refused', indefinite: false },
  { error: 'leadership transfer in progress', indefinite: false },
  { error: 'leadership transfer failed', indefinite: false },
];

function raftOf(out: Outbox): RaftState {
  return out.sibling(RAFT_MACHINE) as RaftState;
}

function park(state: ServerState, exchange: number): number {
  const tag = state.free.pop() ?? state.waiting.length;
  state.waiting[tag] = exchange;
  return tag;
}

function take(state: ServerState, tag: number): number {
  const exchange = state.waiting[tag];
  state.waiting[tag] = 0;
  state.free.push(tag);
  return exchange;
}

function onWrite(state: ServerState, exchange: number, command: KvCommand, out: Outbox): void {
  if (raftOf(out).role === Role.leader) {
    const tag = park(state, exchange);
    const byMicros = out.now() + ENQUEUE_MICROS;
    enqueue(state, tag, byMicros, out);
    out.post(APPLY, 0, 0, commandProposal(command, tag, byMicros));
  } else {
    forward(state, exchange, KV_WRITE, command, out);
  }
}

/**
 * The call of Apply gives up when the main goroutine has not taken the proposal in time. One timer
 * serves them all, and the list seldom holds more than the last one.
 */
function enqueue(state: ServerState, tag: number, byMicros: number, out: Outbox): void {
  if (state.enqueued.length === 0) out.timer(ENQUEUE_TIMER, 0, ENQUEUE_MICROS);
  dropTaken(state, out);
  state.enqueued.push({ tag, number: ++state.proposals, byMicros });
}

function dropTaken(state: ServerState, out: Outbox): void {
  const { enqueued } = state;
  const { proposalsTaken } = raftOf(out);
  while (enqueued.length > 0 && enqueued[0].number <= proposalsTaken) enqueued.shift();
}

/** The tag stays taken until Raft, too, has come to the proposal and answered to nobody. */
function onEnqueueTimer(state: ServerState, out: Outbox): void {
  dropTaken(state, out);
  const { enqueued } = state;
  const now = out.now();
  while (enqueued.length > 0 && enqueued[0].byMicros < now) {
    const { tag } = enqueued.shift()!;
    out.fail(state.waiting[tag], APPLY_ERRORS[ApplyError.enqueueTimeout]);
    state.waiting[tag] = 0;
  }
  if (enqueued.length > 0) out.timer(ENQUEUE_TIMER, 0, enqueued[0].byMicros + 1 - now);
}

/** A default read is served by whoever believes to lead: no lease, no readiness check. */
function onRead(state: ServerState, exchange: number, request: ReadRequest, out: Outbox): void {
  if (request.mode !== 'stale' && raftOf(out).role !== Role.leader) {
    forward(state, exchange, KV_READ, request, out);
  } else if (request.mode === 'consistent') {
    const tag = park(state, exchange);
    lookWhetherReady(state, out);
    state.consistent.set(tag, { request, readyByMicros: -1 });
    out.post(VERIFY, 0, tag, null);
  } else {
    answerRead(exchange, request, out);
  }
}

/** Leadership is verified once; the wait for the leader to get ready comes after it. */
function onVerified(
  state: ServerState,
  tag: number,
  { request }: Consistent,
  { error }: ApplyResult,
  out: Outbox,
): void {
  if (error !== ApplyError.none) {
    state.consistent.delete(tag);
    // A read that was not answered has done nothing.
    out.fail(take(state, tag), { ...APPLY_ERRORS[error], indefinite: false });
    return;
  }
  state.consistent.set(tag, { request, readyByMicros: out.now() + READY_MICROS });
  onReadyTimer(state, tag, out);
}

/** A server that has just stopped leading keeps the flag: VerifyLeader is there to catch it. */
function lookWhetherReady(state: ServerState, out: Outbox): boolean {
  const { leaderState, fsmIndex } = raftOf(out);
  if (leaderState !== null) state.ready = fsmIndex >= leaderState.startIndex;
  return state.ready;
}

function onReadyTimer(state: ServerState, tag: number, out: Outbox): void {
  const { request, readyByMicros } = state.consistent.get(tag)!;
  const ready = lookWhetherReady(state, out);
  if (!ready && out.now() < readyByMicros) {
    out.timer(READY_TIMER, tag, Math.floor(READY_MICROS / READY_STEPS));
    return;
  }
  state.consistent.delete(tag);
  if (ready) answerRead(take(state, tag), request, out);
  else out.fail(take(state, tag), NOT_READY);
}

function answerRead(exchange: number, request: ReadRequest, out: Outbox): void {
  const raft = raftOf(out);
  const { index, entry } = getKey(raft.fsm as Store, request.key, null);
  const answer: KvAnswer = {
    value: entry?.value ?? null,
    applied: true,
    // Never 0, which would keep a blocking query from blocking (kvs_endpoint.go (Get)).
    index: Math.max(index, 1),
    logIndex: 0,
  };
  out.reply(exchange, answer);
}

function forward(
  state: ServerState,
  exchange: number,
  input: number,
  body: unknown,
  out: Outbox,
): void {
  const leader: ProcessIndex = raftOf(out).leader;
  if (leader < 0 || leader === out.self) {
    out.fail(exchange, NO_LEADER);
    return;
  }
  const tag = park(state, exchange);
  out.request(leader, input, body, state.config.forwardMicros, FORWARDED, tag);
}

function onApplied(state: ServerState, tag: number, result: ApplyResult, out: Outbox): void {
  const read = state.consistent.get(tag);
  if (read !== undefined) {
    onVerified(state, tag, read, result, out);
    return;
  }
  const exchange = take(state, tag);
  if (exchange === 0) return;
  if (result.error !== ApplyError.none) {
    out.fail(exchange, APPLY_ERRORS[result.error]);
    return;
  }
  const value = result.value as KvWriteResult | StoreError;
  if ('error' in value) {
    // The entry is committed all the same.
    out.fail(exchange, { error: value.error, indefinite: false } satisfies KvError);
    return;
  }
  const { applied, modifyIndex } = value;
  const answer: KvAnswer = { value: null, applied, index: modifyIndex, logIndex: result.index };
  out.reply(exchange, answer);
}

function onForwarded(state: ServerState, tag: number, body: unknown, out: Outbox): void {
  const exchange = take(state, tag);
  if (out.error === ErrorCause.none) {
    out.reply(exchange, body);
  } else if (out.error === ErrorCause.remote) {
    out.fail(exchange, body);
  } else {
    out.fail(exchange, forwardError(out.error));
  }
}

/** Failing to reach the leader is not retried by Consul; only what was never sent is definite. */
function forwardError(cause: ErrorCause): KvError {
  const { refused, dialTimeout, unreachable } = ErrorCause;
  const indefinite = cause !== refused && cause !== dialTimeout && cause !== unreachable;
  return { error: `rpc error making call: ${ERROR_NAMES[cause]}`, indefinite };
}

function onInput(
  state: ServerState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case KV_WRITE:
      onWrite(state, from, body as KvCommand, out);
      return;
    case KV_READ:
      onRead(state, from, body as ReadRequest, out);
      return;
    case APPLIED:
      onApplied(state, from, body as ApplyResult, out);
      return;
    case FORWARDED:
      onForwarded(state, from, body, out);
      return;
    case READY_TIMER:
      onReadyTimer(state, from, out);
      return;
    case ENQUEUE_TIMER:
      onEnqueueTimer(state, out);
  }
}

function view(state: ServerState): View {
  return { waiting: state.waiting.length - state.free.length };
}

export const serverMachine: Machine<ServerState, null> = {
  name: 'server',
  number: SERVER_MACHINE,
  lanes: LANES,
  inputs: INPUTS,
  notes: [],
  create: (config: ServerConfig) => ({
    config,
    waiting: [],
    free: [],
    consistent: new Map(),
    ready: false,
    enqueued: [],
    proposals: 0,
    watches: createWatches(),
  }),
  onStart: () => {},
  onInput,
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (state) => ({
    ...state,
    waiting: state.waiting.slice(),
    free: state.free.slice(),
    consistent: new Map(state.consistent),
    enqueued: state.enqueued.slice(),
    watches: saveWatches(state.watches),
  }),
  saveDurable: () => null,
};
