/**
 * Starting, crashing and pausing. A kill closes sockets at once and keeps the page cache; a power
 * loss leaves silence and a write in doubt. A stopped process finds at its resumption everything that
 * came due, in drawn order; a suspended host lost the packets sent to it and the time itself.
 *
 * Pauses of one kind stack, and those of different kinds do not disturb each other: a program runs
 * again when the last is over. A crash forgets them.
 */
import { assert } from './assert.ts';
import { drawOrder } from './backlog.ts';
import type { Connection } from './connection.ts';
import { isReceipt } from './delivery.ts';
import { DATAGRAM } from './events.ts';
import { ErrorCause } from './machine.ts';
import { KernelNote } from './observer.ts';
import type { CrashKind, Host, Process } from './process.ts';
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

  /**
   * Boots the host if need be and starts the program with what its disk holds; on a suspended host
   * as soon as that goes on.
   */
  start(process: Process): void {
    if (process.status !== 'down') return;
    const { world } = this;
    const { host } = process;
    process.startsAtWake = host.suspended;
    if (host.suspended) return;
    const hostWasDown = !host.up;
    host.up = true;
    process.generation++;
    process.status = 'running';
    for (const slot of process.slots) {
      slot.timers = [];
      slot.machine.lanes.forEach((spec, index) => {
        if (spec.keyed !== true) world.lanes.spawn(process, slot, index, 0);
      });
      slot.state = slot.machine.create(slot.config, process.index, slot.durable);
    }
    world.noteAbout(process, KernelNote.started, 0);
    this.runStarts(process, process.generation);
    if (hostWasDown) world.connections.onNetworkChanged();
  }

  private runStarts(process: Process, generation: number): void {
    for (const slot of process.slots) {
      // The start of the machine before may have crashed, or paused, this life of the process.
      if (process.status !== 'running' || process.generation !== generation) return;
      const first = slot.lanes[0][0];
      assert(first !== undefined, `${slot.machine.name} needs a lane that is not keyed, first`);
      this.world.lanes.runStart(first);
    }
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
      this.cutPower(process.host);
      return;
    }
    process.startsAtWake = false;
    if (process.status === 'down') return;
    this.end(process);
    const { connections } = this.world;
    connections.pool.forEach((connection) => this.closeEnds(connection, process));
    process.host.disk.onCrash(this.world, process);
    this.world.noteAbout(process, KernelNote.crashed, CRASH_CODES[how]);
  }

  private cutPower(host: Host): void {
    if (!host.up) return;
    const { world } = this;
    const running = host.processes.filter(({ status }) => status !== 'down');
    for (const process of host.processes) process.startsAtWake = false;
    for (const process of running) this.end(process);
    world.connections.pool.forEach((connection) => world.connections.vanish(connection, host));
    host.up = false;
    if (host.suspended) host.clock.resume(world.now);
    host.suspended = false;
    host.suspensions = 0;
    host.disk.onPowerLoss(world);
    for (const { slots } of host.processes) {
      for (const { machine, durable } of slots) machine.losePower?.(durable);
    }
    for (const process of running) world.noteAbout(process, KernelNote.crashed, CRASH_CODES.power);
  }

  /** What every end of a process has in common: all that lives in memory is gone. */
  private end(process: Process): void {
    const { world } = this;
    process.status = 'down';
    process.stops = 0;
    process.ioPauses = 0;
    process.crashPoint = null;
    process.backlog = [];
    process.outgoing = [];
    process.idle.clear();
    process.sessions.clear();
    if (this.pending === process) this.pending = null;
    world.timers.cancelAll(process);
    world.rpc.onProcessGone(process);
    world.lanes.releaseAll(process);
    for (const store of world.shared) store.onProcessGone(process.index);
  }

  /** The operating system closes the sockets of a process that has ended. */
  private closeEnds(connection: Connection, process: Process): void {
    const { connections } = this.world;
    if (connection.client === process.index) {
      connections.closeClient(connection);
      connection.outstanding = [];
    }
    if (connection.server === process.index && connection.serverOpen) {
      connections.endServer(connection);
      connections.refuse(connection, true, ErrorCause.eof);
    }
    connections.maybeRelease(connection);
  }

  /** `suspend` concerns the whole host of the process. A process that is down has nothing to pause. */
  pause(process: Process, kind: PauseKind): void {
    const { host } = process;
    if (kind === 'suspend') {
      if (host.up && ++host.suspensions === 1) this.suspend(host);
    } else if (process.status !== 'down') {
      const first = kind === 'stop' ? ++process.stops === 1 : ++process.ioPauses === 1;
      if (first) this.world.noteAbout(process, KernelNote.paused, PAUSE_CODES[kind]);
      if (kind === 'stop' && process.status === 'running') process.status = 'stopped';
    }
  }

  private suspend(host: Host): void {
    const { world } = this;
    host.suspended = true;
    host.clock.suspend(world.now);
    for (const process of host.processes) {
      if (process.status === 'down') continue;
      process.status = 'suspended';
      world.noteAbout(process, KernelNote.paused, PAUSE_CODES.suspend);
    }
    world.timers.freeze(host);
    host.disk.freeze(world);
  }

  /** Ends one pause of that kind; nothing where there is none. */
  resume(process: Process, kind: PauseKind): void {
    const { host } = process;
    if (kind === 'suspend') {
      if (host.suspensions > 0 && --host.suspensions === 0) this.wake(host);
    } else if (kind === 'stop') {
      if (process.stops === 0 || --process.stops > 0) return;
      if (process.status === 'stopped') process.status = 'running';
      this.goOn(process);
    } else if (process.ioPauses > 0 && --process.ioPauses === 0) {
      this.goOn(process);
    }
  }

  private wake(host: Host): void {
    const { world } = this;
    host.suspended = false;
    const slept = host.clock.resume(world.now);
    world.timers.thaw(host, slept);
    host.disk.thaw(world);
    world.connections.onNetworkChanged();
    for (const process of host.processes) {
      if (process.status === 'suspended') {
        process.status = process.stops > 0 ? 'stopped' : 'running';
        this.goOn(process);
      } else if (process.startsAtWake) {
        this.start(process);
      }
    }
  }

  /** A pause is over: what waited for it becomes ready at once, unless another one goes on. */
  private goOn(process: Process): void {
    const { world } = this;
    world.noteAbout(process, KernelNote.resumed, 0);
    if (process.status !== 'running') return;
    if (!process.ioPaused) {
      this.sendOutgoing(process);
      world.lanes.releaseIo(process);
    }
    this.replay(process);
  }

  private replay(process: Process): void {
    const { world } = this;
    const { lanes } = world;
    const { backlog, ioPaused } = process;
    process.backlog = ioPaused ? backlog.filter(({ kind }) => isReceipt(kind)) : [];
    const due = ioPaused ? backlog.filter(({ kind }) => !isReceipt(kind)) : backlog;
    const outer = lanes.running;
    lanes.running = true;
    for (const item of drawOrder(due, process.selectDraws)) {
      world.cause = item.event;
      world.delivery.deliver(process, item.kind, item.a, item.b, item.code, item.body);
    }
    lanes.running = outer;
    world.cause = world.event;
    lanes.shuffleRunnable(process);
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
