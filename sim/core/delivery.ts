/**
 * The way of an event from the queue to the program it is for: what the host does with it, whether
 * the process can look at it now, and which part of the kernel takes it.
 */
import { assert } from './assert.ts';
import type { Connection } from './connection.ts';
import * as Event from './events.ts';
import { ErrorCause } from './machine.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

// What is imported is read through a cell at every use; what a module has of its own is folded into
// the code.
const { ANSWER, DATAGRAM, DISK, FAILURE, REQUEST, TIMER } = Event;
const NO_ERROR = ErrorCause.none;

/** Datagrams that a paused process's socket buffer holds (208 KiB at about 1.4 KiB each). */
const SOCKET_DATAGRAMS_MAX = 150;

/** Does the program read this from a socket? `pause: io` holds back exactly that. */
export function isReceipt(kind: number): boolean {
  switch (kind) {
    case Event.DATAGRAM:
    case Event.REQUEST:
    case Event.ANSWER:
    case Event.FAILURE:
    case Event.CLOSE:
      return true;
    default:
      return false;
  }
}

export class Delivery {
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** The short ways of what is frequent, to programs that nothing keeps from looking at it, first. */
  dispatch(kind: number, target: number, a: number, b: number, code: number, body: unknown): void {
    const { world } = this;
    if (kind === DISK) {
      world.processes[target].host.disk.onWritten(world);
      return;
    }
    if (kind > FAILURE) {
      this.dispatchSeldom(kind, target, a, b, code, body);
      return;
    }
    const process = world.processes[target];
    if (!process.attentive) {
      this.dispatchSeldom(kind, target, a, b, code, body);
    } else if (kind === TIMER) {
      if (code === process.generation) this.fire(process, a, b);
    } else if (kind === DATAGRAM) {
      world.lanes.offer(process, a, 0, b, body, NO_ERROR);
    } else {
      const connection = world.connections.pool.get(a)!;
      const toServer = kind === REQUEST;
      if (!world.connections.takesUsually(connection, toServer)) {
        this.dispatchSeldom(kind, target, a, b, code, body);
      } else if (toServer) {
        world.rpc.onRequest(connection, code, b, body);
      } else {
        world.rpc.onAnswer(connection, b, body, kind === FAILURE);
      }
    }
  }

  /** A timer of a program that runs. Its name is clear before the handler may set it again. */
  private fire(process: Process, input: number, key: number): void {
    const slot = process.slotByNumber[input >> 8]!;
    const low = input & 255;
    const { lanes, timers } = this.world;
    if (key === 0) timers.single[slot.timerBase + low] = 0;
    else timers.onFired(slot, input, key);
    const route = slot.routes[low]!;
    lanes.offerTo(slot, route, input, route.keyed ? key : 0, key, undefined, NO_ERROR);
  }

  private dispatchSeldom(
    kind: number,
    target: number,
    a: number,
    b: number,
    code: number,
    body: unknown,
  ): void {
    const { world } = this;
    if (kind === Event.CONTROL) {
      world.controller?.onControl(a);
      return;
    }
    const process = world.processes[target];
    switch (kind) {
      case TIMER:
        if (code !== process.generation) return;
        world.timers.onFired(process.slotByNumber[a >> 8]!, a, b);
        break;
      case Event.RETRANSMIT: {
        const connection = world.connections.pool.get(a);
        if (connection !== undefined) world.connections.onRetransmit(connection, b === 1);
        return;
      }
      case Event.WAKE: {
        const lane = world.lanes.pool.get(a);
        if (lane !== undefined) lane.wakeSlot = -1;
        break;
      }
      case Event.DIAL_DEADLINE: {
        const connection = world.connections.pool.get(a);
        if (connection !== undefined) connection.dialSlot = -1;
        break;
      }
      case DATAGRAM:
        if (!process.host.up || process.host.suspended || process.status === 'down') return;
        break;
      case Event.SYN:
      case Event.SYN_ACK:
      case REQUEST:
      case ANSWER:
      case FAILURE:
      case Event.CLOSE:
        if (!this.arrive(process, kind, a, b, code, body)) return;
        break;
    }
    this.toProgram(process, kind, a, b, code, body);
  }

  /** Gives an event to the program, or to the backlog of a paused one. */
  toProgram(
    process: Process,
    kind: number,
    a: number,
    b: number,
    code: number,
    body: unknown,
  ): void {
    if (process.status !== 'running' || process.ioPaused) {
      if (this.backlogged(process, kind, a, b, code, body)) return;
    }
    this.deliver(process, kind, a, b, code, body);
  }

  /** What the operating system does with a segment, whether or not the program runs. */
  private arrive(
    process: Process,
    kind: number,
    a: number,
    b: number,
    code: number,
    body: unknown,
  ): boolean {
    const { connections } = this.world;
    const connection = connections.pool.get(a)!;
    const toServer = isForServer(kind, b);
    if (!connections.onArrival(connection, toServer, kind, code, b, body)) return false;
    if (kind === Event.SYN) {
      if (process.status === 'down') {
        connections.refuse(connection, true, ErrorCause.refused);
      } else {
        connection.serverOpen = true;
        connections.send(connection, false, Event.SYN_ACK, 0, 0, null, connection.messageClass);
      }
      return false;
    }
    const open = toServer ? connection.serverOpen : connection.clientOpen;
    if (open) return true;
    const otherOpen = toServer ? connection.clientOpen : connection.serverOpen;
    if (otherOpen && kind !== Event.CLOSE) {
      connections.refuse(connection, toServer, ErrorCause.reset);
    }
    connections.maybeRelease(connection);
    return false;
  }

  /** Keeps what a paused process cannot look at yet; false when it can. */
  private backlogged(
    process: Process,
    kind: number,
    a: number,
    b: number,
    code: number,
    body: unknown,
  ): boolean {
    if (process.status === 'down') return true;
    if (process.status === 'running' && !isReceipt(kind)) return false;
    if (kind === Event.DATAGRAM) {
      let waiting = 0;
      for (const item of process.backlog) if (item.kind === Event.DATAGRAM) waiting++;
      if (waiting >= SOCKET_DATAGRAMS_MAX) return true;
    }
    process.backlog.push({ kind, a, b, code, body, event: this.world.event });
    return true;
  }

  /** Gives an event to the program that runs in `process`. */
  deliver(process: Process, kind: number, a: number, b: number, code: number, body: unknown): void {
    const { world } = this;
    switch (kind) {
      case Event.TIMER: {
        const slot = process.slotByNumber[a >> 8]!;
        const { keyed } = slot.routes[a & 255]!;
        world.lanes.offer(process, a, keyed ? b : 0, b, undefined, ErrorCause.none);
        return;
      }
      case Event.DATAGRAM:
        world.lanes.offer(process, a, 0, b, body, ErrorCause.none);
        return;
      case Event.DEADLINE: {
        const call = world.rpc.calls.get(a);
        if (call !== undefined) world.rpc.onDeadline(call);
        return;
      }
      case Event.WAKE: {
        const lane = world.lanes.pool.get(a);
        if (lane !== undefined) world.lanes.onWake(lane);
        return;
      }
      case Event.RESUMPTION: {
        const lane = world.lanes.pool.get(a);
        if (lane !== undefined) world.lanes.resume(lane, body, b as ErrorCause);
        return;
      }
    }
    const connection = world.connections.pool.get(a);
    if (connection !== undefined) this.deliverSegment(connection, kind, b, code, body);
  }

  private deliverSegment(
    connection: Connection,
    kind: number,
    b: number,
    code: number,
    body: unknown,
  ): void {
    const { rpc, connections } = this.world;
    switch (kind) {
      case Event.REQUEST:
        rpc.onRequest(connection, code, b, body);
        return;
      case Event.ANSWER:
      case Event.FAILURE:
        rpc.onAnswer(connection, b, body, kind === Event.FAILURE);
        return;
      case Event.SYN_ACK:
        rpc.onEstablished(connection);
        return;
      case Event.DIAL_DEADLINE:
        rpc.onDialDeadline(connection);
        return;
      case Event.CLOSE:
        if (isForServer(kind, b)) rpc.onServerEnd(connection, code as ErrorCause);
        else rpc.onClientEnd(connection, code as ErrorCause);
        connections.maybeRelease(connection);
        return;
      default:
        assert(false, `event of unknown kind ${kind}`);
    }
  }
}

/** Which way a segment goes; a FIN or RST says so itself, since either end may send one. */
function isForServer(kind: number, b: number): boolean {
  return kind === Event.REQUEST || kind === Event.SYN || (kind === Event.CLOSE && b === 1);
}
