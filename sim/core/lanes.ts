/**
 * The goroutine scheduler. An input for a free lane is handled inside the event that brought it; one
 * for a busy lane waits in its channel. A lane with several ready channels draws one, as Go's select
 * does. What a handler sets in motion within its own process runs after it, in order.
 */
import { assert, fail } from './assert.ts';
import { WAKE } from './events.ts';
import { takeFirst } from './fifo.ts';
import { CONNECTION_LANE, ErrorCause } from './machine.ts';
import type { InputKind } from './machine.ts';
import { LiveOutbox } from './outbox.ts';
import { onSilence } from './parts.ts';
import { Blocked, Lane, copyLane } from './process.ts';
import type { Item, MachineSlot, Process } from './process.ts';
import type { Route } from './route.ts';
import { SlotPool } from './slots.ts';
import type { SlotsState } from './slots.ts';
import type { World } from './world.ts';

/** Handlers run within one event before we call it an endless loop. */
const HANDLERS_PER_EVENT_MAX = 1_000_000;

// What is imported is read through a cell at every use; what a module has of its own is folded into
// the code.
const FREE = Blocked.free;
const NO_ERROR = ErrorCause.none;
const OF_CONNECTION = CONNECTION_LANE;

/** From so many processes on, lanes have more numbers and fewer generations. */
const CROWD = 40_000;
const CROWD_BITS = 21;

export class Lanes {
  readonly pool: SlotPool<Lane>;
  /** A handler is running: whatever it wakes has to wait for its end. */
  running = false;
  /** Never shrinks: `runnables` says how much of it counts. */
  private readonly runQueue: Lane[] = [];
  /** Lanes without keys, those of each machine in a row: most inputs are for one of them. */
  readonly single: (Lane | undefined)[] = [];
  private runnables = 0;
  private readonly world: World;
  private readonly out: LiveOutbox;

  constructor(world: World) {
    this.world = world;
    const crowded = world.spec.processes.length > CROWD;
    this.pool = new SlotPool(() => new Lane(), copyLane, crowded ? CROWD_BITS : undefined);
    this.out = new LiveOutbox(world, this);
  }

  /** Room for the lanes of one more machine. */
  makeRoom(lanes: number): number {
    const base = this.single.length;
    for (let i = 0; i < lanes; i++) this.single.push(undefined);
    return base;
  }

  spawn(process: Process, slot: MachineSlot, spec: number, key: number): Lane {
    const lane = this.pool.allocate();
    lane.begin(process, slot, spec, key);
    if (spec !== OF_CONNECTION) {
      const family = slot.lanes[spec];
      if (family[key] !== undefined) fail(`lane ${spec}/${key} of ${process.name} spawned twice`);
      family[key] = lane;
      if (slot.machine.lanes[spec].keyed !== true) this.single[slot.laneBase + spec] = lane;
    }
    return lane;
  }

  release(lane: Lane): void {
    if (lane.wakeSlot >= 0) this.world.queue.cancel(lane.wakeSlot);
    const { slot, spec, key } = lane;
    if (spec !== OF_CONNECTION) {
      slot.lanes[spec][key] = undefined;
      if (slot.machine.lanes[spec].keyed !== true) this.single[slot.laneBase + spec] = undefined;
      if (slot.machine.lanes[spec].keyed) this.world.timers.cancelLane(slot, spec, key);
    }
    lane.runnable = false;
    this.pool.release(lane);
  }

  /** All lanes of a process end, as at a crash. */
  releaseAll(process: Process): void {
    this.pool.forEach((lane) => {
      if (lane.process === process) this.release(lane);
    });
  }

  /** Gives an input to its lane; false when the channel is full or the lane does not exist. */
  offer(
    process: Process,
    input: InputKind,
    key: number,
    from: number,
    body: unknown,
    error: ErrorCause,
  ): boolean {
    const slot = process.slotByNumber[input >> 8];
    if (slot === undefined) return false;
    return this.offerTo(slot, slot.routes[input & 255]!, input, key, from, body, error);
  }

  /** The same, where machine and route are known. */
  offerTo(
    slot: MachineSlot,
    route: Route,
    input: InputKind,
    key: number,
    from: number,
    body: unknown,
    error: ErrorCause,
  ): boolean {
    const lane = route.keyed
      ? slot.lanes[route.lane][key]
      : this.single[slot.laneBase + route.lane];
    if (lane === undefined) return false;
    if (lane.ready !== 0 || lane.blocked !== FREE || lane.busyUntil > this.world.now) {
      return this.enqueue(lane, route, input, from, body, error);
    }
    if (!this.running) {
      this.runInput(lane, input, from, body, error, this.world.cause);
      return true;
    }
    lane.single = input;
    lane.singleFrom = from;
    lane.singleBody = body;
    lane.singleError = error;
    lane.singleCause = this.world.cause;
    lane.ready = 1 << route.channel;
    this.wakeIfFree(lane);
    return true;
  }

  private enqueue(
    lane: Lane,
    route: Route,
    input: InputKind,
    from: number,
    body: unknown,
    error: ErrorCause,
  ): boolean {
    const { channel, capacity } = route;
    if (lane.single !== 0) this.queueSingle(lane);
    const queue = (lane.queues[channel] ??= []);
    if (capacity > 0 && queue.length >= capacity) return false;
    queue.push({ input, from, body, error, cause: this.world.cause });
    lane.ready |= 1 << channel;
    this.wakeIfFree(lane);
    return true;
  }

  /** A second input has come, or somebody looks into the queue: the first one takes its place there. */
  private queueSingle(lane: Lane): void {
    const { single: input, singleFrom: from, singleBody: body } = lane;
    const { channel } = lane.slot.routes[input & 255]!;
    const item = { input, from, body, error: lane.singleError, cause: lane.singleCause };
    (lane.queues[channel] ??= []).push(item);
    lane.single = 0;
    lane.singleBody = null;
  }

  private runSingle(lane: Lane): void {
    const { single, singleFrom, singleBody, singleError, singleCause } = lane;
    lane.single = 0;
    lane.singleBody = null;
    lane.ready = 0;
    this.runInput(lane, single, singleFrom, singleBody, singleError, singleCause);
  }

  private wakeIfFree(lane: Lane): void {
    if (lane.blocked !== FREE || lane.runnable || lane.ready === 0) return;
    if (lane.busyUntil > this.world.now) {
      if (lane.wakeSlot < 0) this.armWake(lane, lane.busyUntil);
      return;
    }
    // Its service ends in this very microsecond, and something else has come before the wake-up.
    if (lane.wakeSlot >= 0) {
      this.world.queue.cancel(lane.wakeSlot);
      lane.wakeSlot = -1;
    }
    lane.runnable = true;
    this.runQueue[this.runnables++] = lane;
  }

  armWake(lane: Lane, time: number): void {
    const { process } = lane;
    lane.wakeSlot = this.world.push(time, WAKE, process.index, lane.handle, 0, 0, null);
  }

  /** A request on the goroutine of its own connection. */
  runOnOwnLane(
    process: Process,
    slot: MachineSlot,
    input: InputKind,
    from: number,
    body: unknown,
  ): void {
    const lane = this.spawn(process, slot, OF_CONNECTION, 0);
    const { cause } = this.world;
    if (!this.running) {
      this.runInput(lane, input, from, body, NO_ERROR, cause);
      return;
    }
    lane.queues[0] = [{ input, from, body, error: NO_ERROR, cause }];
    lane.ready = 1;
    this.wakeIfFree(lane);
  }

  /** The lane's wait is over: goes on now, or after the handler that is running. */
  resume(lane: Lane, body: unknown, error: ErrorCause): void {
    if (!this.running) {
      this.runResume(lane, body, error, this.world.cause);
      return;
    }
    lane.resumption = { body, error, cause: this.world.cause };
    if (lane.runnable) return;
    lane.runnable = true;
    this.runQueue[this.runnables++] = lane;
  }

  onWake(lane: Lane): void {
    lane.wakeSlot = -1;
    if (lane.blocked === Blocked.sleep || lane.blocked === Blocked.preempt) {
      this.resume(lane, undefined, NO_ERROR);
    } else if (lane.blocked === Blocked.read) {
      onSilence(this.world, lane);
    } else {
      this.wakeIfFree(lane);
    }
  }

  /** Runs everything that became runnable during this event. */
  drain(): void {
    let handlers = 0;
    for (let head = 0; head < this.runnables; head++) {
      const lane = this.runQueue[head];
      if (lane.handle <= 0 || !lane.runnable) continue;
      lane.runnable = false;
      assert(handlers++ < HANDLERS_PER_EVENT_MAX, 'endless loop within one event');
      const { resumption } = lane;
      if (resumption !== null) {
        lane.resumption = null;
        this.runResume(lane, resumption.body, resumption.error, resumption.cause);
      } else if (lane.blocked === FREE && lane.ready !== 0) {
        if (lane.single !== 0) {
          this.runSingle(lane);
          continue;
        }
        const item = this.pick(lane);
        this.runInput(lane, item.input, item.from, item.body, item.error, item.cause);
      }
    }
    this.runnables = 0;
  }

  get hasRunnable(): boolean {
    return this.runnables !== 0;
  }

  /** After a pause everything is due at once: which goroutine runs first is drawn. */
  shuffleRunnable(process: Process): void {
    const waiting = this.runQueue.slice(0, this.runnables);
    process.selectDraws.shuffle(waiting);
    for (let i = 0; i < waiting.length; i++) this.runQueue[i] = waiting[i];
  }

  private pick(lane: Lane): Item {
    const { process } = lane;
    let { ready } = lane;
    let channels = 0;
    for (let bits = ready; bits !== 0; bits &= bits - 1) channels++;
    if (channels > 1) {
      let nth = process.selectDraws.below(channels);
      const { decisions } = this.world;
      if (decisions !== null) nth = decisions.select(process.index, lane.spec, channels, nth);
      while (nth-- > 0) ready &= ready - 1;
    }
    const channel = 31 - Math.clz32(ready & -ready);
    const queue = lane.queues[channel]!;
    const item = takeFirst(queue)!;
    if (queue.length === 0) lane.ready &= ~(1 << channel);
    return item;
  }

  private runInput(
    lane: Lane,
    input: InputKind,
    from: number,
    body: unknown,
    error: ErrorCause,
    cause: number,
  ): void {
    const { world } = this;
    const { process, slot } = lane;
    if (process.cpu !== null && slot.routes[input & 255]!.messageClass !== 0) {
      const micros = world.draws(process, 'cpu').sample(process.cpu);
      const service = Math.round(micros * process.cpuFactor);
      if (process.cpuFactor !== 1) process.slowedMessages++;
      lane.busyUntil = world.now + service;
      world.sendDelay = service;
    }
    this.running = true;
    world.cause = cause;
    this.out.enter(lane, error);
    slot.machine.onInput(slot.state, input, from, body, this.out);
    this.after(lane);
  }

  /** Runs a machine's start in the context of its first lane. */
  runStart(lane: Lane): void {
    this.running = true;
    this.out.enter(lane, NO_ERROR);
    lane.slot.machine.onStart(lane.slot.state, this.out);
    this.after(lane);
  }

  private runResume(lane: Lane, body: unknown, error: ErrorCause, cause: number): void {
    const { step, argument, slot } = lane;
    const { world } = this;
    lane.blocked = FREE;
    if (lane.busyUntil > world.now) world.sendDelay = lane.busyUntil - world.now;
    this.running = true;
    world.cause = cause;
    this.out.enter(lane, error);
    slot.machine.onResume(slot.state, step, argument, body, this.out);
    this.after(lane);
  }

  private after(lane: Lane): void {
    const { world, out } = this;
    const { cause, event } = world;
    this.running = false;
    world.sendDelay = 0;
    world.cause = event;
    if (out.panicked || world.power.pending !== null) this.crash(lane.process);
    // The lane may have ended, with its process or by itself.
    if (lane.handle <= 0) return;
    if (lane.blocked === FREE) {
      if (out.heldBack && lane.process.ioPaused) lane.blocked = Blocked.io;
      else if (lane.spec === OF_CONNECTION) this.release(lane);
      else if (lane.ready !== 0) this.wakeIfFree(lane);
    }
    if (lane.blocked === FREE) return;
    lane.since = event;
    // Nobody wants another goroutine to run here: it goes on before anything else does.
    if (lane.blocked === Blocked.preempt && lane.wakeSlot < 0) {
      this.runResume(lane, undefined, NO_ERROR, cause);
    }
  }

  /** The handler that has ended was the last of its program. */
  private crash(process: Process): void {
    const { world, out } = this;
    if (out.panicked) {
      out.panicked = false;
      world.power.crash(process, 'exit');
    } else {
      world.power.crashPending();
    }
  }

  /** Lanes that wait to send go on when the io pause ends. */
  releaseIo(process: Process): void {
    this.pool.forEach((lane) => {
      if (lane.process !== process || lane.blocked !== Blocked.io) return;
      lane.blocked = FREE;
      if (lane.spec === OF_CONNECTION) this.release(lane);
      else this.wakeIfFree(lane);
    });
  }

  /** Forgets a firing of this timer that waits in a lane. */
  forget(lane: Lane | undefined, channel: number, input: InputKind, from: number): void {
    if (lane === undefined || (lane.ready & (1 << channel)) === 0) return;
    if (lane.single !== 0) this.queueSingle(lane);
    const queue = lane.queues[channel]!.filter(
      (item) => item.input !== input || item.from !== from,
    );
    lane.queues[channel] = queue;
    if (queue.length === 0) lane.ready &= ~(1 << channel);
  }

  /** One more waiting input of this kind, or undefined. */
  receive(lane: Lane, input: InputKind): Item | undefined {
    const { channel } = lane.slot.routes[input & 255]!;
    if (lane.single !== 0) this.queueSingle(lane);
    const queue = lane.queues[channel];
    if (queue === undefined || queue.length === 0 || queue[0].input !== input) return undefined;
    const item = takeFirst(queue)!;
    if (queue.length === 0) lane.ready &= ~(1 << channel);
    return item;
  }

  save(): SlotsState<Lane> {
    assert(this.runnables === 0, 'saved between events only');
    return this.pool.save();
  }

  restore(state: SlotsState<Lane>): void {
    this.pool.restore(state);
    this.runnables = 0;
    for (const process of this.world.processes) {
      for (const slot of process.slots) for (const family of slot.lanes) family.length = 0;
    }
    this.single.fill(undefined);
    this.pool.forEach((lane) => {
      const { slot, spec, key } = lane;
      if (spec === OF_CONNECTION) return;
      slot.lanes[spec][key] = lane;
      if (slot.machine.lanes[spec].keyed !== true) this.single[slot.laneBase + spec] = lane;
    });
  }
}
