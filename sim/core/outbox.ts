/** The one live implementation of the Outbox: turns what a machine asks for into events. */
import { assert } from './assert.ts';
import { DATAGRAM } from './events.ts';
import type { Sampler } from './distribution.ts';
import type { Draws } from './draws.ts';
import type { Lanes } from './lanes.ts';
import { CONNECTION_LANE, ErrorCause } from './machine.ts';
import type { InputKind, NoteKind, Outbox, ProcessIndex, Write } from './machine.ts';
import { readPart, sendPart } from './parts.ts';
import { Blocked } from './process.ts';
import type { Lane } from './process.ts';
import type { World } from './world.ts';

export class LiveOutbox implements Outbox {
  error: ErrorCause = ErrorCause.none;
  panicked = false;
  private withheldBefore = 0;
  private current!: Lane;
  private readonly world: World;
  private readonly lanes: Lanes;

  constructor(world: World, lanes: Lanes) {
    this.world = world;
    this.lanes = lanes;
  }

  enter(lane: Lane, error: ErrorCause): void {
    this.current = lane;
    this.error = error;
    this.withheldBefore = this.world.withheld;
  }

  /** The running handler has sent what a pause keeps from leaving. */
  get heldBack(): boolean {
    return this.world.withheld !== this.withheldBefore;
  }

  get self(): ProcessIndex {
    return this.current.process.index;
  }

  get lane(): number {
    return this.current.spec;
  }

  get key(): number {
    return this.current.key;
  }

  get blocked(): boolean {
    return this.current.blocked !== Blocked.free;
  }

  now(): number {
    return this.current.process.clock.monotonic(this.world.now);
  }

  wall(): number {
    return this.current.process.clock.wall(this.world.now);
  }

  private block(kind: Blocked, step: number, argument: number): void {
    const lane = this.current;
    assert(lane.blocked === Blocked.free, 'a handler may block its lane once, at its end');
    lane.blocked = kind;
    lane.step = step;
    lane.argument = argument;
  }

  datagram(to: ProcessIndex, input: InputKind, body: unknown): void {
    const { process } = this.current;
    const { world } = this;
    const route = world.route(to, input);
    const { messageClass } = route;
    world.countMessage(messageClass, route.bytes(body));
    if (process.ioPaused) {
      const { cause } = world;
      const held = { connection: 0, toServer: true, kind: DATAGRAM, code: input, target: to };
      process.outgoing.push({ ...held, b: messageClass, body, cause });
      world.withheld++;
      return;
    }
    world.datagrams.send(process.index, to, input, messageClass, body);
  }

  request(
    to: ProcessIndex,
    input: InputKind,
    body: unknown,
    timeoutMicros: number,
    answer: InputKind,
    tag: number,
    answerKey = 0,
  ): void {
    const { process } = this.current;
    this.world.rpc.request(process, to, input, body, timeoutMicros, answer, answerKey, tag);
  }

  call(
    to: ProcessIndex,
    input: InputKind,
    body: unknown,
    timeoutMicros: number,
    step: number,
    argument: number,
  ): void {
    this.block(Blocked.call, step, argument);
    const lane = this.current;
    this.world.rpc.call(lane.process, lane, to, input, body, timeoutMicros, false);
  }

  reply(exchange: number, body: unknown): void {
    this.world.rpc.reply(exchange, body, false);
  }

  fail(exchange: number, body: unknown): void {
    this.world.rpc.reply(exchange, body, true);
  }

  peerOf(exchange: number): ProcessIndex {
    const record = this.world.rpc.exchanges.get(exchange);
    if (record === undefined) return -1;
    return this.world.connections.pool.get(record.connection)?.client ?? -1;
  }

  openPipeline(to: ProcessIndex, input: InputKind, timeoutMicros: number, step: number): void {
    this.block(Blocked.call, step, 0);
    const lane = this.current;
    this.world.rpc.call(lane.process, lane, to, input, null, timeoutMicros, true);
  }

  pipeline(
    handle: number,
    input: InputKind,
    body: unknown,
    timeoutMicros: number,
    answer: InputKind,
    tag: number,
    answerKey: number,
  ): void {
    const { process } = this.current;
    const connection = this.world.connections.pool.get(handle);
    if (connection === undefined || !connection.clientOpen) {
      this.lanes.offer(process, answer, answerKey, tag, undefined, ErrorCause.eof);
      return;
    }
    const { rpc } = this.world;
    rpc.pipeline(process, connection, input, body, timeoutMicros, answer, answerKey, tag);
  }

  closePipeline(handle: number): void {
    const connection = this.world.connections.pool.get(handle);
    if (connection !== undefined) this.world.rpc.closePipeline(connection);
  }

  sendPart(handle: number, input: InputKind, body: unknown, step: number, argument: number): void {
    this.block(Blocked.sleep, step, argument);
    const { current: lane, world } = this;
    const micros = sendPart(world, world.connections.pool.get(handle), input, body);
    if (micros < 0) this.lanes.resume(lane, undefined, ErrorCause.eof);
    else this.lanes.armWake(lane, world.now + micros);
  }

  readPart(exchange: number, silenceMicros: number, step: number, argument: number): void {
    this.block(Blocked.read, step, argument);
    readPart(this.world, this.current, exchange, silenceMicros);
  }

  write(writes: readonly Write[], step: number, argument: number): void {
    this.block(Blocked.write, step, argument);
    const { current: lane, world } = this;
    world.tellWrite(lane.process);
    lane.process.host.disk.submit(world, lane, lane.slot, writes);
  }

  sleep(delayMicros: number, step: number, argument: number): void {
    this.block(Blocked.sleep, step, argument);
    const { current: lane, world } = this;
    this.lanes.armWake(lane, world.now + world.realDelay(lane.process, delayMicros));
  }

  work(micros: number): number {
    const { process } = this.current;
    if (process.cpuFactor === 1) return micros;
    process.slowedMessages++;
    return Math.round(micros * process.cpuFactor);
  }

  park(step: number, argument: number): void {
    this.block(Blocked.park, step, argument);
  }

  unpark(spec: number, key: number): void {
    const lane = this.current.slot.lanes[spec][key];
    if (lane === undefined || lane.blocked !== Blocked.park) return;
    this.lanes.resume(lane, undefined, ErrorCause.none);
  }

  preempt(step: number, argument: number): void {
    this.block(Blocked.preempt, step, argument);
    const { current: lane, world } = this;
    const { decisions } = world;
    const delay = decisions === null ? 0 : decisions.preempt(lane.process.index, lane.spec, step);
    if (delay > 0) this.lanes.armWake(lane, world.now + delay);
  }

  post(input: InputKind, key: number, from: number, body: unknown): boolean {
    return this.lanes.offer(this.current.process, input, key, from, body, ErrorCause.none);
  }

  receive(input: InputKind): unknown {
    return this.lanes.receive(this.current, input)?.body;
  }

  sibling(machine: number): unknown {
    return this.current.process.slotByNumber[machine]?.state;
  }

  spawn(spec: number, key: number): void {
    this.lanes.spawn(this.current.process, this.current.slot, spec, key);
  }

  exit(): void {
    const lane = this.current;
    assert(lane.spec !== CONNECTION_LANE, 'only keyed lanes exit');
    this.lanes.release(lane);
  }

  reap(spec: number, key: number): void {
    const lane = this.current.slot.lanes[spec][key];
    if (lane !== undefined) this.lanes.release(lane);
  }

  timer(input: InputKind, key: number, delayMicros: number): void {
    this.world.timers.set(this.current.process, this.current.slot, input, key, delayMicros);
  }

  cancel(input: InputKind, key: number): void {
    this.world.timers.cancel(this.current.slot, input, key);
  }

  draw(purpose: string): Draws {
    return this.world.draws(this.current.process, purpose);
  }

  sample(purpose: string, sampler: Sampler): number {
    return this.draw(purpose).sample(sampler);
  }

  note(kind: NoteKind, a: number, b: number, c: number): void {
    this.world.note(this.current.process.index, kind, a, b, c);
  }

  mark(bug: string): void {
    this.world.mark(bug);
  }

  panic(reason: string): void {
    this.panicked = true;
    this.world.tellPanic(this.current.process, reason);
  }
}
