/**
 * One machine alone, with everything around it in a test's hands: it writes down what the machine
 * asks for and does nothing of its own accord. The test moves the clock, ends writes and calls,
 * fires timers and crashes it.
 *
 * Lanes work as in the kernel, but that a lane with several waiting inputs takes the oldest one,
 * where the kernel draws.
 */
import { assert, fail } from './assert.ts';
import type * as Effects from './effects.ts';
import { CONNECTION_LANE, ErrorCause } from './machine.ts';
import type { InputKind, InputSpec, Machine, ProcessIndex, Write } from './machine.ts';
import { RecordingOutbox } from './recording-outbox.ts';

interface Item {
  readonly input: InputKind;
  readonly from: number;
  readonly body: unknown;
  readonly error: ErrorCause;
}

export interface RecordedLane {
  readonly spec: number;
  readonly key: number;
  readonly waiting: Item[];
  /** What it waits for, or null while it is free. */
  wait: Effects.WaitEffect | null;
  resumption: { readonly body: unknown; readonly error: ErrorCause } | null;
  /** Writes of the program at hand that are durable. */
  written: number;
  ended: boolean;
}

interface Timer {
  readonly input: InputKind;
  readonly key: number;
  readonly at: number;
}

export interface RecordingOptions<Durable> {
  readonly self?: ProcessIndex;
  /** What the disk holds; a fresh one when left out. */
  readonly durable?: Durable;
  /** Local time of the start in microseconds. */
  readonly now?: number;
}

export class Recording<State, Durable> {
  readonly self: ProcessIndex;
  /** Local monotonic time in microseconds; the test may set it at will. */
  now: number;
  /** Wall clock minus monotonic clock. */
  wallOffset = 0;
  /** Everything asked for so far, in order; the test may empty it. */
  readonly effects: Effects.Effect[] = [];
  readonly marks = new Set<string>();
  /** States of other machines of the process, by number. */
  readonly siblings = new Map<number, unknown>();
  /** False: named points of preemption wait until `answer`. */
  passPreemptions = true;
  /** Handlers are told that what they send is held back; lanes do not wait for it. */
  ioPaused = false;
  state!: State;
  readonly durable: Durable;
  running = false;
  private readonly machine: Machine<State, Durable>;
  private readonly config: unknown;
  private readonly out: RecordingOutbox;
  private readonly timers = new Map<string, Timer>();
  private readonly peers = new Map<number, ProcessIndex>();
  private lanes: RecordedLane[] = [];
  /** Lanes with a program of writes, the oldest first: one disk, one write at a time. */
  private disk: RecordedLane[] = [];
  private current: RecordedLane | null = null;
  private runQueue: RecordedLane[] = [];
  private exchanges = 0;

  constructor(
    machine: Machine<State, Durable>,
    config: unknown,
    options: RecordingOptions<Durable> = {},
  ) {
    this.machine = machine;
    this.config = config;
    this.self = options.self ?? 0;
    this.now = options.now ?? 0;
    this.durable = options.durable ?? machine.createDurable(config as never);
    this.out = new RecordingOutbox(this);
  }

  /** Starts, or restarts after `crash`, with what the disk holds. */
  start(): void {
    assert(!this.running, 'it runs already');
    this.running = true;
    this.state = this.machine.create(this.config as never, this.self, this.durable);
    this.machine.lanes.forEach((spec, index) => {
      if (spec.keyed !== true) this.spawn(index, 0);
    });
    this.run(this.lanes[0], ErrorCause.none, () => this.machine.onStart(this.state, this.out));
    this.drain();
  }

  /** Memory, timers and whatever was under way are gone; finished writes stay. */
  crash(): void {
    this.running = false;
    for (const lane of this.lanes) lane.ended = true;
    this.lanes = [];
    this.disk = [];
    this.runQueue = [];
    this.timers.clear();
  }

  /** Gives an input to its lane; one that is blocked takes it afterwards. */
  deliver(
    input: InputKind,
    from: number,
    body: unknown,
    key = 0,
    error: ErrorCause = ErrorCause.none,
  ): void {
    assert(this.offer(input, key, from, body, error), `no lane takes input ${input}`);
    this.drain();
  }

  /** A request of a peer; returns its exchange, by which `answerOf` finds the answer. */
  ask(input: InputKind, peer: ProcessIndex, body: unknown): number {
    const exchange = ++this.exchanges;
    this.peers.set(exchange, peer);
    this.deliver(input, exchange, body);
    return exchange;
  }

  peerOf(exchange: number): ProcessIndex {
    return this.peers.get(exchange) ?? -1;
  }

  /** Body of the answer to an exchange, or undefined. */
  answerOf(exchange: number): unknown {
    return this.of('reply').find((reply) => reply.exchange === exchange)?.body;
  }

  /** Effects of one kind, oldest first. */
  of<K extends Effects.EffectKind>(kind: K): Effects.EffectOf<K>[] {
    return this.effects.filter((effect): effect is Effects.EffectOf<K> => effect.kind === kind);
  }

  /** What blocks lanes now, in the order in which the lanes began. */
  waits<K extends Effects.WaitKind>(kind: K): Effects.EffectOf<K>[] {
    const waits = this.lanes.map(({ wait }) => wait);
    return waits.filter((wait) => wait?.kind === kind) as Effects.EffectOf<K>[];
  }

  /** Writes that are not durable yet, in the order in which they will be. */
  unwritten(): Write[] {
    return this.disk.flatMap((lane) => programOf(lane).slice(lane.written));
  }

  /** Makes the next writes durable, one after the other. */
  write(count = 1): void {
    for (let i = 0; i < count; i++) {
      const lane = this.disk[0] ?? fail('nothing is to be written');
      const program = programOf(lane);
      this.machine.applyWrite(this.durable, program[lane.written++]);
      if (lane.written < program.length) continue;
      this.disk.shift();
      this.resume(lane, undefined, ErrorCause.none);
    }
  }

  /** Makes writes durable until none is left, those that follow from them too. */
  writeAll(): void {
    while (this.disk.length > 0) this.write();
  }

  /** The next write fails, and with it the rest of its program. */
  failWrite(error: ErrorCause = ErrorCause.diskError): void {
    this.resume(this.disk.shift() ?? fail('nothing is to be written'), undefined, error);
  }

  /** Ends a wait, or answers a request: with a body, or with none and why it failed. */
  answer(
    effect: Effects.WaitEffect | Effects.RequestEffect | Effects.PipelineEffect,
    body: unknown,
    error: ErrorCause = ErrorCause.none,
  ): void {
    if (effect.kind === 'request' || effect.kind === 'pipeline') {
      this.offer(effect.answer, effect.answerKey, effect.tag, body, error);
      this.drain();
      return;
    }
    const lane = this.lanes.find(({ wait }) => wait === effect);
    this.resume(lane ?? fail(`nobody waits for this ${effect.kind}`), body, error);
  }

  /** Local time at which a timer fires, or undefined. */
  due(input: InputKind, key = 0): number | undefined {
    return this.timers.get(timerName(input, key))?.at;
  }

  /** Moves the clock to a timer's time and fires it. */
  fire(input: InputKind, key = 0): void {
    const name = timerName(input, key);
    const timer = this.timers.get(name) ?? fail(`timer ${name} is not set`);
    this.timers.delete(name);
    this.now = Math.max(this.now, timer.at);
    this.offer(input, this.laneKey(input, key), key, undefined, ErrorCause.none);
    this.drain();
  }

  /** Lets time pass: timers fire and sleeps end, the earliest first, timers first at a tie. */
  advance(micros: number): void {
    const end = this.now + micros;
    for (;;) {
      const timer = earliest([...this.timers.values()], ({ at }) => at);
      const sleep = earliest(this.waits('sleep'), ({ until }) => until);
      const timerAt = timer?.at ?? Infinity;
      const sleepAt = sleep?.until ?? Infinity;
      if (Math.min(timerAt, sleepAt) > end) break;
      if (timer !== undefined && timerAt <= sleepAt) {
        this.fire(timer.input, timer.key);
      } else {
        this.now = Math.max(this.now, sleepAt);
        this.answer(sleep!, undefined);
      }
    }
    this.now = end;
  }

  /** The next draws for a purpose, as fractions of their range; 0 when the script is over. */
  script(purpose: string, ...fractions: number[]): void {
    this.out.draw(purpose).script.push(...fractions);
  }

  // The rest is what the Outbox works on.

  /** The lane whose handler runs. */
  get runningLane(): RecordedLane {
    return this.current ?? fail('no handler runs');
  }

  /** False: an input of another machine of the process, which is only written down. */
  owns(input: InputKind): boolean {
    return input >> 8 === this.machine.number;
  }

  block(wait: Effects.WaitEffect): void {
    const lane = this.runningLane;
    assert(lane.wait === null, 'a handler may block its lane once, at its end');
    lane.wait = wait;
    lane.written = 0;
    this.effects.push(wait);
    if (wait.kind === 'write') this.disk.push(lane);
  }

  resume(lane: RecordedLane, body: unknown, error: ErrorCause): void {
    lane.resumption = { body, error };
    this.runQueue.push(lane);
    this.drain();
  }

  spawn(spec: number, key: number): RecordedLane {
    const lane = { spec, key, waiting: [], wait: null, resumption: null, written: 0, ended: false };
    this.lanes.push(lane);
    return lane;
  }

  find(spec: number, key: number): RecordedLane | undefined {
    return this.lanes.find((lane) => lane.spec === spec && lane.key === key);
  }

  remove(lane: RecordedLane): void {
    lane.ended = true;
    this.lanes = this.lanes.filter((other) => other !== lane);
  }

  /** Puts an input on its lane; false when the channel is full or there is no such lane. */
  offer(input: InputKind, key: number, from: number, body: unknown, error: ErrorCause): boolean {
    const { lane: spec, channel } = this.inputSpec(input);
    const own = spec === CONNECTION_LANE;
    const lane = own ? this.spawn(spec, this.exchanges) : this.find(spec, key);
    if (lane === undefined) return false;
    const capacity = own ? 0 : this.machine.lanes[spec].channels[channel].capacity;
    const held = lane.waiting.filter((item) => this.inputSpec(item.input).channel === channel);
    if (capacity > 0 && held.length >= capacity) return false;
    lane.waiting.push({ input, from, body, error });
    this.runQueue.push(lane);
    return true;
  }

  setTimer(input: InputKind, key: number, delayMicros: number): void {
    this.cancelTimer(input, key);
    this.timers.set(timerName(input, key), { input, key, at: this.now + delayMicros });
  }

  /** Also forgets a firing that waits in a blocked lane. */
  cancelTimer(input: InputKind, key: number): void {
    this.timers.delete(timerName(input, key));
    const lane = this.find(this.inputSpec(input).lane, this.laneKey(input, key));
    const waits = (item: Item): boolean => item.input === input && item.from === key;
    const at = lane?.waiting.findIndex(waits) ?? -1;
    if (at >= 0) lane!.waiting.splice(at, 1);
  }

  private inputSpec(input: InputKind): InputSpec {
    return this.machine.inputs[input & 255] ?? fail(`${this.machine.name} has no input ${input}`);
  }

  private laneKey(input: InputKind, key: number): number {
    return this.machine.lanes[this.inputSpec(input).lane].keyed === true ? key : 0;
  }

  /** Runs what has become runnable, in that order, unless a handler is running. */
  private drain(): void {
    if (this.current !== null) return;
    for (let lane = this.runQueue.shift(); lane !== undefined; lane = this.runQueue.shift()) {
      if (lane.ended) continue;
      const { wait, resumption } = lane;
      if (resumption !== null) this.runResume(lane, wait!, resumption.body, resumption.error);
      else if (wait === null && lane.waiting.length > 0) this.runItem(lane, lane.waiting.shift()!);
    }
  }

  private runResume(
    lane: RecordedLane,
    { step, argument }: Effects.WaitEffect,
    body: unknown,
    error: ErrorCause,
  ): void {
    lane.wait = null;
    lane.resumption = null;
    this.run(lane, error, () => {
      this.machine.onResume(this.state, step, argument, body, this.out);
    });
  }

  private runItem(lane: RecordedLane, { input, from, body, error }: Item): void {
    this.run(lane, error, () => this.machine.onInput(this.state, input, from, body, this.out));
  }

  private run(lane: RecordedLane, error: ErrorCause, handler: () => void): void {
    this.current = lane;
    this.out.enter(lane, error);
    handler();
    this.current = null;
    if (lane.ended || lane.wait !== null) return;
    if (lane.waiting.length > 0) this.runQueue.push(lane);
    else if (lane.spec === CONNECTION_LANE) this.remove(lane);
  }
}

function programOf(lane: RecordedLane): readonly Write[] {
  return (lane.wait as Effects.WriteEffect).writes;
}

function timerName(input: InputKind, key: number): string {
  return `${input}/${key}`;
}

/** The first of the smallest. */
function earliest<T>(items: readonly T[], timeOf: (item: T) => number): T | undefined {
  let first: T | undefined;
  for (const item of items) {
    if (first === undefined || timeOf(item) < timeOf(first)) first = item;
  }
  return first;
}
