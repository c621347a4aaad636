/**
 * Starting, crashing and pausing. A kill closes sockets at once and keeps the page cache; a power
 * loss leaves silence and a write in doubt. A stopped process finds at its resumption everything that
 * came due, in drawn order; a suspended host lost the packets sent to it and the time itself.
 */
import { assert } from './assert.ts';
import type { Connection } from './connection.ts';
import { ANSWER, CLOSE, DATAGRAM, FAILURE, REQUEST, SYN_ACK } from './events.ts';
import { ErrorCause } from './machine.ts';
import { KernelNote } from './observer.ts';
import type { BacklogItem, CrashKind, Host, Process } from './process.ts';
import type { World } from './world.ts';

export type PauseKind = 'stop' | 'suspend' | 'io';

const CRASH_CODES = { kill: 0, power: 1, exit: 2 } as const;
const PAUSE_CODES = { stop: 0, suspend: 1, io: 2 } as const;

export class Power {
  /** A crash that strikes at the end of the running handler. */
  pending: Process | null = null;
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** Boots the host if need be and starts the program with what its disk holds. */
  start(process: Process): void {
    if (process.status !== 'down') return;
    const { world } = this;
    const { host } = process;
    const hostWasDown = !host.up;
    host.up = true;
    process.generation++;
    process.status = 'running';
    process.ioPaused = false;
    process.lanes = [];
    for (const slot of process.slots) {
      slot.timers = [];
      slot.machine.lanes.forEach((spec, index) => {
        process.lanes[slot.laneBase + index] = [];
        if (spec.keyed !== true) world.lanes.spawn(process, slot, index, 0);
      });
      slot.state = slot.machine.create(slot.config, process.index, slot.durable);
    }
    world.noteAbout(process, KernelNote.started, 0);
    for (const slot of process.slots) {
      const first = process.lanes[slot.laneBase][0];
      assert(first !== undefined, `${slot.machine.name} needs a lane that is not keyed, first`);
      if (process.status === 'running') world.lanes.runStart(first);
    }
    if (hostWasDown) world.connections.onNetworkChanged();
  }

  crashAtWrite(process: Process): void {
    if (this.world.lanes.running) this.pending = process;
    else this.strike(process);
  }

  crashPending(): void {
    const process = this.pending!;
    this.pending = null;
    this.strike(process);
  }

  private strike(process: Process): void {
    const point = process.crashPoint!;
    this.crash(process, point.how);
    this.world.controller?.onCrashPoint(process.index, point.tag);
  }

  /** Ends a process; `power` ends its whole host. */
  crash(process: Process, how: CrashKind): void {
    if (how === 'power') {
      for (const other of process.host.processes) this.end(other, how);
      process.host.up = false;
      process.host.suspended = false;
    } else {
      this.end(process, how);
    }
  }

  private end(process: Process, how: CrashKind): void {
    if (process.status === 'down') return;
    const { world } = this;
    process.status = 'down';
    process.crashPoint = null;
    process.backlog = [];
    process.outgoing = [];
    process.idle.clear();
    process.sessions.clear();
    world.timers.cancelAll(process);
    world.rpc.onProcessGone(process);
    world.lanes.releaseAll(process);
    world.connections.pool.forEach((connection) => this.closeEnds(connection, process, how));
    process.host.disk.onCrash(world, process, how === 'power');
    world.noteAbout(process, KernelNote.crashed, CRASH_CODES[how]);
  }

  private closeEnds(connection: Connection, process: Process, how: CrashKind): void {
    const { connections } = this.world;
    const silent = how === 'power';
    if (connection.client === process.index) {
      if (silent) {
        connection.clientOpen = false;
        if (connection.dialSlot >= 0) this.world.queue.cancel(connection.dialSlot);
        connection.dialSlot = -1;
        connections.dropHeld(connection.toServer);
      } else {
        connections.closeClient(connection);
      }
      connection.outstanding = [];
    }
    if (connection.server === process.index && connection.serverOpen) {
      connections.endServer(connection);
      if (silent) connections.dropHeld(connection.toClient);
      else connections.refuse(connection, true, ErrorCause.eof);
    }
    connections.maybeRelease(connection);
  }

  pause(process: Process, kind: PauseKind): void {
    if (process.status !== 'running' || process.ioPaused) return;
    this.world.noteAbout(process, KernelNote.paused, PAUSE_CODES[kind]);
    if (kind === 'io') {
      process.ioPaused = true;
    } else if (kind === 'stop') {
      process.status = 'stopped';
    } else {
      this.suspend(process.host);
    }
  }

  private suspend(host: Host): void {
    host.suspended = true;
    host.clock.suspend(this.world.now);
    for (const process of host.processes) {
      if (process.status === 'running') process.status = 'suspended';
    }
    this.world.timers.freeze(host);
    host.disk.freeze(this.world);
  }

  resume(process: Process): void {
    const { world } = this;
    if (process.ioPaused) {
      process.ioPaused = false;
      this.note(process);
      this.sendOutgoing(process);
      world.lanes.releaseIo(process);
      this.replay(process);
    } else if (process.status === 'stopped') {
      process.status = 'running';
      this.note(process);
      this.replay(process);
    } else if (process.status === 'suspended') {
      this.wake(process.host);
    }
  }

  private note(process: Process): void {
    this.world.noteAbout(process, KernelNote.resumed, 0);
  }

  private wake(host: Host): void {
    const { world } = this;
    host.suspended = false;
    const slept = host.clock.resume(world.now);
    world.timers.thaw(host, slept);
    host.disk.thaw(world);
    for (const process of host.processes) {
      if (process.status !== 'suspended') continue;
      process.status = 'running';
      this.note(process);
    }
    world.connections.onNetworkChanged();
  }

  /** Everything that came due during the pause becomes ready at once; the order is drawn. */
  private replay(process: Process): void {
    const { world } = this;
    const { lanes } = world;
    const items = this.drawOrder(process);
    process.backlog = [];
    const outer = lanes.running;
    lanes.running = true;
    for (const item of items) {
      world.cause = item.event;
      world.delivery.deliver(process, item.kind, item.a, item.b, item.code, item.body);
    }
    lanes.running = outer;
    world.cause = world.event;
    lanes.shuffleRunnable(process);
  }

  /** A random merge that keeps the order within each stream; timers are each their own stream. */
  private drawOrder(process: Process): BacklogItem[] {
    const streams = new Map<number, BacklogItem[]>();
    process.backlog.forEach((item, index) => {
      const stream = streamOf(item, index);
      const list = streams.get(stream);
      if (list === undefined) streams.set(stream, [item]);
      else list.push(item);
    });
    const lists = [...streams.values()];
    const heads = lists.map(() => 0);
    const order: BacklogItem[] = [];
    let live = lists.map((_, index) => index);
    while (live.length > 0) {
      const at = live[process.selectDraws.below(live.length)];
      order.push(lists[at][heads[at]++]);
      if (heads[at] === lists[at].length) live = live.filter((index) => index !== at);
    }
    return order;
  }

  private sendOutgoing(process: Process): void {
    const { world } = this;
    const { outgoing } = process;
    process.outgoing = [];
    for (const { connection, toServer, kind, code, target, b, body, cause } of outgoing) {
      world.cause = cause;
      if (kind === DATAGRAM) {
        world.datagrams.send(process.index, target, code, b, body);
      } else {
        const stream = world.connections.pool.get(connection);
        const open = toServer ? stream?.clientOpen : stream?.serverOpen;
        if (stream !== undefined && open === true) {
          world.connections.send(stream, toServer, kind, code, b, body, target);
        }
      }
    }
    world.cause = world.event;
  }
}

/** Items of one connection stay in order; everything else is a stream of its own. */
function streamOf(item: BacklogItem, index: number): number {
  switch (item.kind) {
    case REQUEST:
    case ANSWER:
    case FAILURE:
    case CLOSE:
    case SYN_ACK:
      return item.a;
    default:
      return -1 - index;
  }
}
