/**
 * TCP streams. Each direction delivers in order. What a cut or a dead host swallows is held and sent
 * again at TCP's own times (200 ms, doubling), so that a 30 s cut resumes at 51 s; connection
 * attempts likewise (1, 3, 7, 15, 31 s). Closing sends a FIN or RST behind the data.
 */
import type { Sampler } from './distribution.ts';
import { ANSWER, CLOSE, FAILURE, REQUEST, RETRANSMIT, SYN, SYN_ACK } from './events.ts';
import { ErrorCause } from './machine.ts';
import type { PoolKind } from './machine.ts';
import { HOLD, PASS } from './network.ts';
import { Transport } from './rules.ts';
import { SlotPool } from './slots.ts';
import type { Slotted, SlotsState } from './slots.ts';
import type { Host, Process } from './process.ts';
import type { World } from './world.ts';

/** Linux gives up on unacknowledged data after 15 retransmissions (`tcp_retries2`), about 925 s. */
const RETRANSMISSIONS_MAX = 15;
/** And on a dial after 6 (`tcp_syn_retries`), 127 s. */
const DIAL_RETRANSMISSIONS_MAX = 6;

export interface Segment {
  readonly kind: number;
  /** Input kind of a request or answer; error cause of a close. */
  readonly code: number;
  readonly call: number;
  readonly body: unknown;
  readonly messageClass: number;
  readonly cause: number;
  /** Left the sender and found the receiver's host dead, so it goes before what never left. */
  readonly lostOnArrival: boolean;
}

export class Direction {
  lastArrival = 0;
  /** When something last left: TCP counts from there, not from the loss. */
  lastSent = 0;
  held: Segment[] = [];
  /** Waits for the end of a `hold` rule, not for a retransmission. */
  byHold = false;
  timeoutMicros = 0;
  attempts = 0;
  /** Queue slot of the RETRANSMIT event, or -1. */
  slot = -1;
  inFlight = 0;
  /** The sender's host lost power since: nothing is sent again. */
  dead = false;
  readonly sender: Process;
  readonly receiver: Process;
  readonly toServer: boolean;
  /** Of a segment, where no fault changes it. */
  readonly latency: Sampler;

  constructor(sender: Process, receiver: Process, toServer: boolean, latency: Sampler) {
    this.sender = sender;
    this.receiver = receiver;
    this.toServer = toServer;
    this.latency = latency;
  }
}

/** A request that reached a server still busy with the one before it on the same stream. */
export interface Arrived {
  readonly input: number;
  readonly call: number;
  readonly body: unknown;
  readonly cause: number;
}

export class Connection implements Slotted {
  handle = 0;
  nextFree = 0;
  /** Its requests do not wait for each other; otherwise the server takes one after the other. */
  multiplexed = false;
  /** Is closed by the client after its first answer. */
  fresh = false;
  /** Taken out of the pool for good by a pipeline. */
  exclusive = false;
  client = 0;
  server = 0;
  /** Class of the request that dialled: rules see SYN, FIN and RST as this class. */
  messageClass = 0;
  clientOpen = false;
  serverOpen = false;
  /** The client's end knows that the stream is established. */
  established = false;
  /** Why the client's next use of an idle stream fails, or `none`. */
  clientEnd: ErrorCause = ErrorCause.none;
  /** A FIN waits behind the requests that the server has not answered yet. */
  serverEnd = false;
  toServer!: Direction;
  toClient!: Direction;
  /** Calls whose answers the client expects, in order. */
  outstanding: number[] = [];
  /** Exchange under way at the server of a serial stream, or 0. */
  exchange = 0;
  inbox: Arrived[] = [];
  /** Lane at the server that waits for the next part of the request under way, or 0. */
  reader = 0;
  /** Queue slot of the dial's deadline, or -1. */
  dialSlot = -1;
  /** Queue slot of the timer for the deadlines of its calls, or -1. */
  deadlineSlot = -1;
}

function copyDirection(direction: Direction): Direction {
  const { sender, receiver, toServer, latency } = direction;
  const copy = Object.assign(new Direction(sender, receiver, toServer, latency), direction);
  copy.held = direction.held.slice();
  return copy;
}

function copyConnection(connection: Connection): Connection {
  const copy = Object.assign(new Connection(), connection);
  copy.toServer = copyDirection(connection.toServer);
  copy.toClient = copyDirection(connection.toClient);
  copy.outstanding = connection.outstanding.slice();
  copy.inbox = connection.inbox.slice();
  return copy;
}

export class Connections {
  readonly pool = new SlotPool<Connection>(() => new Connection(), copyConnection);
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  open(client: number, server: number, pool: PoolKind, messageClass: number): Connection {
    const connection = this.pool.allocate();
    const handle = connection.handle;
    Object.assign(connection, new Connection());
    connection.handle = handle;
    connection.client = client;
    connection.server = server;
    connection.multiplexed = pool === 'multiplexed';
    connection.fresh = pool === 'fresh';
    connection.messageClass = messageClass;
    connection.toServer = this.direction(client, server, true);
    connection.toClient = this.direction(server, client, false);
    connection.clientOpen = true;
    this.send(connection, true, SYN, 0, 0, null, messageClass);
    return connection;
  }

  private direction(from: number, to: number, toServer: boolean): Direction {
    const { processes, network } = this.world;
    const [sender, receiver] = [processes[from], processes[to]];
    const { latency } = network.link(sender.host.index, receiver.host.index);
    return new Direction(sender, receiver, toServer, latency);
  }

  /** Hands a segment to the stream; the network decides whether it leaves now. */
  send(
    connection: Connection,
    toServer: boolean,
    kind: number,
    code: number,
    call: number,
    body: unknown,
    messageClass: number,
  ): void {
    const { world } = this;
    const direction = toServer ? connection.toServer : connection.toClient;
    const { sender } = direction;
    const usual = world.network.calm && world.decisions === null && direction.held.length === 0;
    if (!usual || !sender.attentive) {
      this.sendUnusually(connection, direction, kind, code, call, body, messageClass);
      return;
    }
    const delay = sender.streamDraws.sample(direction.latency);
    const b = kind === CLOSE ? Number(toServer) : call;
    const arrival = arrivalOf(direction, world, delay);
    world.push(arrival, kind, direction.receiver.index, connection.handle, b, code, body);
  }

  /** The network, a fault, a pause or a decision has a say in it. */
  private sendUnusually(
    connection: Connection,
    direction: Direction,
    kind: number,
    code: number,
    call: number,
    body: unknown,
    messageClass: number,
  ): void {
    const { world } = this;
    const { sender, receiver, toServer } = direction;
    if (sender.ioPaused && isMessage(kind)) {
      const cause = world.cause;
      const b = call;
      const held = { connection: connection.handle, toServer, kind, code, target: messageClass };
      sender.outgoing.push({ ...held, b, body, cause });
      world.withheld++;
      return;
    }
    if (direction.held.length !== 0) {
      direction.held.push(segment(kind, code, call, body, messageClass, world.cause, false));
      return;
    }
    const source = sender.host.index;
    if (sender.host.suspended) {
      const kept = segment(kind, code, call, body, messageClass, world.cause, false);
      this.hold(connection, direction, kept, true);
      return;
    }
    const target = receiver.host.index;
    const draws = sender.streamDraws;
    const verdict = world.network.judge(source, target, messageClass, Transport.tcp, draws);
    if (verdict !== PASS) {
      const lost = segment(kind, code, call, body, messageClass, world.cause, false);
      this.hold(connection, direction, lost, verdict === HOLD);
      return;
    }
    let delay = world.network.latency(source, target, draws) + world.network.rules.extraMicros;
    if (world.decisions !== null && isMessage(kind)) {
      delay = world.decisions.delay(sender.index, receiver.index, messageClass, delay);
    }
    const b = kind === CLOSE ? Number(toServer) : call;
    const arrival = arrivalOf(direction, world, delay);
    world.push(arrival, kind, receiver.index, connection.handle, b, code, body);
  }

  /**
   * A message arrives for a running program: false, and nothing has happened, unless it is the next
   * of an open stream.
   */
  takesUsually(connection: Connection, toServer: boolean): boolean {
    const direction = toServer ? connection.toServer : connection.toClient;
    const open = toServer ? connection.serverOpen : connection.clientOpen;
    if (!open || direction.held.length !== 0) return false;
    direction.inFlight--;
    return true;
  }

  /**
   * First half of every arrival: false when the receiving host is dead, or waits for something sent
   * before; the segment is then held and sent again.
   */
  onArrival(
    connection: Connection,
    toServer: boolean,
    kind: number,
    code: number,
    call: number,
    body: unknown,
  ): boolean {
    const { world } = this;
    const direction = toServer ? connection.toServer : connection.toClient;
    direction.inFlight--;
    const { host } = world.processes[toServer ? connection.server : connection.client];
    const overtakes = direction.held.length !== 0 && direction.held[0].lostOnArrival;
    if (host.up && !host.suspended && !overtakes) return true;
    if (direction.dead) {
      this.maybeRelease(connection);
      return false;
    }
    const { server } = connection;
    const messageClass = isMessage(kind)
      ? world.route(server, code).messageClass
      : connection.messageClass;
    const lost = segment(kind, code, call, body, messageClass, world.cause, true);
    this.hold(connection, direction, lost, false);
    return false;
  }

  private hold(connection: Connection, direction: Direction, lost: Segment, byHold: boolean): void {
    const { held } = direction;
    if (lost.lostOnArrival) {
      let at = 0;
      while (at < held.length && held[at].lostOnArrival) at++;
      held.splice(at, 0, lost);
    } else {
      held.push(lost);
    }
    if (held.length > 1) return;
    const { tcp } = this.world.network;
    direction.byHold = byHold;
    direction.attempts = 0;
    const isDial = lost.kind === SYN || lost.kind === SYN_ACK;
    direction.timeoutMicros = isDial ? tcp.synMicros : tcp.retransmitMicros;
    this.arm(connection, direction, lost.lostOnArrival ? direction.lastSent : this.world.now);
  }

  private arm(connection: Connection, direction: Direction, from: number): void {
    const { world } = this;
    const toServer = direction === connection.toServer;
    const sender = world.processes[toServer ? connection.client : connection.server];
    direction.slot = world.push(
      Math.max(world.now, from + world.realDelay(sender, direction.timeoutMicros)),
      RETRANSMIT,
      sender.index,
      connection.handle,
      toServer ? 1 : 0,
      0,
      null,
    );
  }

  /** TCP tries again: all goes, or the timeout doubles. */
  onRetransmit(connection: Connection, toServer: boolean): void {
    const direction = toServer ? connection.toServer : connection.toClient;
    direction.slot = -1;
    const isDial = direction.held[0].kind === SYN;
    if (direction.attempts === (isDial ? DIAL_RETRANSMISSIONS_MAX : RETRANSMISSIONS_MAX)) {
      // An ideal stream, whose attempts take no time, waits for the heal instead.
      if (this.world.network.tcp.ideal) return;
      this.giveUp(connection, toServer, isDial ? ErrorCause.dialTimeout : ErrorCause.timeout);
      return;
    }
    if (this.flush(connection, direction)) return;
    const { tcp } = this.world.network;
    direction.attempts++;
    direction.timeoutMicros = Math.min(direction.timeoutMicros * 2, tcp.retransmitMicrosMax);
    this.arm(connection, direction, this.world.now);
  }

  /** Sends all that is held if the network lets the first of it pass. */
  private flush(connection: Connection, direction: Direction): boolean {
    const { world } = this;
    const toServer = direction === connection.toServer;
    const sender = world.processes[toServer ? connection.client : connection.server];
    const receiver = world.processes[toServer ? connection.server : connection.client];
    if (!sender.host.up || sender.host.suspended) return false;
    if (!receiver.host.up || receiver.host.suspended) return false;
    const first = direction.held[0];
    const verdict = world.network.judge(
      sender.host.index,
      receiver.host.index,
      first.messageClass,
      Transport.tcp,
      sender.streamDraws,
    );
    if (verdict !== PASS) return false;
    const held = direction.held;
    direction.held = [];
    let arrival = world.now + world.network.rules.extraMicros;
    arrival += world.network.latency(sender.host.index, receiver.host.index, sender.streamDraws);
    if (arrival < direction.lastArrival) arrival = direction.lastArrival;
    direction.lastArrival = arrival;
    direction.lastSent = world.now;
    for (const { kind, call, code, body, cause } of held) {
      direction.inFlight++;
      world.cause = cause;
      const b = kind === CLOSE ? Number(toServer) : call;
      world.push(arrival, kind, receiver.index, connection.handle, b, code, body);
    }
    world.cause = world.event;
    return true;
  }

  /** Rules changed or a host came back: whatever waits for just that goes on now. */
  onNetworkChanged(): void {
    this.world.datagrams.onNetworkChanged();
    const { ideal } = this.world.network.tcp;
    this.pool.forEach((connection) => {
      for (const direction of [connection.toServer, connection.toClient]) {
        if (direction.held.length === 0 || !(ideal || direction.byHold)) continue;
        const { slot } = direction;
        if (this.flush(connection, direction)) {
          if (slot >= 0) this.world.queue.cancel(slot);
          direction.slot = -1;
        }
      }
    });
  }

  /** Too many retransmissions: the sender's end reports a timeout. */
  private giveUp(connection: Connection, toServer: boolean, error: ErrorCause): void {
    const { world } = this;
    this.dropHeld(toServer ? connection.toServer : connection.toClient);
    const open = toServer ? connection.clientOpen : connection.serverOpen;
    if (open) {
      const owner = world.processes[toServer ? connection.client : connection.server];
      world.delivery.toProgram(owner, CLOSE, connection.handle, toServer ? 0 : 1, error, null);
    } else {
      this.maybeRelease(connection);
    }
  }

  dropHeld(direction: Direction): void {
    direction.held = [];
    if (direction.slot >= 0) this.world.queue.cancel(direction.slot);
    direction.slot = -1;
  }

  /** The client's program closes its end; a FIN follows its data. */
  closeClient(connection: Connection): void {
    if (!connection.clientOpen) return;
    connection.clientOpen = false;
    const { messageClass } = connection;
    if (connection.dialSlot >= 0) this.world.queue.cancel(connection.dialSlot);
    connection.dialSlot = -1;
    this.world.deadlines.disarm(connection);
    if (connection.established && connection.clientEnd === ErrorCause.none) {
      this.send(connection, true, CLOSE, ErrorCause.eof, 0, null, messageClass);
    } else if (!connection.established) {
      this.dropHeld(connection.toServer);
    }
    this.maybeRelease(connection);
  }

  /** The server's end is gone; what it had not begun is lost. */
  endServer(connection: Connection): void {
    connection.serverOpen = false;
    connection.serverEnd = false;
    connection.exchange = 0;
    connection.inbox = [];
    connection.reader = 0;
  }

  /** The server's program closes its end; the client sees EOF behind what it has been answered. */
  hangUp(connection: Connection): void {
    this.endServer(connection);
    this.send(connection, false, CLOSE, ErrorCause.eof, 0, null, connection.messageClass);
    this.maybeRelease(connection);
  }

  /** Tells the other side that nobody listens here (RST), as its packets arrive. */
  refuse(connection: Connection, toClient: boolean, cause: ErrorCause): void {
    (toClient ? connection.toClient : connection.toServer).dead = false;
    this.send(connection, !toClient, CLOSE, cause, 0, null, connection.messageClass);
  }

  /** A host lost power: its ends are gone without a word, and what it still had to send. */
  vanish(connection: Connection, host: Host): void {
    const { world } = this;
    const { toServer, toClient } = connection;
    if (world.processes[connection.client].host === host) {
      connection.clientOpen = false;
      if (connection.dialSlot >= 0) world.queue.cancel(connection.dialSlot);
      connection.dialSlot = -1;
      world.deadlines.disarm(connection);
      connection.outstanding = [];
      this.dropHeld(toServer);
      toServer.dead = true;
      if (connection.exchange === 0 && toServer.inFlight === 0) this.endServer(connection);
    }
    if (world.processes[connection.server].host === host) {
      this.endServer(connection);
      this.dropHeld(toClient);
      toClient.dead = true;
    }
    this.maybeRelease(connection);
  }

  maybeRelease(connection: Connection): void {
    if (connection.clientOpen || connection.serverOpen || connection.handle <= 0) return;
    const { toServer, toClient } = connection;
    if (toServer.inFlight !== 0 || toClient.inFlight !== 0) return;
    if (toServer.held.length !== 0 || toClient.held.length !== 0) return;
    this.pool.release(connection);
  }

  save(): SlotsState<Connection> {
    return this.pool.save();
  }

  restore(state: SlotsState<Connection>): void {
    this.pool.restore(state);
  }
}

/** Something leaves now: it arrives after `delay`, but not before what left earlier. */
function arrivalOf(direction: Direction, { now, sendDelay }: World, delay: number): number {
  const arrival = Math.max(now + sendDelay + delay, direction.lastArrival);
  direction.lastArrival = arrival;
  direction.lastSent = now;
  direction.inFlight++;
  return arrival;
}

/** As opposed to what opens and closes the stream. */
function isMessage(kind: number): boolean {
  return kind === REQUEST || kind === ANSWER || kind === FAILURE;
}

function segment(
  kind: number,
  code: number,
  call: number,
  body: unknown,
  messageClass: number,
  cause: number,
  lostOnArrival: boolean,
): Segment {
  return { kind, code, call, body, messageClass, cause, lostOnArrival };
}

export { SYN_ACK };
