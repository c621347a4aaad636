/**
 * A client of a service: calls that start at a rate whatever becomes of earlier ones (open loop,
 * Poisson arrivals), or one after the other with a pause between (closed loop). The caller beside it
 * makes them.
 */
import type { InputSpec, LaneSpec, Machine, Outbox, View } from '../../core/machine.ts';
import type { Sampler } from '../../core/distribution.ts';
import { CALL_LOAD_MACHINE, CALL_START } from '../../service/vocabulary.ts';
import type { CallOrder } from '../../service/vocabulary.ts';

const ARRIVAL = 0x0e01;
const DONE = 0x0e02;

export interface CallLoadConfig {
  /** Name of the load, as in the scenario. */
  readonly load: string;
  /** Open loop: mean time between this client's arrivals; null in a closed loop. */
  readonly arrival: Sampler | null;
  /** Closed loop: pause between an outcome and the next call. */
  readonly think: Sampler | null;
  readonly keys: number;
  /** From then on a tenth of the rate, in local time; then nothing. */
  readonly slowFromMicros: number;
  readonly stopAtMicros: number;
}

export interface CallLoadState {
  readonly config: CallLoadConfig;
  started: number;
  ended: number;
}

const LANES: readonly LaneSpec[] = [{ name: 'load', channels: [{ name: 'events', capacity: 0 }] }];
const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { name: 'arrival', lane: 0, channel: 0 },
  { name: 'done', lane: 0, channel: 0 },
];

function scheduleNext({ config }: CallLoadState, out: Outbox): void {
  const factor = out.now() >= config.slowFromMicros ? 10 : 1;
  const micros = out.sample('arrival', config.arrival ?? config.think!);
  out.timer(ARRIVAL, 0, Math.max(1, micros) * factor);
}

function onArrival(state: CallLoadState, out: Outbox): void {
  const { config } = state;
  if (out.now() >= config.stopAtMicros) return;
  state.started++;
  const hash = config.keys === 1 ? 0 : out.draw('keys').below(config.keys);
  const order: CallOrder = { upstream: 0, hash, untilMicros: 0, done: DONE };
  out.post(CALL_START, 0, 0, order);
  if (config.arrival !== null) scheduleNext(state, out);
}

function onInput(state: CallLoadState, input: number, _from: number, _body: unknown, out: Outbox) {
  if (input === ARRIVAL) {
    onArrival(state, out);
    return;
  }
  state.ended++;
  if (state.config.arrival === null) scheduleNext(state, out);
}

function view({ started, ended }: CallLoadState): View {
  return { started, underWay: started - ended };
}

export const callLoadMachine: Machine<CallLoadState, null> = {
  name: 'load',
  number: CALL_LOAD_MACHINE,
  lanes: LANES,
  inputs: INPUTS,
  notes: [],
  create: (config: CallLoadConfig) => ({ config, started: 0, ended: 0 }),
  onStart: scheduleNext,
  onInput,
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (state) => ({ ...state }),
  saveDurable: () => null,
};
