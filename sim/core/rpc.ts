/**
 * Requests and answers over connections. The client's side is a call (who waits, until when), the
 * server's side an exchange (where the answer goes). A request outlives its call: what a cut held
 * back still reaches the server after the client has given up, as it does in reality.
 *
 * Pooled streams carry one request at a time (hashicorp/raft:net_transport.go, at most three idle per
 * peer); multiplexed streams any number (yamux).
 */
import type { Connection } from './connection.ts';
import { UNARMED } from './deadlines.ts';
import { ANSWER, CLOSE, DIAL_DEADLINE, FAILURE, REQUEST, SYN_ACK } from './events.ts';
import { removeOne, takeFirst } from './fifo.ts';
import { CONNECTION_LANE, ErrorCause, UNKNOWN_LANE } from './machine.ts';
import type { InputKind, PoolKind, ProcessIndex } from './machine.ts';
import { PART_CALL, onPart, transmission, wakeReader } from './parts.ts';
import type { Lane, Process } from './process.ts';
import type { Route } from './route.ts';
import { SlotPool } from './slots.ts';
import type { Slotted, SlotsState } from './slots.ts';
import type { World } from './world.ts';

/** hashicorp/raft's transport as Consul sets it up (MaxPool in setupRaft). */
const IDLE_PER_PEER = 3;

// What is imported is read through a cell at every use; what a module has of its own is folded into
// the code.
const OF_PART = PART_CALL;
const NO_ERROR = ErrorCause.none;
const OF_CONNECTION = CONNECTION_LANE;
const UNKNOWN = UNKNOWN_LANE;

export class Call implements Slotted {
  handle = 0;
  nextFree = 0;
  connection = 0;
  process = 0;
  generation = 0;
  /** Lane that is blocked on the answer, or 0 when the answer is an input. */
  lane = 0;
  answer: InputKind = 0;
  answerKey = 0;
  tag = 0;
  timeoutMicros = 0;
  /** When its deadline passes, or UNARMED; and what the deadline is due to, as an event's columns. */
  due = UNARMED;
  dueCause = 0;
  dueWoken = 0;
  input: InputKind = 0;
  /** What to send once the dial has succeeded; undefined afterwards. */
  unsent: unknown = undefined;
  /** Only wants the connection (a pipeline). */
  connectOnly = false;
}

export class Exchange implements Slotted {
  handle = 0;
  nextFree = 0;
  connection = 0;
  call = 0;
  input: InputKind = 0;
  process = 0;
}

export interface RpcState {
  readonly calls: SlotsState<Call>;
  readonly exchanges: SlotsState<Exchange>;
}

export class Rpc {
  readonly calls = new SlotPool<Call>(
    () => new Call(),
    (call) => Object.assign(new Call(), call),
  );
  readonly exchanges = new SlotPool<Exchange>(
    () => new Exchange(),
    (exchange) => Object.assign(new Exchange(), exchange),
  );
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** A new call of `process`; what it is for is filled in by whoever asks for it. */
  private newCall(
    process: Process,
    lane: Lane | null,
    input: InputKind,
    timeoutMicros: number,
  ): Call {
    const call = this.calls.allocate();
    call.process = process.index;
    call.generation = process.generation;
    call.lane = lane === null ? 0 : lane.handle;
    call.input = input;
    call.timeoutMicros = timeoutMicros;
    call.answer = 0;
    call.answerKey = 0;
    call.tag = 0;
    call.unsent = undefined;
    call.due = UNARMED;
    call.connectOnly = false;
    return call;
  }

  /** Asks asynchronously: the answer is an input. */
  request(
    process: Process,
    to: ProcessIndex,
    input: InputKind,
    body: unknown,
    timeoutMicros: number,
    answer: InputKind,
    answerKey: number,
    tag: number,
  ): void {
    const call = this.newCall(process, null, input, timeoutMicros);
    call.answer = answer;
    call.answerKey = answerKey;
    call.tag = tag;
    this.start(process, call, to, body);
  }

  /** Asks for a lane that waits; `connectOnly` wants no more than the connection. */
  call(
    process: Process,
    lane: Lane,
    to: ProcessIndex,
    input: InputKind,
    body: unknown,
    timeoutMicros: number,
    connectOnly: boolean,
  ): void {
    const call = this.newCall(process, lane, input, timeoutMicros);
    call.connectOnly = connectOnly;
    this.start(process, call, to, body);
  }

  /** Over an idle connection, an open session, or a new dial. */
  private start(process: Process, call: Call, to: ProcessIndex, body: unknown): void {
    const route = this.world.route(to, call.input);
    const { pool } = route;
    let connection = this.idleConnection(process, to, pool);
    if (connection === undefined) {
      connection = this.world.connections.open(process.index, to, pool, route.messageClass);
      if (pool === 'multiplexed') process.sessions.set(to, connection.handle);
      connection.dialSlot = this.world.push(
        this.world.now + this.world.realDelay(process, call.timeoutMicros),
        DIAL_DEADLINE,
        process.index,
        connection.handle,
        0,
        0,
        null,
      );
    }
    call.connection = connection.handle;
    connection.outstanding.push(call.handle);
    if (connection.established) this.dispatch(connection, call, body, route);
    else call.unsent = body;
  }

  private idleConnection(process: Process, to: number, pool: PoolKind): Connection | undefined {
    if (pool === 'multiplexed') {
      const handle = process.sessions.get(to);
      return handle === undefined ? undefined : this.world.connections.pool.get(handle);
    }
    if (pool === 'fresh') return undefined;
    const idle = process.idle.get(to);
    if (idle === undefined || idle.length === 0) return undefined;
    return this.world.connections.pool.get(idle.pop()!);
  }

  /** The stream is there: send, or learn that the other end closed it while it lay idle. */
  private dispatch(connection: Connection, call: Call, body: unknown, route: Route): void {
    const { world } = this;
    if (call.connectOnly) {
      connection.exclusive = true;
      connection.outstanding.length = 0;
      this.finish(call, connection.handle, NO_ERROR);
      return;
    }
    if (connection.clientEnd !== NO_ERROR) {
      removeOne(connection.outstanding, call.handle);
      this.finish(call, undefined, connection.clientEnd);
      if (!connection.exclusive) this.world.connections.closeClient(connection);
      return;
    }
    if (connection.multiplexed || connection.outstanding.length === 1) {
      world.deadlines.arm(connection, call);
    }
    const { messageClass } = route;
    const bytes = route.bytes(body);
    world.countMessage(messageClass, bytes);
    const { sendDelay } = world;
    if (world.network.metered) world.sendDelay += transmission(world, connection, bytes);
    const { handle } = call;
    world.connections.send(connection, true, REQUEST, call.input, handle, body, messageClass);
    world.sendDelay = sendDelay;
  }

  /** Sends on a connection that a pipeline owns. */
  pipeline(
    process: Process,
    connection: Connection,
    input: InputKind,
    body: unknown,
    timeoutMicros: number,
    answer: InputKind,
    answerKey: number,
    tag: number,
  ): void {
    const call = this.newCall(process, null, input, timeoutMicros);
    call.answer = answer;
    call.answerKey = answerKey;
    call.tag = tag;
    call.connection = connection.handle;
    connection.outstanding.push(call.handle);
    this.dispatch(connection, call, body, this.world.route(connection.server, input));
  }

  /** Gives a call its result and forgets it. */
  private finish(call: Call, body: unknown, error: ErrorCause): void {
    const { world } = this;
    const { process, generation, lane, answer, answerKey, tag } = call;
    this.calls.release(call);
    const owner = world.processes[process];
    // Calls go with their process: this one is alive.
    if (lane !== 0) world.resumeLane(lane, owner, generation, body, error);
    else world.offer(owner, answer, answerKey, tag, body, error);
  }

  /** The dial succeeded. */
  onEstablished(connection: Connection): void {
    const { world } = this;
    if (!connection.clientOpen) {
      world.connections.refuse(connection, false, ErrorCause.reset);
      return;
    }
    connection.established = true;
    if (connection.dialSlot >= 0) world.queue.cancel(connection.dialSlot);
    connection.dialSlot = -1;
    for (const handle of connection.outstanding.slice()) {
      const call = this.calls.get(handle);
      if (call === undefined) continue;
      const body = call.unsent;
      call.unsent = undefined;
      this.dispatch(connection, call, body, world.route(connection.server, call.input));
    }
  }

  onDialDeadline(connection: Connection): void {
    // A paused program may look at the SYN-ACK first, though both have come.
    if (!connection.established) this.onClientEnd(connection, ErrorCause.dialTimeout);
  }

  /** A request reaches the server: to its machine at once, or behind the one before it. */
  onRequest(connection: Connection, input: InputKind, callHandle: number, body: unknown): void {
    if (!connection.serverOpen) {
      this.world.connections.refuse(connection, true, ErrorCause.reset);
      return;
    }
    if (callHandle === OF_PART) {
      onPart(this.world, connection, input, body);
      return;
    }
    if (!connection.multiplexed && connection.exchange !== 0) {
      connection.inbox.push({ input, call: callHandle, body, cause: this.world.cause });
      return;
    }
    this.accept(connection, input, callHandle, body);
  }

  private accept(connection: Connection, input: InputKind, call: number, body: unknown): void {
    const { world } = this;
    const server = world.processes[connection.server];
    const slot = server.slotByNumber[input >> 8]!;
    const route = slot.routes[input & 255]!;
    const { lane } = route;
    if (lane === UNKNOWN) {
      world.connections.hangUp(connection);
      return;
    }
    const exchange = this.exchanges.allocate();
    exchange.connection = connection.handle;
    exchange.call = call;
    exchange.input = input;
    exchange.process = connection.server;
    if (!connection.multiplexed) connection.exchange = exchange.handle;
    const { handle } = exchange;
    if (lane === OF_CONNECTION) {
      world.lanes.runOnOwnLane(server, slot, input, handle, body);
      return;
    }
    if (world.lanes.offerTo(slot, route, input, 0, handle, body, NO_ERROR)) return;
    // Its channel is full: nobody will ever answer.
    this.exchanges.release(exchange);
    if (connection.exchange === handle) this.serveNext(connection);
  }

  reply(handle: number, body: unknown, failed: boolean): void {
    const exchange = this.exchanges.get(handle);
    if (exchange === undefined) return;
    const { world } = this;
    const { call, input } = exchange;
    const connection = world.connections.pool.get(exchange.connection);
    this.exchanges.release(exchange);
    if (connection === undefined) return;
    if (connection.serverOpen && connection.clientOpen) {
      const route = world.route(connection.server, input);
      const { messageClass } = route;
      const bytes = route.answerBytes(body);
      world.countMessage(messageClass, bytes);
      const kind = failed ? FAILURE : ANSWER;
      const { sendDelay } = world;
      if (world.network.metered) world.sendDelay += transmission(world, connection, bytes);
      world.connections.send(connection, false, kind, input, call, body, messageClass);
      world.sendDelay = sendDelay;
    }
    if (connection.exchange === handle) this.serveNext(connection);
  }

  /** The server of a serial stream is done with a request. */
  private serveNext(connection: Connection): void {
    const { world } = this;
    const { toServer } = connection;
    connection.exchange = 0;
    let next = takeFirst(connection.inbox);
    while (next?.call === OF_PART) next = takeFirst(connection.inbox);
    if (next !== undefined) {
      const { cause } = world;
      world.cause = next.cause;
      this.accept(connection, next.input, next.call, next.body);
      world.cause = cause;
    } else if (connection.serverEnd || (toServer.dead && toServer.inFlight === 0)) {
      world.connections.endServer(connection);
      world.connections.maybeRelease(connection);
    }
  }

  onAnswer(connection: Connection, callHandle: number, body: unknown, failed: boolean): void {
    if (!connection.clientOpen) return;
    const call = this.calls.get(callHandle);
    removeOne(connection.outstanding, callHandle);
    if (call === undefined) return;
    if (!connection.multiplexed) {
      if (connection.exclusive) this.armNext(connection);
      else this.returnToPool(connection);
    }
    this.finish(call, body, failed ? ErrorCause.remote : NO_ERROR);
  }

  private armNext(connection: Connection): void {
    const next = this.calls.get(connection.outstanding[0] ?? 0);
    if (next !== undefined && next.due === UNARMED) this.world.deadlines.arm(connection, next);
  }

  private returnToPool(connection: Connection): void {
    if (connection.fresh) {
      this.world.connections.closeClient(connection);
      return;
    }
    const process = this.world.processes[connection.client];
    let idle = process.idle.get(connection.server);
    if (idle === undefined) process.idle.set(connection.server, (idle = []));
    if (idle.length < IDLE_PER_PEER) idle.push(connection.handle);
    else this.world.connections.closeClient(connection);
  }

  /** The deadline of a call passes: a pooled stream is closed, a multiplexed one goes on. */
  onDeadline(call: Call): void {
    const connection = this.world.connections.pool.get(call.connection);
    if (connection !== undefined) {
      removeOne(connection.outstanding, call.handle);
      if (!connection.multiplexed) {
        if (connection.exclusive) this.armNext(connection);
        else this.world.connections.closeClient(connection);
      }
    }
    this.finish(call, undefined, ErrorCause.timeout);
  }

  /** The client's end learns that the stream is over. */
  onClientEnd(connection: Connection, cause: ErrorCause): void {
    if (!connection.clientOpen) return;
    const { world } = this;
    connection.clientEnd = cause;
    const process = world.processes[connection.client];
    if (connection.multiplexed) process.sessions.delete(connection.server);
    const waiting = connection.outstanding;
    connection.outstanding = [];
    const idle = waiting.length === 0 && !connection.multiplexed && !connection.fresh;
    if (!idle) world.connections.closeClient(connection);
    for (const handle of waiting) {
      const call = this.calls.get(handle);
      if (call !== undefined) this.finish(call, undefined, cause);
    }
  }

  /** FIN or RST at the server: it answers what it has read, then closes. */
  onServerEnd(connection: Connection, cause: ErrorCause): void {
    if (!connection.serverOpen) return;
    if (connection.reader !== 0) wakeReader(this.world, connection, undefined, cause);
    if (cause === ErrorCause.eof && connection.exchange !== 0) {
      connection.serverEnd = true;
      return;
    }
    this.releaseExchange(connection);
    this.world.connections.endServer(connection);
  }

  private releaseExchange(connection: Connection): void {
    const exchange = this.exchanges.get(connection.exchange);
    if (exchange !== undefined) this.exchanges.release(exchange);
  }

  /** A pipeline ends: its answers are nobody's any more. */
  closePipeline(connection: Connection): void {
    for (const handle of connection.outstanding) {
      const call = this.calls.get(handle);
      if (call !== undefined) this.calls.release(call);
    }
    connection.outstanding = [];
    this.world.connections.closeClient(connection);
  }

  /** The process is gone: its calls and exchanges die with it. */
  onProcessGone(process: Process): void {
    this.calls.forEach((call) => {
      if (call.process === process.index) this.calls.release(call);
    });
    this.exchanges.forEach((exchange) => {
      if (exchange.process === process.index) this.exchanges.release(exchange);
    });
  }

  save(): RpcState {
    return { calls: this.calls.save(), exchanges: this.exchanges.save() };
  }

  restore(state: RpcState): void {
    this.calls.restore(state.calls);
    this.exchanges.restore(state.exchanges);
  }
}

export { CLOSE, SYN_ACK };
