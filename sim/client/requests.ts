/**
 * How a client of the key-value store asks: its agent, or one server, and the next one when the
 * connection fails, as a Consul client agent rotates its server list
 * (`consul:agent/router/manager.go (NotifyFailedServer)`).
 */
import { mix } from '../core/fingerprint.ts';
import { ERROR_NAMES, ErrorCause } from '../core/machine.ts';
import type { Outbox } from '../core/machine.ts';
import {
  KVS_APPLY,
  KVS_GET,
  SESSION_APPLY,
  SESSION_RENEW,
  TXN_APPLY,
  TXN_READ,
} from '../consul/requests/endpoints.ts';
import { request } from '../consul/requests/request.ts';
import type { ServerAnswer, ServerError, ServerRequest } from '../consul/requests/request.ts';
import type { SessionInput } from '../consul/requests/session-endpoints.ts';
import { transactionDigest } from '../consul/requests/txn-endpoints.ts';
import { destroyCommand } from '../consul/session/timers.ts';
import { kvCommand } from '../consul/state/commands.ts';
import type { KvOperation } from '../consul/state/commands.ts';
import type { KvLoadState } from './kv-load.ts';
import { LoadNote, changesNothing } from './operation.ts';
import { askStore } from './road.ts';
import type { Operation } from './operation.ts';

export const READ_ANSWERED = 0x302;
export const WRITE_ANSWERED = 0x303;

/** What an operation is about; the rest is the same for all. */
export type Wanted = Pick<Operation, 'f'> &
  Partial<Pick<Operation, 'key' | 'mode' | 'compareIndex' | 'session' | 'verbs'>> & {
    /** It writes a value that nobody else does. */
    readonly writes?: boolean;
    /** What comes before the number that makes the value unique. */
    readonly label?: string;
    /** Of a session that is to be made. */
    readonly definition?: Extract<SessionInput, { op: 'create' }>['session'];
  };

const KV_OPERATIONS: Partial<Record<Operation['f'], KvOperation>> = {
  put: 'put',
  cas: 'cas',
  delete: 'delete',
  acquire: 'lock',
  release: 'unlock',
};

/** The number of the next operation, as it makes values unique. */
export function uniqueValue({ config, started }: KvLoadState): string {
  return `${config.operationBase}.${started}`;
}

export function drawKey({ config, names }: KvLoadState, out: Outbox): string {
  const drawn = out.draw('keys').below(config.keys);
  return (names[drawn] ??= `${config.keyPrefix}k${drawn}`);
}

/** Returns the slot of the operation. */
export function begin(state: KvLoadState, wanted: Wanted, out: Outbox): number {
  const { config } = state;
  const { f, key = '', mode = config.modes[0]![0], compareIndex = 0, session = '' } = wanted;
  const { verbs = null, writes = false, label = '', definition } = wanted;
  const unique = uniqueValue(state);
  const number = state.started++;
  const id = config.operationBase + number * config.operationStride;
  const operation: Operation = {
    id,
    f,
    key,
    mode,
    written: writes ? `${label}${unique}` : null,
    digest: digestOf(f, session, verbs, id, number),
    startedMicros: out.now(),
    server: state.servers[0]!,
    compareIndex,
    session,
    verbs,
    answer: null,
    error: null,
  };
  const slot = state.free.pop() ?? state.operations.length;
  state.operations[slot] = operation;
  out.note(LoadNote.invoked, slot, 0, 0);
  const { datacenter } = config;
  const local = bodyOf(operation, definition);
  const body = datacenter === undefined ? local : { ...local, datacenter };
  const reads = changesNothing(operation);
  const answered = reads ? READ_ANSWERED : WRITE_ANSWERED;
  const road = { to: operation.server, via: config.via };
  askStore(road, body, !reads, config.timeoutMicros, answered, slot, out);
  return slot;
}

/** Of what servers put together themselves it is theirs. */
function digestOf(
  f: Operation['f'],
  session: string,
  verbs: Operation['verbs'],
  id: number,
  number: number,
): number {
  if (f === 'txn') return transactionDigest(verbs!);
  if (f === 'session-destroy') return destroyCommand(session).digest;
  return f === 'session-create' ? 0 : mix(mix(7, id), number);
}

function bodyOf(operation: Operation, definition: Wanted['definition']): ServerRequest {
  const { f, key, mode, written, compareIndex, digest, session, verbs } = operation;
  switch (f) {
    case 'get':
      return request(KVS_GET, { key }, mode);
    case 'txn':
      return request(changesNothing(operation) ? TXN_READ : TXN_APPLY, { operations: verbs }, mode);
    case 'session-create':
      return request(SESSION_APPLY, { op: 'create', session: definition });
    case 'session-destroy':
      return request(SESSION_APPLY, { op: 'destroy', id: session });
    case 'session-renew':
      return request(SESSION_RENEW, { id: session }, mode);
    default: {
      const op = KV_OPERATIONS[f]!;
      return request(
        KVS_APPLY,
        kvCommand(op, key, written ?? '', compareIndex, digest, 0, session),
      );
    }
  }
}

/** Notes how an operation ended; the caller may look at it until it lets the slot go. */
export function end(state: KvLoadState, slot: number, body: unknown, out: Outbox): Operation {
  const operation = state.operations[slot]!;
  const latency = out.now() - operation.startedMicros;
  if (out.error === ErrorCause.none) {
    operation.answer = body as ServerAnswer;
    out.note(LoadNote.succeeded, slot, latency, operation.answer.logIndex);
  } else if (out.error === ErrorCause.remote) {
    const { error, indefinite } = body as ServerError;
    operation.error = error;
    noteFailure(state, operation, slot, indefinite, latency, out);
  } else {
    onLost(state, operation, slot, out.error, latency, out);
  }
  return operation;
}

export function letGo(state: KvLoadState, slot: number): void {
  state.operations[slot] = null;
  state.free.push(slot);
}

/** The connection failed or the deadline passed: next time another server. */
function onLost(
  state: KvLoadState,
  operation: Operation,
  slot: number,
  cause: ErrorCause,
  latency: number,
  out: Outbox,
): void {
  operation.error = ERROR_NAMES[cause];
  if (state.servers[0] === operation.server) state.servers.push(state.servers.shift()!);
  const { refused, dialTimeout, unreachable } = ErrorCause;
  const sent = cause !== refused && cause !== dialTimeout && cause !== unreachable;
  noteFailure(state, operation, slot, sent, latency, out);
}

function noteFailure(
  { config }: KvLoadState,
  operation: Operation,
  slot: number,
  indefinite: boolean,
  latency: number,
  out: Outbox,
): void {
  // The bug takes what may have happened for what has not.
  const unknown = indefinite && !changesNothing(operation) && !config.bugs.B32;
  out.note(unknown ? LoadNote.unknown : LoadNote.failed, slot, latency, 0);
}
