/**
 * What a program does about its own registration (reference: agents §8.1 A1, A7, §8.2 B1 to B4):
 * it registers with the agent on its host, tells it how a check of kind `ttl` stands, may register
 * the same again from time to time, may look whether it is still there, and may take itself out when it
 * is told to stop: callers have some time then to hear of it, while it goes on serving.
 */
import { DEREGISTER_SERVICE, GET_SERVICE } from '../consul/agent/inputs.ts';
import { REGISTER_SERVICE, UPDATE_CHECK } from '../consul/agent/inputs.ts';
import type { ApiError, CheckReport } from '../consul/agent/api.ts';
import type { ServiceSpec } from '../consul/agent/state.ts';
import { PROGRAM_MACHINE, STOP_PROGRAM } from '../service/vocabulary.ts';
import { ErrorCause } from '../core/machine.ts';
import type { InputSpec, LaneSpec, Machine, NoteSpec, Outbox, View } from '../core/machine.ts';
import { inForce, refuses } from '../service/behaviour.ts';
import type { Behaviour } from '../service/behaviour.ts';
import type { Shutdown } from '../service/shutdown.ts';

const REGISTERED = 0x1801;
const REGISTER = 0x1802;
const LOOK = 0x1803;
const LOOKED = 0x1804;
const BEAT = 0x1805;
const BEATEN = 0x1806;
const DEREGISTERED = 0x1808;
const DRAINED = 0x1809;

export const ProgramNote = {
  /** The agent has taken a registration. a: which one of the program's. */
  registered: 0x1801,
  /** a: which one, b: why (`ErrorCause`). */
  failed: 0x1802,
  /** The agent does not know it any more. a: which one. */
  missed: 0x1803,
  /** It has been told to stop. */
  stopping: 0x1804,
} as const;

/** Patience with the agent, and time to the next attempt after a failure. */
const PATIENCE_MICROS = 60_000_000;
const RETRY_MICROS = 5_000_000;
const NOT_FOUND = 404;

export interface Heartbeat {
  readonly check: string;
  readonly intervalMicros: number;
}

export interface ProgramConfig {
  /** Process of the agent. */
  readonly agent: number;
  /** What it registers by itself, in this order. */
  readonly services: readonly ServiceSpec[];
  /** A formed cluster: they are registered when the run begins. */
  readonly formed: boolean;
  readonly againMicros: number | null;
  readonly lookMicros: number | null;
  readonly heartbeats: readonly Heartbeat[];
  /** What is wrong with the instance; one that hangs says nothing, one that refuses says so. */
  readonly behaviours: readonly Behaviour[];
  /** Null: it ends at once. */
  readonly shutdown: Shutdown | null;
}

export interface ProgramState {
  readonly config: ProgramConfig;
  /** Its agent has said yes, of each of its services. */
  readonly registered: boolean[];
  phase: 'running' | 'draining' | 'drained';
}

const LANES: readonly LaneSpec[] = [
  { name: 'program', channels: [{ name: 'events', capacity: 0 }] },
];

function input(name: string): InputSpec {
  return { name, lane: 0, channel: 0 };
}

const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  input('registered'),
  input('register'),
  input('look'),
  input('looked'),
  input('heartbeat'),
  input('heartbeat answered'),
  input('stop'),
  input('deregistered'),
  input('drained'),
];

const NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'registered', text: (service) => `service=${service}` },
  { name: 'registration failed', text: (service, cause) => `service=${service} cause=${cause}` },
  { name: 'registration missing', text: (service) => `service=${service}` },
  { name: 'stopping' },
];

/** Later starts begin anew: the agent may know it or not. */
const FORMED_MICROS = 1_000_000;

function onStart({ config, registered }: ProgramState, out: Outbox): void {
  const { formed, services, againMicros, lookMicros, heartbeats } = config;
  const isThere = formed && out.now() < FORMED_MICROS;
  services.forEach((_, at) => {
    registered[at] = isThere;
    if (!isThere) register(config, at, out);
    else if (againMicros !== null) out.timer(REGISTER, at, againMicros);
    if (lookMicros !== null) out.timer(LOOK, at, lookMicros);
  });
  heartbeats.forEach((_, at) => out.timer(BEAT, at, 0));
}

function register({ agent, services }: ProgramConfig, at: number, out: Outbox): void {
  out.request(agent, REGISTER_SERVICE, services[at], PATIENCE_MICROS, REGISTERED, at);
}

function onRegistered({ config, registered }: ProgramState, at: number, out: Outbox): void {
  if (out.error !== ErrorCause.none) {
    out.note(ProgramNote.failed, at, out.error, 0);
    out.timer(REGISTER, at, RETRY_MICROS);
    return;
  }
  registered[at] = true;
  out.note(ProgramNote.registered, at, 0, 0);
  if (config.againMicros !== null) out.timer(REGISTER, at, config.againMicros);
}

function onLooked(state: ProgramState, at: number, body: unknown, out: Outbox): void {
  out.timer(LOOK, at, state.config.lookMicros!);
  if (isMissing(body, out)) registerAgain(state, at, out);
}

function isMissing(body: unknown, out: Outbox): boolean {
  return out.error === ErrorCause.remote && (body as ApiError).status === NOT_FOUND;
}

function registerAgain({ config, registered }: ProgramState, at: number, out: Outbox): void {
  out.note(ProgramNote.missed, at, 0, 0);
  registered[at] = false;
  register(config, at, out);
}

function beat({ config }: ProgramState, at: number, out: Outbox): void {
  const { agent, behaviours, heartbeats } = config;
  const { check, intervalMicros } = heartbeats[at];
  out.timer(BEAT, at, intervalMicros);
  const now = out.now();
  if (inForce(behaviours, 'hung', now) !== undefined) return;
  const status = refuses(behaviours, now) ? 'critical' : 'passing';
  const report: CheckReport = { check, status, output: '' };
  out.request(agent, UPDATE_CHECK, report, PATIENCE_MICROS, BEATEN, at);
}

/** Who never looks does not read the answers either. */
function onBeaten(state: ProgramState, body: unknown, out: Outbox): void {
  const { lookMicros, services } = state.config;
  if (lookMicros === null || !isMissing(body, out)) return;
  services.forEach((_, at) => {
    if (state.registered[at]) registerAgain(state, at, out);
  });
}

/** Nothing is registered any more, looked after or told from then on. */
function stop(state: ProgramState, out: Outbox): void {
  const { agent, services, heartbeats, shutdown } = state.config;
  if (shutdown === null || state.phase !== 'running') return;
  state.phase = 'draining';
  out.note(ProgramNote.stopping, 0, 0, 0);
  services.forEach((_, at) => {
    out.cancel(REGISTER, at);
    out.cancel(LOOK, at);
  });
  heartbeats.forEach((_, at) => out.cancel(BEAT, at));
  shutdown.services.forEach((id, at) => {
    out.request(agent, DEREGISTER_SERVICE, id, PATIENCE_MICROS, DEREGISTERED, at);
  });
  out.timer(DRAINED, 0, shutdown.drainMicros);
}

function onInput(
  state: ProgramState,
  kind: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  if (kind === STOP_PROGRAM) stop(state, out);
  else if (kind === DRAINED) state.phase = 'drained';
  else if (state.phase === 'running') onRunning(state, kind, from, body, out);
}

function onRunning(
  state: ProgramState,
  kind: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (kind) {
    case REGISTER:
      register(state.config, from, out);
      return;
    case REGISTERED:
      onRegistered(state, from, out);
      return;
    case LOOK: {
      const { agent, services } = state.config;
      out.request(agent, GET_SERVICE, services[from].service.id, PATIENCE_MICROS, LOOKED, from);
      return;
    }
    case LOOKED:
      onLooked(state, from, body, out);
      return;
    case BEAT:
      beat(state, from, out);
      return;
    case BEATEN:
      onBeaten(state, body, out);
  }
}

function view({ registered, phase }: ProgramState): View {
  return { registered: registered.filter(Boolean).length, phase };
}

export const programMachine: Machine<ProgramState, null> = {
  name: 'program',
  number: PROGRAM_MACHINE,
  lanes: LANES,
  inputs: INPUTS,
  notes: NOTES,
  create: (config: ProgramConfig) => ({
    config,
    registered: config.services.map(() => false),
    phase: 'running' as const,
  }),
  onStart,
  onInput,
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (state) => ({ ...state, registered: state.registered.slice() }),
  saveDurable: () => null,
};
