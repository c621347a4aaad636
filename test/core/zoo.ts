/**
 * A program that does a bit of everything the kernel offers, at random, as plain data: for properties
 * about whole worlds. Whatever it sees goes into a hash that its notes tell, so that two runs that
 * differ anywhere differ in their notes.
 */
import { mix } from '../../sim/core/fingerprint.ts';
import type { Draws } from '../../sim/core/draws.ts';
import type { Machine, Outbox, ProcessIndex } from '../../sim/core/machine.ts';
import { INPUTS, Input, KEYED, LANES, MAIN, MS } from './kit.ts';

export const ZooNote = {
  /** a: hash of all that this life has seen. */
  seen: 0x101,
  /** Something came out of order on one stream. */
  disorder: 0x102,
} as const;

export interface ZooState {
  readonly self: ProcessIndex;
  readonly peers: number;
  /** By the host's monotonic clock: from then on it only answers. */
  readonly quietAt: number;
  /** Tells this life from others, also where the disk forgot it. */
  life: number;
  hash: number;
  /** Handle of the open pipeline, or 0. */
  pipeline: number;
  pipelines: number;
  sent: number;
  /** Last number seen on each pipeline, by `client/life/pipeline`. */
  readonly last: Map<string, number>;
  /** Exchanges that are answered later. */
  readonly owed: number[];
  readonly doing: Map<string, number>;
}

export interface ZooDurable {
  entries: number[];
}

interface Body {
  readonly from: ProcessIndex;
  readonly stream: string;
  readonly number: number;
}

const Step = { slept: 1, parked: 2, preempted: 3, called: 4, opened: 5, wrote: 6, answer: 7 };

function see(state: ZooState, out: Outbox, ...values: number[]): void {
  let { hash } = state;
  for (const value of [...values, out.lane, out.key, out.error, out.now(), out.wall()]) {
    hash = mix(mix(hash, value | 0), Math.floor(value / 4_294_967_296));
  }
  state.hash = hash;
  out.note(ZooNote.seen, hash, out.now(), values[0] ?? 0);
}

const peer = (state: ZooState, draws: Draws): number => draws.below(state.peers);

const timeout = (draws: Draws): number => draws.between(2 * MS, 400 * MS);

function body(state: ZooState, stream = ''): Body {
  return { from: state.self, stream, number: ++state.sent };
}

type Act = (state: ZooState, out: Outbox, draws: Draws) => void;

/** Acts that end by blocking the lane. */
const BLOCKING: Readonly<Record<string, Act>> = {
  sleep: (_, out, draws) => out.sleep(draws.below(20 * MS), Step.slept, 1),
  park: (_, out) => out.park(Step.parked, 2),
  preempt: (_, out) => out.preempt(Step.preempted, 3),
  call: (state, out, draws) =>
    out.call(peer(state, draws), Input.ask, body(state), timeout(draws), Step.called, 4),
  callSession: (state, out, draws) =>
    out.call(peer(state, draws), Input.session, body(state), timeout(draws), Step.called, 5),
  open: (state, out, draws) => {
    if (state.pipeline !== 0) out.closePipeline(state.pipeline);
    state.pipeline = 0;
    out.openPipeline(peer(state, draws), Input.ask, timeout(draws), Step.opened);
  },
  write: (state, out, draws) => {
    const count = 1 + draws.below(3);
    const writes = Array.from({ length: count }, (_, i) => ({ entry: mix(state.hash, i) }));
    out.write(writes, Step.wrote, 6);
  },
};

const FREE: Readonly<Record<string, Act>> = {
  datagrams: (state, out, draws) => {
    for (let i = draws.below(4); i >= 0; i--) {
      out.datagram(peer(state, draws), Input.packet, body(state));
    }
  },
  request: (state, out, draws) => {
    const kind = draws.pick([Input.ask, Input.session, Input.own, Input.bulk]);
    const tag = draws.below(100);
    out.request(peer(state, draws), kind, body(state), timeout(draws), Input.answer, tag);
  },
  pipeline: (state, out, draws) => {
    if (state.pipeline === 0) return;
    const stream = `${state.self}/${state.life}/${state.pipelines}`;
    for (let i = draws.below(5); i >= 0; i--) {
      const sent = body(state, stream);
      out.pipeline(state.pipeline, Input.ask, sent, timeout(draws), Input.answer, sent.number, 0);
    }
  },
  post: (state, out, draws) => {
    for (let i = draws.below(4); i >= 0; i--) {
      see(state, out, Number(out.post(Input.post, 0, i, body(state))));
    }
    out.post(Input.side, 0, 1, null);
  },
  keyed: (state, out, draws) => {
    const key = draws.below(3);
    if (out.post(Input.keyed, key, 0, body(state))) return;
    out.spawn(KEYED, key);
    out.timer(Input.keyedTick, key, draws.below(50 * MS));
  },
  reap: (_, out, draws) => out.reap(KEYED, draws.below(3)),
  timers: (_, out, draws) => {
    out.timer(Input.tick, 1 + draws.below(4), draws.below(60 * MS));
    out.cancel(Input.tick, 1 + draws.below(4));
  },
  pay: (state, out) => {
    for (const exchange of state.owed.splice(0)) out.reply(exchange, null);
  },
  mark: (state, out) => out.mark(`bug ${state.hash & 7}`),
  panic: (_, out, draws) => {
    if (draws.below(40) === 0) out.panic('enough');
  },
};

const SIDE_ACTS = Object.entries(FREE);
const MAIN_ACTS = Object.entries({ ...BLOCKING, ...FREE });
export const ACT_NAMES: readonly string[] = MAIN_ACTS.map(([name]) => name);

function act(state: ZooState, out: Outbox): void {
  const draws = out.draw('act');
  if (out.now() > state.quietAt) {
    FREE['pay']!(state, out, draws);
    return;
  }
  for (let i = draws.below(3); i >= 0 && !out.blocked; i--) {
    const [name, does] = draws.pick(out.lane === MAIN ? MAIN_ACTS : SIDE_ACTS);
    state.doing.set(name, (state.doing.get(name) ?? 0) + 1);
    does(state, out, draws);
  }
}

function onRequest(state: ZooState, out: Outbox, exchange: number, asked: Body): void {
  const last = state.last.get(asked.stream) ?? 0;
  if (asked.stream !== '') {
    if (asked.number <= last) out.note(ZooNote.disorder, asked.from, last, asked.number);
    state.last.set(asked.stream, asked.number);
  }
  const draws = out.draw('serve');
  switch (draws.below(6)) {
    case 0:
      state.owed.push(exchange);
      return;
    case 1:
      out.fail(exchange, null);
      return;
    case 2:
      out.sleep(draws.below(30 * MS), Step.answer, exchange);
      return;
    case 3:
      out.write([{ entry: asked.number }], Step.answer, exchange);
      return;
    default:
      out.reply(exchange, null);
  }
}

function onInput(state: ZooState, input: number, from: number, given: unknown, out: Outbox): void {
  const number = (given as Body | null | undefined)?.number ?? -1;
  see(state, out, input, from & 0x3ffff, number);
  switch (input) {
    case Input.tick:
      if (from === 0) out.timer(Input.tick, 0, out.draw('tick').between(MS, 6 * MS));
      act(state, out);
      return;
    case Input.sideTick:
      out.unpark(MAIN, 0);
      out.timer(Input.sideTick, 0, 10 * MS);
      if (out.draw('side').below(2) === 0) act(state, out);
      return;
    case Input.post:
      if (number % 2 === 0) see(state, out, Number(out.receive(Input.post) === undefined));
      return;
    case Input.keyed:
      if (out.draw('keyed').below(3) === 0) out.exit();
      else out.sleep(5 * MS, Step.slept, 7);
      return;
    case Input.ask:
    case Input.session:
    case Input.own:
    case Input.bulk:
      onRequest(state, out, from, given as Body);
  }
}

function onResume(
  state: ZooState,
  step: number,
  argument: number,
  given: unknown,
  out: Outbox,
): void {
  see(state, out, step, argument & 0x3ffff);
  if (step === Step.answer) {
    if (out.error === 0) out.reply(argument, null);
    else out.fail(argument, null);
  }
  if (step === Step.opened && out.error === 0) {
    if (state.pipeline !== 0) out.closePipeline(state.pipeline);
    state.pipeline = given as number;
    state.pipelines++;
  }
}

/** `doing` counts what all runs together have done; it is not part of the state. */
export function zoo(
  peers: number,
  quietAt: number,
  doing: Map<string, number>,
): Machine<ZooState, ZooDurable> {
  return {
    name: 'zoo',
    number: 1,
    lanes: LANES,
    inputs: INPUTS,
    notes: [undefined, { name: 'seen' }, { name: 'disorder' }],
    create: (_, self, durable) => ({
      self,
      peers,
      quietAt,
      life: 0,
      hash: mix(durable.entries.length, durable.entries.at(-1) ?? 0),
      pipeline: 0,
      pipelines: 0,
      sent: 0,
      last: new Map(),
      owed: [],
      doing,
    }),
    onStart: (state, out) => {
      state.life = out.draw('life').bits32();
      see(state, out, 0);
      out.timer(Input.tick, 0, out.draw('tick').below(20 * MS));
      out.timer(Input.sideTick, 0, 10 * MS);
      out.write([{ entry: 0 }], Step.wrote, 0);
    },
    onInput,
    onResume,
    createDurable: () => ({ entries: [] }),
    applyWrite: (durable, write) => void durable.entries.push((write as { entry: number }).entry),
    view: ({ hash }) => ({ hash }),
    save: (state) => ({ ...state, last: new Map(state.last), owed: state.owed.slice() }),
    saveDurable: ({ entries }) => ({ entries: entries.slice() }),
  };
}
