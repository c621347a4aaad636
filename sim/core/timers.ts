/**
 * Timers named by (process, input, key): setting replaces, and a firing that still waits in a busy
 * lane is replaced too, since a Go program that makes a new timer no longer reads the old channel.
 */
import { TIMER } from './events.ts';
import type { InputKind } from './machine.ts';
import type { Host, MachineSlot, Process } from './process.ts';
import type { World } from './world.ts';

/** Added to the time of whatever waits on a suspended host, so that it cannot come due. */
const SUSPENDED_MICROS = 2 ** 50;

export class Timers {
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  set(process: Process, slot: MachineSlot, input: InputKind, key: number, delay: number): void {
    const { world } = this;
    const at = world.now + world.realDelay(process, delay);
    const table = this.table(slot, input & 255, key);
    const pending = table[key] - 1;
    if (pending >= 0) {
      world.queue.move(pending, at);
      world.claim(pending);
      return;
    }
    this.forgetFiring(slot, input, key);
    table[key] = world.push(at, TIMER, process.index, input, key, process.generation, null) + 1;
  }

  cancel(slot: MachineSlot, input: InputKind, key: number): void {
    const table = slot.timers[input & 255];
    const pending = table === undefined || key >= table.length ? -1 : table[key] - 1;
    if (pending >= 0) {
      this.world.queue.cancel(pending);
      table![key] = 0;
    } else {
      this.forgetFiring(slot, input, key);
    }
  }

  private forgetFiring(slot: MachineSlot, input: InputKind, key: number): void {
    const low = input & 255;
    const { lane: spec, keyed, channel } = slot.routes[low]!;
    const lane = slot.lanes[spec][keyed ? key : 0];
    this.world.lanes.forget(lane, channel, input, key);
  }

  private table(slot: MachineSlot, low: number, key: number): Int32Array {
    let table = slot.timers[low];
    if (table === undefined || key >= table.length) {
      const wider = new Int32Array(Math.max(8, (key + 1) * 2));
      if (table !== undefined) wider.set(table);
      slot.timers[low] = table = wider;
    }
    return table;
  }

  /** Clears the name before the handler runs, so that it may set the timer again. */
  onFired(process: Process, input: InputKind, key: number): void {
    process.slotByNumber[input >> 8]!.timers[input & 255]![key] = 0;
  }

  cancelAll(process: Process): void {
    for (const slot of process.slots) {
      for (const table of slot.timers) {
        if (table === undefined) continue;
        for (let key = 0; key < table.length; key++) {
          if (table[key] > 0) this.world.queue.cancel(table[key] - 1);
          table[key] = 0;
        }
      }
    }
  }

  /** What was set for a keyed lane ends with the lane. */
  cancelLane(slot: MachineSlot, spec: number, key: number): void {
    for (let low = 1; low < slot.timers.length; low++) {
      if (slot.timers[low] === undefined || slot.routes[low]?.lane !== spec) continue;
      this.cancel(slot, (slot.machine.number << 8) | low, key);
    }
  }

  /** Visits the queue slots of everything that waits by the host's monotonic clock. */
  private forEachSlot(host: Host, visit: (slot: number) => void): void {
    for (const process of host.processes) {
      for (const slot of process.slots) {
        for (const table of slot.timers) {
          if (table === undefined) continue;
          for (let key = 0; key < table.length; key++) if (table[key] > 0) visit(table[key] - 1);
        }
      }
    }
    const { world } = this;
    world.lanes.pool.forEach((lane) => {
      if (lane.process.host === host && lane.wakeSlot >= 0) visit(lane.wakeSlot);
    });
    world.rpc.calls.forEach((call) => {
      if (world.processes[call.process].host === host && call.deadline >= 0) visit(call.deadline);
    });
    world.connections.pool.forEach((connection) => {
      const { dialSlot, toServer, toClient } = connection;
      if (world.processes[connection.client].host === host) {
        if (dialSlot >= 0) visit(dialSlot);
        if (toServer.slot >= 0) visit(toServer.slot);
      }
      if (world.processes[connection.server].host === host && toClient.slot >= 0) {
        visit(toClient.slot);
      }
    });
  }

  /** The host's monotonic clock stops: nothing of it comes due. */
  freeze(host: Host): void {
    const { queue } = this.world;
    this.forEachSlot(host, (slot) => queue.move(slot, queue.timeOf(slot) + SUSPENDED_MICROS));
  }

  /** The clock goes on after `micros`: everything is due that much later. */
  thaw(host: Host, micros: number): void {
    const { queue } = this.world;
    this.forEachSlot(host, (slot) => {
      const at = queue.timeOf(slot);
      // TCP may have begun to wait during the suspension, for what it had sent before.
      if (at >= SUSPENDED_MICROS) queue.move(slot, at - SUSPENDED_MICROS + micros);
    });
  }

  /** The host's clock changes its rate: what is left of each wait passes at the new rate. */
  changeRate(host: Host, ppm: number): void {
    const { world } = this;
    const { queue, now } = world;
    const { clock } = host;
    const left = new Map<number, number>();
    const local = clock.monotonic(now);
    this.forEachSlot(host, (slot) => {
      const at = queue.timeOf(slot);
      left.set(slot, clock.running(at >= SUSPENDED_MICROS ? at - SUSPENDED_MICROS : at) - local);
    });
    clock.setRate(now, ppm);
    const from = host.suspended ? clock.shownReal(now) + SUSPENDED_MICROS : now;
    for (const [slot, micros] of left) {
      queue.move(slot, Math.max(now, from + clock.realDelay(Math.max(0, micros))));
    }
  }
}
