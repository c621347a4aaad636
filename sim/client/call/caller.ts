/**
 * The client side of calls: it finds the instances of a service, picks one for each attempt, waits,
 * retries, hedges, and gives up. Programs beside it in the same process (a load, an instance that
 * depends on a service) post orders and get outcomes.
 *
 * One call has one or more attempts; each has a timeout, the call may have a deadline. An attempt that
 * nobody waits for any more is not cancelled at the instance.
 */
import type { InputSpec, LaneSpec, Machine, NoteSpec, Outbox, View } from '../../core/machine.ts';
import { CALLER_MACHINE, CALL_ERRORS } from '../../service/vocabulary.ts';
import type { CallOrder, Endpoint } from '../../service/vocabulary.ts';
import { onAnswered } from './answered.ts';
import { onHedge, onOrder, onRetry } from './attempt.ts';
import { CallerInput, SWEEP_MICROS } from './state.ts';
import type { CallerConfig, CallerState } from './state.ts';
import { onSweep } from './sweep.ts';
import { newUpstream, onInstances, saveUpstream } from './upstream.ts';

const LANES: readonly LaneSpec[] = [
  { name: 'caller', channels: [{ name: 'events', capacity: 0 }] },
];
const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { name: 'order', lane: 0, channel: 0 },
  { name: 'answered', lane: 0, channel: 0 },
  { name: 'retry', lane: 0, channel: 0 },
  { name: 'hedge', lane: 0, channel: 0 },
  { name: 'sweep', lane: 0, channel: 0 },
  { name: 'instances', lane: 0, channel: 0 },
];
const NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'call', detail: 1 },
  { name: 'call ok', detail: 1, text: (_, micros) => `micros=${micros}` },
  {
    name: 'call failed',
    detail: 1,
    text: (_, micros, code) => `${CALL_ERRORS[code]} micros=${micros}`,
  },
  { name: 'attempt', detail: 1, text: (_slot, to, _first, name) => `to=${name(to)}` },
  {
    name: 'attempt ended',
    detail: 1,
    text: (_slot, to, code, name) => `at=${name(to)} ${CALL_ERRORS[code]}`,
  },
  { name: 'eject', text: (_, at, ejected, name) => `${name(at)} ejected=${ejected}` },
  { name: 'readmit', text: (_, at, ejected, name) => `${name(at)} ejected=${ejected}` },
  { name: 'breaker opens', text: (_, at, _c, name) => (at < 0 ? '' : name(at)) },
  { name: 'breaker closes', text: (_, at, _c, name) => (at < 0 ? '' : name(at)) },
  { name: 'backoff', detail: 1, text: (_, micros, retries) => `micros=${micros} after=${retries}` },
];

function create(config: CallerConfig): CallerState {
  return {
    config,
    upstreams: config.upstreams.map(newUpstream),
    started: 0,
    calls: [],
    freeCalls: [],
    attempts: [],
    freeAttempts: [],
  };
}

function onStart(state: CallerState, out: Outbox): void {
  state.upstreams.forEach((upstream, at) => {
    const { discovery, settings } = upstream.config;
    onInstances(upstream, discovery.start(settings.service, out), out.now(), out.draw('subset'));
    if (upstream.outliers !== null) {
      out.timer(CallerInput.sweep, at, upstream.outliers.spec.intervalMicros);
    } else if (settings.balance.slowStart !== null) {
      out.timer(CallerInput.sweep, at, SWEEP_MICROS);
    }
  });
}

function onInput(
  state: CallerState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case CallerInput.order:
      onOrder(state, from, body as CallOrder, out);
      return;
    case CallerInput.answered:
      onAnswered(state, from, body, out);
      return;
    case CallerInput.retry:
      onRetry(state, from, out);
      return;
    case CallerInput.hedge:
      onHedge(state, from, out);
      return;
    case CallerInput.sweep:
      onSweep(state, from, out);
      return;
    default:
      onInstances(
        state.upstreams[from],
        body as readonly Endpoint[],
        out.now(),
        out.draw('subset'),
      );
  }
}

function view(state: CallerState): View {
  const underWay = state.calls.length - state.freeCalls.length;
  const attempts = state.attempts.length - state.freeAttempts.length;
  const unhealthy = state.upstreams.reduce(
    (sum, { listed, healthy }) => sum + listed.filter((one) => !healthy[one]).length,
    0,
  );
  return { started: state.started, underWay, attempts, unhealthy };
}

function save(state: CallerState): CallerState {
  return {
    ...state,
    upstreams: state.upstreams.map(saveUpstream),
    calls: state.calls.map((call) => call && { ...call, tried: call.tried.slice() }),
    freeCalls: state.freeCalls.slice(),
    attempts: state.attempts.map((attempt) => attempt && { ...attempt }),
    freeAttempts: state.freeAttempts.slice(),
  };
}

export const callerMachine: Machine<CallerState, null> = {
  name: 'caller',
  number: CALLER_MACHINE,
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
