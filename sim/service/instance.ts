/**
 * One instance of a service: a queue in front of workers. A worker does the instance's own work, then
 * asks the services it depends on, one after the other, and is held until the answer is there. Work
 * whose caller has given up stays in the queue and is done like any other, which is what makes retry
 * storms last; `cancel` drops it when its turn comes.
 *
 * Known deviations: connections do not limit the requests on them, and a request costs the network no
 * bytes. A caller that turns away from a hedged request does not tell the instance.
 */
import type { Sampler } from '../core/distribution.ts';
import type { InputSpec, LaneSpec, Machine, NoteSpec, Outbox, View } from '../core/machine.ts';
import { inForce, refuses, slowness } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';
import { CALL, CALL_ERRORS, CALL_START, H2_PING, HEALTH_CHECK } from './vocabulary.ts';
import { INSTANCE_MACHINE, InstanceNote, errorCode } from './vocabulary.ts';
import type { CallAnswer, CallError, CallErrorName } from './vocabulary.ts';
import type { CallOrder, CallOutcome, CallRequest } from './vocabulary.ts';
import type { HealthAnswer, HealthRequest } from './vocabulary.ts';
import { handshake } from './mesh.ts';
import { configOf } from './proxy.ts';
import { countAnswer, newReporter, reportOf, setBusy } from './report.ts';
import type { Reporter } from './report.ts';

const SERVED = 0x0d02;
const DEPENDENCY_DONE = 0x0d03;

export interface InstanceConfig {
  readonly service: string;
  readonly workers: number;
  readonly queueMax: number;
  readonly time: Sampler;
  /** Share of requests that end in an error after the work. */
  readonly errors: number;
  /** Upstreams of the caller beside it that each request asks, in this order. */
  readonly dependencies: number;
  readonly cancel: boolean;
  /** After a start: work takes `factor` as long, less and less so until `micros` have passed. */
  readonly coldStart: { readonly micros: number; readonly factor: number } | null;
  readonly behaviours: readonly Behaviour[];
  readonly reports: boolean;
  /** What it says to a health check is another each time, as when it tells the time. */
  readonly tellsTime: boolean;
}

interface Work {
  readonly exchange: number;
  /** Of a health check SHALLOW or DEEP. */
  readonly call: number;
  /** By the local clock. */
  readonly arrivedMicros: number;
  readonly untilMicros: number;
  /** Index of the dependency that is asked, -1 during the own work. */
  stage: number;
  /** Ends in an error of its own. */
  failing: boolean;
}

export interface InstanceState {
  readonly config: InstanceConfig;
  startedMicros: number;
  /** By worker. */
  working: (Work | null)[];
  /** Workers that have nothing to do; the last one is next. */
  idle: number[];
  queue: Work[];
  /** What has been taken from the front of `queue` already. */
  head: number;
  served: number;
  rejected: number;
  reporter: Reporter;
}

/** A GET with its headers, and as much back. */
const CHECK_BYTES = 200;
/** A frame with its header (RFC 9113, §6.7). */
const PING_BYTES = 17;
/** Call numbers of health checks, with and without the dependencies; those of calls are not negative. */
const DEEP = -1;
const SHALLOW = -2;

const LANES: readonly LaneSpec[] = [
  { name: 'instance', channels: [{ name: 'events', capacity: 0 }] },
];
const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { name: 'call', lane: 0, channel: 0, messageClass: 'call', pool: 'multiplexed' },
  { name: 'served', lane: 0, channel: 0 },
  { name: 'dependency done', lane: 0, channel: 0 },
  {
    name: 'health check',
    lane: 0,
    channel: 0,
    messageClass: 'http.check',
    pool: 'fresh',
    size: CHECK_BYTES,
    answerSize: CHECK_BYTES,
  },
  {
    name: 'HTTP/2 ping',
    lane: 0,
    channel: 0,
    messageClass: 'http.check',
    pool: 'fresh',
    size: PING_BYTES,
    answerSize: PING_BYTES,
  },
];
const NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'arrived', detail: 1, text: (inside, _, queued) => `inside=${inside} queued=${queued}` },
  { name: 'served', detail: 1, text: (inside, micros) => `inside=${inside} micros=${micros}` },
  { name: 'rejected', detail: 1, text: (inside, code) => `inside=${inside} ${CALL_ERRORS[code]}` },
];

/** Whoever checks has patience of its own, which the instance does not know. */
const CHECKED: CallRequest = { call: SHALLOW, remainingMicros: Infinity, hello: null };
const CHECKED_DEEP: CallRequest = { call: DEEP, remainingMicros: Infinity, hello: null };
const PONG: HealthAnswer = { code: 200, text: 'pong' };
const PLAIN_ANSWER: CallAnswer = { report: null };
const ERRORS = new Map<CallErrorName, CallError>(CALL_ERRORS.map((error) => [error, { error }]));

function create(config: InstanceConfig): InstanceState {
  return {
    config,
    startedMicros: 0,
    working: Array.from({ length: config.workers }, () => null),
    idle: Array.from({ length: config.workers }, (_, at) => config.workers - 1 - at),
    queue: [],
    head: 0,
    served: 0,
    rejected: 0,
    reporter: newReporter(),
  };
}

export function queuedIn(state: InstanceState): number {
  return state.queue.length - state.head;
}

/** Requests that are worked on or wait. */
export function insideOf(state: InstanceState): number {
  return state.config.workers - state.idle.length + queuedIn(state);
}

/** A health check is a request like any other: it queues, and takes as long. */
function onCall(
  state: InstanceState,
  exchange: number,
  { call, remainingMicros, hello }: CallRequest,
  out: Outbox,
): void {
  const { config } = state;
  const now = out.now();
  if (hello !== null) {
    const refused = handshake(hello, configOf(out), out.wall());
    if (refused !== 'none') {
      out.fail(exchange, ERRORS.get(refused));
      return;
    }
  }
  if (config.behaviours.length > 0 && refuses(config.behaviours, now)) {
    reject(state, exchange, call, 'unavailable', out);
    return;
  }
  const isBusy = state.idle.length === 0;
  if (isBusy && queuedIn(state) >= config.queueMax) {
    reject(state, exchange, call, 'overloaded', out);
    return;
  }
  const work: Work = {
    exchange,
    call,
    arrivedMicros: now,
    untilMicros: now + remainingMicros,
    stage: -1,
    failing: false,
  };
  if (isBusy) state.queue.push(work);
  else begin(state, state.idle.pop()!, work, out);
  out.note(InstanceNote.arrived, insideOf(state), 0, queuedIn(state));
}

function reject(
  state: InstanceState,
  exchange: number,
  call: number,
  error: CallErrorName,
  out: Outbox,
): void {
  state.rejected++;
  countAnswer(state.reporter, true, out.now());
  out.note(InstanceNote.rejected, insideOf(state), errorCode(error), 0);
  if (call < 0) out.reply(exchange, healthOf(state, error, out));
  else out.fail(exchange, ERRORS.get(error));
}

/** Codes of HTTP; an instance with a full queue says that there are too many requests. */
function codeOf(error: CallErrorName): number {
  switch (error) {
    case 'none':
      return 200;
    case 'overloaded':
      return 429;
    case 'failed':
    case 'dependency':
      return 500;
    default:
      return 503;
  }
}

function healthOf({ config }: InstanceState, error: CallErrorName, out: Outbox): HealthAnswer {
  const text = error === 'none' ? 'ok' : error;
  return { code: codeOf(error), text: config.tellsTime ? `${text} at ${out.now()}` : text };
}

/** Hands work to a worker that has none. */
function begin(state: InstanceState, worker: number, work: Work, out: Outbox): void {
  const { behaviours, errors } = state.config;
  const now = out.now();
  state.working[worker] = work;
  noteBusy(state, now);
  const isSick = behaviours.length > 0;
  const hung = isSick ? inForce(behaviours, 'hung', now) : undefined;
  if (hung?.untilMicros === Infinity) return;
  const failing = isSick ? inForce(behaviours, 'failing', now) : undefined;
  const share = failing?.share ?? errors;
  work.failing = share > 0 && out.draw('errors').chance(share);
  const after = work.failing ? failing?.after : null;
  const micros = after ? out.sample('service', after) : ownTime(state, now, out);
  const waits = hung === undefined ? 0 : hung.untilMicros - now;
  out.timer(SERVED, worker, waits + out.work(micros));
}

function noteBusy({ config, idle, reporter }: InstanceState, now: number): void {
  if (config.reports) setBusy(reporter, (config.workers - idle.length) / config.workers, now);
}

function ownTime(state: InstanceState, now: number, out: Outbox): number {
  const { behaviours, time, coldStart } = state.config;
  const isSick = behaviours.length > 0;
  const sampler = isSick ? (inForce(behaviours, 'time', now)?.time ?? time) : time;
  let micros = out.sample('service', sampler);
  if (isSick) micros = Math.round(micros * slowness(behaviours, now));
  if (coldStart !== null) {
    const left = Math.max(0, 1 - (now - state.startedMicros) / coldStart.micros);
    micros = Math.round(micros * (1 + (coldStart.factor - 1) * left));
  }
  return micros;
}

/** A worker has done its own part: the dependencies follow, then the answer. */
function onServed(state: InstanceState, worker: number, out: Outbox): void {
  const work = state.working[worker]!;
  if (work.failing) finish(state, worker, 'failed', out);
  else askNext(state, worker, work, out);
}

function askNext(state: InstanceState, worker: number, work: Work, out: Outbox): void {
  work.stage++;
  const { dependencies } = state.config;
  if (work.stage >= dependencies || work.call === SHALLOW) {
    finish(state, worker, 'none', out);
    return;
  }
  const order: CallOrder = {
    upstream: work.stage,
    hash: work.call,
    untilMicros: 0,
    done: DEPENDENCY_DONE,
  };
  out.post(CALL_START, 0, worker, order);
}

function onDependency(
  state: InstanceState,
  worker: number,
  { error }: CallOutcome,
  out: Outbox,
): void {
  if (error === 0) askNext(state, worker, state.working[worker]!, out);
  else finish(state, worker, 'dependency', out);
}

/** Answers, and takes the next request that waits. */
function finish(state: InstanceState, worker: number, error: CallErrorName, out: Outbox): void {
  const { exchange, call, arrivedMicros, untilMicros } = state.working[worker]!;
  const now = out.now();
  state.working[worker] = null;
  state.served++;
  countAnswer(state.reporter, error !== 'none', now);
  if (call < 0) out.reply(exchange, healthOf(state, error, out));
  else answer(state, exchange, error, now, out);
  const next = takeNext(state, now, out);
  if (next === undefined) state.idle.push(worker);
  noteBusy(state, now);
  const late = now > untilMicros ? 1 : 0;
  if (next !== undefined) begin(state, worker, next, out);
  out.note(InstanceNote.served, insideOf(state), now - arrivedMicros, late);
}

function answer(
  state: InstanceState,
  exchange: number,
  error: CallErrorName,
  now: number,
  out: Outbox,
): void {
  if (error !== 'none') out.fail(exchange, ERRORS.get(error));
  else out.reply(exchange, state.config.reports ? reportOf(state.reporter, now) : PLAIN_ANSWER);
}

/** With `cancel`, what nobody waits for any more goes without work. */
function takeNext(state: InstanceState, now: number, out: Outbox): Work | undefined {
  while (state.head < state.queue.length) {
    const work = state.queue[state.head++];
    if (state.head > 64 && state.head * 2 > state.queue.length) {
      state.queue.splice(0, state.head);
      state.head = 0;
    }
    if (!state.config.cancel || now <= work.untilMicros) return work;
    reject(state, work.exchange, work.call, 'expired', out);
  }
  state.queue.length = 0;
  state.head = 0;
  return undefined;
}

function onInput(
  state: InstanceState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  if (input === CALL) onCall(state, from, body as CallRequest, out);
  else if (input === H2_PING) out.reply(from, PONG);
  else if (input === HEALTH_CHECK)
    onCall(state, from, (body as HealthRequest).deep ? CHECKED_DEEP : CHECKED, out);
  else if (input === SERVED) onServed(state, from, out);
  else onDependency(state, from, body as CallOutcome, out);
}

function view(state: InstanceState): View {
  const { working, served, rejected } = state;
  const busy = working.filter((work) => work !== null).length;
  return { busy, queued: queuedIn(state), served, rejected };
}

function save(state: InstanceState): InstanceState {
  return {
    ...state,
    working: state.working.map((work) => work && { ...work }),
    idle: state.idle.slice(),
    queue: state.queue.slice(state.head).map((work) => ({ ...work })),
    head: 0,
    reporter: { ...state.reporter },
  };
}

export const instanceMachine: Machine<InstanceState, null> = {
  name: 'instance',
  number: INSTANCE_MACHINE,
  lanes: LANES,
  inputs: INPUTS,
  notes: NOTES,
  create,
  onStart: (state, out) => {
    state.startedMicros = out.now();
  },
  onInput,
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save,
  saveDurable: () => null,
};
