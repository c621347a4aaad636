/**
 * Timers named by (process, input, key): setting replaces, and a firing that still waits in a busy
 * lane is replaced too, since a Go program that makes a new timer no longer reads the old channel.
 */
import { UNARMED } from './deadlines.ts';
import { TIMER } from './events.ts';
import type { InputKind } from './machine.ts';
import type { Host, MachineSlot, Process } from './process.ts';
import type { Call } from './rpc.ts';
import type { World } from './world.ts';

/** Added to the time of whatever waits on a suspended host, so that it cannot come due. */
const SUSPENDED_MICROS = 2 ** 50;

export class Timers {
  /**
   * Queue slot + 1 of each timer of key 0, those of each machine in a row: nearly all timers are such,
   * and of thousands of processes every table of its own is a miss of the cache.
   */
  single = new Int32Array(256);
  private used = 0;
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** Room for the timers of one more machine with so many inputs. */
  makeRoom(inputs: number): number {
    const base = this.used;
    this.used += inputs;
    if (this.used > this.single.length) {
      const wider = new Int32Array(2 * this.used);
      wider.set(this.single);
      this.single = wider;
    }
    return base;
  }

  set(process: Process, slot: MachineSlot, input: InputKind, key: number, delay: number): void {
    const { world } = this;
    const at = world.now + world.realDelay(process, delay);
    const pending = this.pendingOf(slot, input, key);
    if (pending >= 0) {
      world.queue.move(pending, at);
      world.claim(pending);
      return;
    }
    this.forgetFiring(slot, input, key);
    const { index, generation } = process;
    this.name(slot, input, key, world.push(at, TIMER, index, input, key, generation, null) + 1);
  }

  cancel(slot: MachineSlot, input: InputKind, key: number): void {
    const pending = this.pendingOf(slot, input, key);
    if (pending >= 0) {
      this.world.queue.cancel(pending);
      this.name(slot, input, key, 0);
    } else {
      this.forgetFiring(slot, input, key);
    }
  }

  private forgetFiring(slot: MachineSlot, input: InputKind, key: number): void {
    const low = input & 255;
    const { lane: spec, keyed, channel } = slot.routes[low]!;
    const { lanes } = this.world;
    const lane = keyed ? slot.lanes[spec][key] : lanes.single[slot.laneBase + spec];
    lanes.forget(lane, channel, input, key);
  }

  /** Queue slot of a timer that is set, or -1. */
  pendingOf(slot: MachineSlot, input: InputKind, key: number): number {
    if (key === 0) return this.single[slot.timerBase + (input & 255)] - 1;
    const table = slot.timers[input & 255];
    return table === undefined || key >= table.length ? -1 : table[key] - 1;
  }

  /** What the timer's name stands for: queue slot + 1, or 0. */
  private name(slot: MachineSlot, input: InputKind, key: number, pending: number): void {
    const low = input & 255;
    if (key === 0) {
      this.single[slot.timerBase + low] = pending;
      return;
    }
    let table = slot.timers[low];
    if (table === undefined || key >= table.length) {
      slot.timers[low] = table ??= [];
      while (table.length <= key) table.push(0);
    }
    table[key] = pending;
  }

  /** Clears the name before the handler runs, so that it may set the timer again. */
  onFired(slot: MachineSlot, input: InputKind, key: number): void {
    this.name(slot, input, key, 0);
  }

  cancelAll(process: Process): void {
    for (const slot of process.slots) {
      for (const [input, key] of this.setOf(slot)) this.cancel(slot, input, key);
    }
  }

  /** Inputs and keys of the timers of a machine that are set. */
  setOf(slot: MachineSlot): (readonly [InputKind, number])[] {
    const found: (readonly [InputKind, number])[] = [];
    for (let low = 0; low < slot.routes.length; low++) {
      const input = (slot.machine.number << 8) | low;
      const keys = Math.max(1, slot.timers[low]?.length ?? 0);
      for (let key = 0; key < keys; key++) {
        if (this.pendingOf(slot, input, key) >= 0) found.push([input, key]);
      }
    }
    return found;
  }

  /** What was set for a keyed lane ends with the lane. */
  cancelLane(slot: MachineSlot, spec: number, key: number): void {
    for (let low = 1; low < slot.routes.length; low++) {
      if (slot.routes[low]?.lane !== spec) continue;
      this.cancel(slot, (slot.machine.number << 8) | low, key);
    }
  }

  save(): Int32Array {
    return this.single.slice(0, this.used);
  }

  restore(single: Int32Array): void {
    this.single.set(single);
  }

  /** Queue slots of everything that waits by the host's monotonic clock. */
  private slotsOf(host: Host): number[] {
    const slots: number[] = [];
    const add = (slot: number): void => {
      if (slot >= 0) slots.push(slot);
    };
    for (const process of host.processes) {
      for (const slot of process.slots) {
        for (const [input, key] of this.setOf(slot)) add(this.pendingOf(slot, input, key));
      }
    }
    const { world } = this;
    world.lanes.pool.forEach((lane) => {
      if (lane.process.host === host) add(lane.wakeSlot);
    });
    world.connections.pool.forEach(({ client, server, ...connection }) => {
      if (world.processes[client].host === host) {
        add(connection.deadlineSlot);
        add(connection.dialSlot);
        add(connection.toServer.slot);
      }
      if (world.processes[server].host === host) add(connection.toClient.slot);
    });
    return slots;
  }

  /** Calls of the host that have a deadline. */
  private callsOf(host: Host): Call[] {
    const { world } = this;
    const calls: Call[] = [];
    world.rpc.calls.forEach((call) => {
      if (call.due !== UNARMED && world.processes[call.process].host === host) calls.push(call);
    });
    return calls;
  }

  private moveAll(host: Host, to: (at: number) => number): void {
    const { queue, deadlines } = this.world;
    for (const slot of this.slotsOf(host)) {
      const at = queue.timeOf(slot);
      if (to(at) !== at) queue.move(slot, to(at));
    }
    for (const call of this.callsOf(host)) call.due = to(call.due);
    deadlines.onMoved();
  }

  /** The host's monotonic clock stops: nothing of it comes due. */
  freeze(host: Host): void {
    this.moveAll(host, (at) => at + SUSPENDED_MICROS);
  }

  /** The clock goes on after `micros`: everything is due that much later. */
  thaw(host: Host, micros: number): void {
    // TCP may have begun to wait during the suspension, for what it had sent before.
    this.moveAll(host, (at) => (at >= SUSPENDED_MICROS ? at - SUSPENDED_MICROS + micros : at));
  }

  /** The host's clock changes its rate: what is left of each wait passes at the new rate. */
  changeRate(host: Host, ppm: number): void {
    const { queue, now, deadlines } = this.world;
    const { clock } = host;
    const local = clock.monotonic(now);
    const left = (at: number): number =>
      Math.max(0, clock.running(at >= SUSPENDED_MICROS ? at - SUSPENDED_MICROS : at) - local);
    const slots = this.slotsOf(host).map((slot) => ({ slot, micros: left(queue.timeOf(slot)) }));
    const calls = this.callsOf(host).map((call) => ({ call, micros: left(call.due) }));
    clock.setRate(now, ppm);
    const from = host.suspended ? clock.shownReal(now) + SUSPENDED_MICROS : now;
    const at = (micros: number): number => Math.max(now, from + clock.realDelay(micros));
    for (const { slot, micros } of slots) queue.move(slot, at(micros));
    for (const { call, micros } of calls) call.due = at(micros);
    deadlines.onMoved();
  }
}
