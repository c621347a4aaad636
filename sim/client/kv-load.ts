/**
 * A client of the key-value store: puts, gets and compare-and-sets of unique values, open loop
 * (Poisson arrivals that do not wait for answers) or closed loop (one operation after the other).
 * It talks to one server and turns to the next when the connection fails, as a Consul client agent
 * rotates its server list (`consul:agent/router/manager.go (NotifyFailedServer)`).
 */
import { mix } from '../core/fingerprint.ts';
import { ERROR_NAMES, ErrorCause } from '../core/machine.ts';
import type { InputSpec, LaneSpec, Machine, NoteSpec, Outbox, View } from '../core/machine.ts';
import type { ProcessIndex } from '../core/machine.ts';
import type { Sampler } from '../core/distribution.ts';
import { KVS_APPLY, KVS_GET } from '../consul/requests/endpoints.ts';
import { RPC_READ, RPC_WRITE } from '../consul/requests/inputs.ts';
import { request } from '../consul/requests/request.ts';
import type { ReadMode, ServerAnswer, ServerError } from '../consul/requests/request.ts';
import { WATCH_ANSWERED, WATCH_RETRY, ask, createWatch, onWatchAnswered } from './watch.ts';
import type { WatchConfig, WatchState } from './watch.ts';
import { kvCommand } from '../consul/state/commands.ts';

export const LOAD_MACHINE = 3;
const ARRIVAL = 0x301;
const READ_ANSWERED = 0x302;
const WRITE_ANSWERED = 0x303;

/** Notes; a: slot of the operation in the client's table, where observers find the rest. */
export const LoadNote = {
  invoked: 0x301,
  succeeded: 0x302,
  failed: 0x303,
  unknown: 0x304,
} as const;

export type KvFunction = 'put' | 'get' | 'cas' | 'delete';

export interface KvLoadConfig {
  /** Name of the load, as in the scenario. */
  readonly load: string;
  /** 0-based number of this client within its load, and how many there are. */
  readonly client: number;
  readonly clients: number;
  /** Number of the load's first operation: operations are numbered across loads. */
  readonly operationBase: number;
  readonly operationStride: number;
  readonly servers: readonly ProcessIndex[];
  /** Open loop: mean time between this client's arrivals; null in a closed loop, or without operations. */
  readonly arrival: Sampler | null;
  /** Closed loop: pause between an answer and the next operation. */
  readonly think: Sampler | null;
  readonly keys: number;
  /** What the names of keys begin with. */
  readonly keyPrefix: string;
  /** Kinds of operations with cumulative shares. */
  readonly mix: readonly (readonly [KvFunction, number])[];
  /** Modes of reads with cumulative shares. */
  readonly modes: readonly (readonly [ReadMode, number])[];
  /** What the client watches beside its operations, or null. */
  readonly watch: WatchConfig | null;
  readonly timeoutMicros: number;
  /** From then on a tenth of the rate, in local time; then nothing. */
  readonly slowFromMicros: number;
  readonly stopAtMicros: number;
}

/** One operation under way, or just ended when its note is made. */
export interface Operation {
  readonly id: number;
  readonly f: KvFunction;
  readonly key: string;
  readonly mode: ReadMode;
  /** What it writes; null for reads and deletes. */
  readonly written: string | null;
  readonly digest: number;
  /** Local time of its start. */
  readonly startedMicros: number;
  readonly server: ProcessIndex;
  readonly compareIndex: number;
  answer: ServerAnswer | null;
  error: string | null;
}

export interface KvLoadState {
  readonly config: KvLoadConfig;
  readonly self: ProcessIndex;
  /** Servers in the order in which this client tries them. */
  servers: ProcessIndex[];
  /** Names of the keys drawn so far, by number: text is dear. */
  readonly names: string[];
  started: number;
  operations: (Operation | null)[];
  free: number[];
  /** ModifyIndex of each key as this client last saw it. */
  indexes: Map<string, number>;
  watch: WatchState | null;
}

const LANES: readonly LaneSpec[] = [
  { name: 'client', channels: [{ name: 'events', capacity: 0 }] },
];
const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { name: 'arrival', lane: 0, channel: 0 },
  { name: 'read answered', lane: 0, channel: 0 },
  { name: 'write answered', lane: 0, channel: 0 },
  { name: 'watch answered', lane: 0, channel: 0 },
  { name: 'watch again', lane: 0, channel: 0 },
];
const NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'invoke', detail: 1 },
  { name: 'ok', detail: 1 },
  { name: 'fail', detail: 1 },
  { name: 'unknown', detail: 1 },
  { name: 'watched', detail: 1, text: (_micros, index, asked) => `index=${index} after=${asked}` },
  { name: 'watch failed', detail: 1, text: (failures) => `failures=${failures}` },
];

function create(config: KvLoadConfig, self: ProcessIndex): KvLoadState {
  return {
    config,
    self,
    servers: config.servers.slice(),
    names: [],
    started: 0,
    operations: [],
    free: [],
    indexes: new Map(),
    watch: config.watch === null ? null : createWatch(config.watch),
  };
}

function onStart(state: KvLoadState, out: Outbox): void {
  out.draw('servers').shuffle(state.servers);
  const { arrival, think } = state.config;
  if (arrival !== null || think !== null) scheduleNext(state, out);
  if (state.watch !== null) ask(state.watch, state.servers[0], out);
}

/** Open loop: the next arrival. Closed loop: the pause before the next operation. */
function scheduleNext(state: KvLoadState, out: Outbox): void {
  const { arrival, think, slowFromMicros } = state.config;
  const sampler = arrival ?? think!;
  const factor = out.now() >= slowFromMicros ? 10 : 1;
  out.timer(ARRIVAL, 0, Math.max(1, out.sample('arrival', sampler)) * factor);
}

function onArrival(state: KvLoadState, out: Outbox): void {
  if (out.now() >= state.config.stopAtMicros) return;
  startOperation(state, out);
  if (state.config.arrival !== null) scheduleNext(state, out);
}

/** The first whose share reaches up to there; the last one for what rounding leaves over. */
function pick<T>(shares: readonly (readonly [T, number])[], at: number): T {
  for (const [name, until] of shares) if (at < until) return name;
  return shares[shares.length - 1][0];
}

function drawMode({ config: { modes } }: KvLoadState, out: Outbox): ReadMode {
  return modes.length === 1 ? modes[0][0] : pick(modes, out.draw('mode').unit());
}

function startOperation(state: KvLoadState, out: Outbox): void {
  const { config } = state;
  const number = state.started++;
  const f = pick(config.mix, out.draw('mix').unit());
  const drawn = out.draw('keys').below(config.keys);
  const key = (state.names[drawn] ??= `${config.keyPrefix}k${drawn}`);
  const id = config.operationBase + number * config.operationStride;
  const written = f === 'get' || f === 'delete' ? null : `${config.operationBase}.${number}`;
  const operation: Operation = {
    id,
    f,
    key,
    mode: f === 'get' ? drawMode(state, out) : config.modes[0][0],
    written,
    digest: mix(mix(7, id), number),
    startedMicros: out.now(),
    server: state.servers[0],
    compareIndex: f === 'cas' ? (state.indexes.get(key) ?? 0) : 0,
    answer: null,
    error: null,
  };
  const slot = state.free.pop() ?? state.operations.length;
  state.operations[slot] = operation;
  out.note(LoadNote.invoked, slot, 0, 0);
  send(state, operation, slot, out);
}

function send(state: KvLoadState, operation: Operation, slot: number, out: Outbox): void {
  const { timeoutMicros } = state.config;
  const { f, key, mode, written, compareIndex, digest, server } = operation;
  if (f === 'get') {
    const read = request(KVS_GET, { key }, mode);
    out.request(server, RPC_READ, read, timeoutMicros, READ_ANSWERED, slot);
  } else {
    const command = kvCommand(f, key, written ?? '', compareIndex, digest);
    const write = request(KVS_APPLY, command);
    out.request(server, RPC_WRITE, write, timeoutMicros, WRITE_ANSWERED, slot);
  }
}

function onAnswered(state: KvLoadState, slot: number, body: unknown, out: Outbox): void {
  const operation = state.operations[slot]!;
  const latency = out.now() - operation.startedMicros;
  if (out.error === ErrorCause.none) onSuccess(state, operation, slot, body as ServerAnswer, out);
  else if (out.error === ErrorCause.remote)
    onError(operation, slot, body as ServerError, latency, out);
  else onLost(state, operation, slot, out.error, latency, out);
  state.operations[slot] = null;
  state.free.push(slot);
  if (state.config.arrival === null) scheduleNext(state, out);
}

function onSuccess(
  state: KvLoadState,
  operation: Operation,
  slot: number,
  answer: ServerAnswer,
  out: Outbox,
): void {
  operation.answer = answer;
  // Who never compares need not remember.
  const compares = state.config.mix.some(([f]) => f === 'cas');
  if (compares && answer.index > 0) state.indexes.set(operation.key, answer.index);
  out.note(LoadNote.succeeded, slot, out.now() - operation.startedMicros, answer.logIndex);
}

function onError(
  operation: Operation,
  slot: number,
  error: ServerError,
  latency: number,
  out: Outbox,
): void {
  operation.error = error.error;
  const unknown = error.indefinite && operation.f !== 'get';
  out.note(unknown ? LoadNote.unknown : LoadNote.failed, slot, latency, 0);
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
  const unknown = sent && operation.f !== 'get';
  out.note(unknown ? LoadNote.unknown : LoadNote.failed, slot, latency, 0);
}

/** Another server is asked after a connection that failed, as the operations do. */
function onWatch(state: KvLoadState, body: unknown, out: Outbox): void {
  const watch = state.watch!;
  const lost = out.error !== ErrorCause.none && out.error !== ErrorCause.remote;
  if (lost && state.servers[0] === watch.server) state.servers.push(state.servers.shift()!);
  if (onWatchAnswered(watch, body, out)) ask(watch, state.servers[0], out);
}

function onInput(
  state: KvLoadState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  if (input === ARRIVAL) onArrival(state, out);
  else if (input === WATCH_ANSWERED) onWatch(state, body, out);
  else if (input === WATCH_RETRY) ask(state.watch!, state.servers[0], out);
  else onAnswered(state, from, body, out);
}

function view(state: KvLoadState): View {
  const open = state.operations.length - state.free.length;
  return { started: state.started, open, server: state.servers[0] };
}

function save(state: KvLoadState): KvLoadState {
  return {
    ...state,
    servers: state.servers.slice(),
    operations: state.operations.map((operation) => operation && { ...operation }),
    free: state.free.slice(),
    indexes: new Map(state.indexes),
    watch: state.watch && { ...state.watch },
  };
}

export const kvLoadMachine: Machine<KvLoadState, null> = {
  name: 'client',
  number: LOAD_MACHINE,
  lanes: LANES,
  inputs: INPUTS,
  notes: NOTES,
  create,
  onStart,
  onInput,
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save,
  saveDurable: () => null,
};
