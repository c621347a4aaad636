/**
 * The simulated world: time, queue, processes, network, disks, draws. `step` handles one event;
 * everything that happens in a run happens inside it. Same spec, same seed: same events.
 */
import { fail } from './assert.ts';
import { Connections } from './connection.ts';
import { Datagrams } from './datagrams.ts';
import { Deadlines } from './deadlines.ts';
import type { Decisions } from './decisions.ts';
import { Delivery } from './delivery.ts';
import type { Draws } from './draws.ts';
import { Streams } from './draws.ts';
import * as Event from './events.ts';
import { Fingerprint } from './fingerprint.ts';
import { Lanes } from './lanes.ts';
import { LimitReached } from './limits.ts';
import { LookAhead } from './look-ahead.ts';
import type { ErrorCause } from './machine.ts';
import type { InputKind, Machine, NoteKind, ProcessIndex, SharedStore } from './machine.ts';
import type { Metrics } from './metrics.ts';
import { Network } from './network.ts';
import { KernelNote, NoteBoard } from './observer.ts';
import type { Observer } from './observer.ts';
import { Power } from './power.ts';
import type { Host, Process } from './process.ts';
import { EventQueue } from './queue.ts';
import { Rpc } from './rpc.ts';
import type { Route } from './route.ts';
import { Timers } from './timers.ts';
import { NoteLog, Trace } from './trace.ts';
import { addProcess, createHosts } from './world-build.ts';
import type { WorldSpec } from './world-build.ts';
import { restoreWorld, saveWorld } from './world-save.ts';
import type { WorldState } from './world-save.ts';

const SECOND_MICROS = 1_000_000;
// What is imported is read through a cell at every use; what a module has of its own is folded into
// the code.
const { DEADLINE, FAILURE, REQUEST } = Event;

/** Whoever runs the faults: called at its own events and when a crash point strikes. */
export interface Controller {
  onControl(tag: number): void;
  onCrashPoint(process: ProcessIndex, tag: number): void;
  save(): unknown;
  restore(state: unknown): void;
}

export class World {
  /** Real virtual time in microseconds; hosts' clocks may differ. */
  now = 0;
  /** Number of the event being handled; the count of events so far. */
  event = 0;
  /** Event that what happens now is due to: `event`, or an earlier one whose input had to wait. */
  cause = 0;
  /** Service time that the running handler's messages leave after. */
  sendDelay = 0;
  /** Messages held back in their senders by `pause: io` so far. */
  withheld = 0;
  readonly queue: EventQueue;
  readonly streams: Streams;
  readonly network: Network;
  readonly hosts: Host[];
  readonly processes: Process[] = [];
  /** Index of each process's host. */
  readonly hostOf: number[] = [];
  readonly shared: readonly SharedStore[];
  readonly lanes: Lanes;
  readonly timers: Timers;
  readonly connections: Connections;
  readonly datagrams: Datagrams;
  readonly deadlines: Deadlines;
  readonly delivery: Delivery;
  readonly rpc: Rpc;
  private readonly ahead: LookAhead;
  /** So many events are still to come that have been looked at. */
  private expected = 0;
  readonly power: Power;
  readonly trace: Trace;
  readonly notes: NoteLog;
  readonly metrics: Metrics;
  readonly fingerprint = new Fingerprint();
  readonly classes: readonly string[];
  readonly messageCounts: Float64Array;
  readonly messageBytes: Float64Array;
  /** Of each machine, by the low byte of the input. */
  readonly routes = new Map<Machine, readonly (Route | undefined)[]>();
  decisions: Decisions | null = null;
  controller: Controller | null = null;
  /** Bugs whose branch changed an outcome, with the event of the first time (design §6). */
  readonly marks = new Map<string, number>();
  readonly observers: Observer[] = [];
  readonly spec: WorldSpec;
  private readonly board = new NoteBoard();
  /** By queue slot: the event that woke the lane that made the event, 0 where it had not waited. */
  woken = new Uint32Array(1024);
  nextSecond = SECOND_MICROS;
  private panics: string[] = [];
  private readonly eventsMax: number;

  constructor(spec: WorldSpec) {
    this.spec = spec;
    this.eventsMax = spec.limits.events;
    this.shared = spec.shared ?? [];
    this.queue = new EventQueue(spec.limits.queue);
    this.streams = new Streams(spec.seed);
    this.network = new Network(spec.network);
    this.trace = new Trace(spec.limits.traceBytes, spec.traceMode);
    this.notes = new NoteLog(spec.limits.traceBytes, spec.traceMode);
    this.metrics = spec.metrics;
    this.classes = ['', ...spec.classes];
    this.messageCounts = new Float64Array(this.classes.length);
    this.messageBytes = new Float64Array(this.classes.length);
    this.lanes = new Lanes(this);
    this.timers = new Timers(this);
    this.connections = new Connections(this);
    this.datagrams = new Datagrams(this);
    this.deadlines = new Deadlines(this);
    this.delivery = new Delivery(this);
    this.rpc = new Rpc(this);
    this.ahead = new LookAhead(this.queue, this.processes, this.timers, this.lanes);
    this.power = new Power(this);
    this.hosts = createHosts(spec, this.streams);
    for (const process of spec.processes) addProcess(this, process);
  }

  /** Handles the earliest event at or before `limit`; false when there is none. */
  step(limit: number): boolean {
    const { queue } = this;
    const slot = queue.pop(limit);
    if (slot < 0) {
      if (limit !== Infinity) this.passSeconds(limit);
      return false;
    }
    const time = queue.poppedTime;
    const kind = queue.kindOf(slot);
    const target = queue.targetOf(slot);
    let a = queue.aOf(slot);
    const b = queue.bOf(slot);
    const code = queue.generationOf(slot);
    let cause = queue.causeOf(slot);
    let woken = this.woken[slot];
    const body = queue.takeBody(slot);
    if (kind === DEADLINE) {
      const call = this.deadlines.onTimer(a, time);
      if (call === undefined) return this.step(limit);
      ({ handle: a, dueCause: cause, dueWoken: woken } = call);
    }
    if (time >= this.nextSecond) this.passSeconds(time);
    if (--this.expected < 0) this.expected = this.ahead.look();
    this.now = time;
    if (this.event >= this.eventsMax) throw new LimitReached('events', this.now);
    const shown = kind >= REQUEST && kind <= FAILURE ? code : a;
    this.event = this.trace.open(time, kind, target, shown, b, cause, woken);
    this.fingerprint.add(time, kind, target, (a * 31 + b) ^ code);
    this.cause = this.event;
    this.delivery.dispatch(kind, target, a, b, code, body);
    if (this.lanes.hasRunnable) this.lanes.drain();
    return true;
  }

  /** Handles all events up to and including `time`, and moves the clock there. */
  runUntil(time: number): void {
    while (this.step(time));
    if (this.now < time) this.now = time;
  }

  private passSeconds(time: number): void {
    while (this.nextSecond <= time) {
      if (this.now < this.nextSecond) this.now = this.nextSecond;
      this.nextSecond += SECOND_MICROS;
      for (const observer of this.observers) observer.onSecond?.();
    }
  }

  /** Puts an event into the queue, due to what happens now. Returns its queue slot. */
  push(
    time: number,
    kind: number,
    target: number,
    a: number,
    b: number,
    code: number,
    body: unknown,
  ): number {
    const slot = this.queue.push(time, kind, target, a, b, code, this.cause, body);
    this.setWoken(slot);
    return slot;
  }

  /** A pending event is now due to what happens now: it has been moved. */
  claim(slot: number): void {
    this.queue.setCause(slot, this.cause);
    this.setWoken(slot);
  }

  private setWoken(slot: number): void {
    if (slot >= this.woken.length) {
      const wider = new Uint32Array(slot * 2);
      wider.set(this.woken);
      this.woken = wider;
    }
    this.woken[slot] = this.cause === this.event ? 0 : this.event;
  }

  /** An act of the controller: before everything else of its microsecond. */
  control(time: number, tag: number): number {
    const { queue, cause } = this;
    const slot = queue.pushFirst(time, Event.CONTROL, 0, tag, 0, 0, cause, null);
    this.setWoken(slot);
    return slot;
  }

  /** Gives an input to a running program; false when its channel is full or its lane is gone. */
  offer(
    process: Process,
    input: InputKind,
    key: number,
    from: number,
    body: unknown,
    error: ErrorCause,
  ): boolean {
    return this.lanes.offer(process, input, key, from, body, error);
  }

  /** The wait of a lane is over; one of a paused process learns of it when it goes on. */
  resumeLane(
    handle: number,
    process: Process,
    generation: number,
    body: unknown,
    error: ErrorCause,
  ): void {
    if (process.generation !== generation) return;
    const lane = this.lanes.pool.get(handle);
    if (lane === undefined) return;
    if (!process.attentive && isStopped(process)) {
      const kind = Event.RESUMPTION;
      process.backlog.push({ kind, a: handle, b: error, code: 0, body, event: this.cause });
      return;
    }
    this.lanes.resume(lane, body, error);
  }

  /** Real microseconds that a wait of local microseconds takes on the process's host. */
  realDelay(process: Process, localMicros: number): number {
    return process.clock.realDelay(localMicros);
  }

  /** What becomes of an input at its receiver. */
  route(process: ProcessIndex, input: InputKind): Route {
    const route = this.processes[process].slotByNumber[input >> 8]?.routes[input & 255];
    if (route === undefined) fail(`process ${process} has no input ${input}`);
    return route;
  }

  countMessage(messageClass: number, bytes: number): void {
    this.messageCounts[messageClass]++;
    this.messageBytes[messageClass] += bytes;
  }

  draws(process: Process, purpose: string): Draws {
    const { purposes } = process;
    let at = 0;
    while (at < purposes.length && purposes[at] !== purpose) at++;
    if (at === purposes.length) {
      purposes.push(purpose);
      process.draws.push(this.streams.stream(`${process.name}/${purpose}`));
    }
    const draws = process.draws[at];
    return this.decisions === null ? draws : this.decisions.draw(process.index, purpose, draws);
  }

  /** Adds an observer; before the first event, or after a restore with the same ones. */
  observe(observer: Observer): void {
    this.observers.push(observer);
    this.board.join(observer);
  }

  note(process: ProcessIndex, kind: NoteKind, a: number, b: number, c: number): void {
    this.notes.add(this.event, kind, process, a, b, c, this.now);
    this.board.tell(kind, process, a, b, c);
  }

  noteAbout(process: Process, kind: NoteKind, a: number): void {
    this.note(process.index, kind, a, 0, 0);
  }

  /** A program of writes begins: conditions may wait for it. */
  tellWrite(process: Process): void {
    if (this.board.wanted(KernelNote.write)) this.noteAbout(process, KernelNote.write, 0);
  }

  tellPanic(process: Process, reason: string): void {
    this.noteAbout(process, KernelNote.panicked, this.panics.length);
    this.panics.push(reason);
  }

  /** Text behind a `panicked` note. */
  panicReason(index: number): string {
    return this.panics[index];
  }

  mark(bug: string): void {
    if (!this.marks.has(bug)) this.marks.set(bug, this.event);
  }

  save(): WorldState {
    return saveWorld(this, this.panics);
  }

  /** Exact: a run from here on is the same as the one that was saved. */
  restore(state: WorldState): void {
    this.panics = restoreWorld(this, state);
  }
}

/** It learns of nothing until it goes on. */
function isStopped({ status }: Process): boolean {
  return status === 'stopped' || status === 'suspended';
}
