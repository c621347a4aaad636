/**
 * A client of the key-value store: puts, gets and compare-and-sets of unique values, increments of
 * counters and transactions, open loop (Poisson arrivals that do not wait for answers) or closed loop
 * (one operation after the other). Beside that, or instead, it may watch keys, or take turns at locks.
 */
import { ErrorCause } from '../core/machine.ts';
import type { InputSpec, LaneSpec, Machine, NoteSpec, Outbox, View } from '../core/machine.ts';
import type { ProcessIndex } from '../core/machine.ts';
import type { Sampler } from '../core/distribution.ts';
import type { ReadMode } from '../consul/requests/request.ts';
import type { KvEntry } from '../consul/state/rows.ts';
import {
  LOCK_LOOKED,
  LOCK_TIMER,
  RENEW_TIMER,
  createLock,
  onLockAnswered,
  onLockTimer,
  onLooked,
  onRenewTimer,
  startLocks,
} from './lock/cycle.ts';
import type { LockConfig, LockState } from './lock/state.ts';
import { LOAD_MACHINE } from './operation.ts';
import type { Operation } from './operation.ts';
import { begin, drawKey, end, letGo, uniqueValue } from './requests.ts';
import { drawTransaction, learnFrom } from './transactions.ts';
import { WATCH_ANSWERED, WATCH_RETRY, ask, createWatch, onWatchAnswered } from './watch.ts';
import type { WatchConfig, WatchState } from './watch.ts';

const ARRIVAL = 0x301;

/** What a client draws from: an increment reads a counter and compares-and-sets it. */
export type Work = 'put' | 'get' | 'cas' | 'delete' | 'increment' | 'txn' | 'txn-get';

export interface LoadBugs {
  /** plant: a write of unknown outcome is taken for one that failed. */
  readonly B32: boolean;
  /** plant: an increment is a put. */
  readonly W7: boolean;
}

export interface KvLoadConfig {
  /** Name of the load, as in the scenario. */
  readonly load: string;
  /** 0-based number of this client within its load, and how many there are. */
  readonly client: number;
  readonly clients: number;
  /** Number of the load's first operation: operations are numbered across loads. */
  readonly operationBase: number;
  readonly operationStride: number;
  /** Whom it asks: servers, or the agent on its host alone. */
  readonly servers: readonly ProcessIndex[];
  readonly via: 'server' | 'agent';
  /** Open loop: mean time between this client's arrivals; null in a closed loop, or without operations. */
  readonly arrival: Sampler | null;
  /** Closed loop: pause between an answer and the next operation. */
  readonly think: Sampler | null;
  readonly keys: number;
  /** What the names of keys begin with. */
  readonly keyPrefix: string;
  /** Kinds of operations with cumulative shares. */
  readonly mix: readonly (readonly [Work, number])[];
  /** Keys of a transaction, and the share of its writes that compare. */
  readonly transactionKeys: number;
  readonly conditional: number;
  /** Modes of reads with cumulative shares. */
  readonly modes: readonly (readonly [ReadMode, number])[];
  /** What the client watches beside its operations, or null. */
  readonly watch: WatchConfig | null;
  /** Locks that it takes instead of other operations, or null. */
  readonly lock: LockConfig | null;
  readonly timeoutMicros: number;
  /** That operations are about; left out, the one of the servers that are asked. */
  readonly datacenter?: string;
  /** From then on a tenth of the rate, in local time; then nothing. */
  readonly slowFromMicros: number;
  readonly stopAtMicros: number;
  readonly bugs: LoadBugs;
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
  lock: LockState | null;
  /** Slots of reads that an increment begins with. */
  increments: Set<number>;
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
  { name: 'lock timer', lane: 0, channel: 0 },
  { name: 'renewal due', lane: 0, channel: 0 },
  { name: 'lock looked at', lane: 0, channel: 0 },
];
const NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'invoke', detail: 1 },
  { name: 'ok', detail: 1 },
  { name: 'fail', detail: 1 },
  { name: 'unknown', detail: 1 },
  { name: 'watched', detail: 1, text: (_micros, index, asked) => `index=${index} after=${asked}` },
  { name: 'watch failed', detail: 1, text: (failures) => `failures=${failures}` },
  { name: 'lock taken', text: (waited) => `waited=${waited}us` },
  { name: 'lock given up', text: (held, why) => `held=${held}us because=${why}` },
  { name: 'renewal failed', text: (age, then) => `since=${age}us then=${then}` },
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
    lock: config.lock === null ? null : createLock(config.lock),
    increments: new Set(),
  };
}

function onStart(state: KvLoadState, out: Outbox): void {
  out.draw('servers').shuffle(state.servers);
  const { arrival, think } = state.config;
  if (arrival !== null || think !== null) scheduleNext(state, out);
  if (state.watch !== null) ask(state.watch, state.servers[0], out);
  if (state.lock !== null) startLocks(state, state.lock, out);
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
  const work = pick(config.mix, out.draw('mix').unit());
  if (work === 'txn' || work === 'txn-get') {
    const mode = work === 'txn-get' ? drawMode(state, out) : config.modes[0][0];
    const verbs = drawTransaction(state, work === 'txn', uniqueValue(state), out);
    begin(state, { f: 'txn', mode, verbs }, out);
    return;
  }
  const key = drawKey(state, out);
  if (work === 'get' || work === 'increment') {
    const mode = drawMode(state, out);
    const slot = begin(state, { f: 'get', key, mode }, out);
    if (work === 'increment') state.increments.add(slot);
    return;
  }
  const compareIndex = work === 'cas' ? (state.indexes.get(key) ?? 0) : 0;
  begin(state, { f: work, key, compareIndex, writes: work !== 'delete' }, out);
}

function onAnswered(state: KvLoadState, slot: number, body: unknown, out: Outbox): void {
  const operation = end(state, slot, body, out);
  const { answer } = operation;
  if (answer !== null) learn(state, operation);
  const counts = state.increments.delete(slot);
  letGo(state, slot);
  if (state.lock !== null) {
    onLockAnswered(state, state.lock, operation, out);
  } else if (counts && answer !== null) {
    increment(state, operation, out);
  } else if (state.config.arrival === null) {
    scheduleNext(state, out);
  }
}

/** Who never compares need not remember. */
function learn(state: KvLoadState, { f, key, verbs, answer }: Operation): void {
  const { mix, conditional } = state.config;
  if (f === 'txn') {
    if (conditional > 0) learnFrom(state.indexes, verbs!, answer!);
  } else if (answer!.index > 0 && mix.some(([work]) => work === 'cas')) {
    state.indexes.set(key, answer!.index);
  }
}

/** The counter is what comes before the colon; what follows tells one increment from another. */
function increment(state: KvLoadState, { key, answer }: Operation, out: Outbox): void {
  const entry = answer!.value as KvEntry | null;
  const count = Number.parseInt(entry?.value ?? '0', 10) || 0;
  const compareIndex = entry?.modifyIndex ?? 0;
  const f = state.config.bugs.W7 ? 'put' : 'cas';
  begin(state, { f, key, compareIndex, writes: true, label: `${count + 1}:` }, out);
}

/** Another server is asked after a connection that failed, as the operations do. */
function onWatch(state: KvLoadState, body: unknown, out: Outbox): void {
  const watch = state.watch!;
  const lost = out.error !== ErrorCause.none && out.error !== ErrorCause.remote;
  if (lost && state.servers[0] === watch.server) state.servers.push(state.servers.shift()!);
  onWatchAnswered(watch, state.servers[0], body, out);
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
  else if (input === LOCK_TIMER) onLockTimer(state, state.lock!, out);
  else if (input === RENEW_TIMER) onRenewTimer(state, state.lock!, out);
  else if (input === LOCK_LOOKED) onLooked(state, state.lock!, from, body, out);
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
    lock: state.lock && { ...state.lock },
    increments: new Set(state.increments),
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
