/**
 * Where thousands of processes live, every event finds another one's records out of the cache, and
 * a processor that follows pointers one by one waits for each. So the processes of the next few events
 * are looked at together, level by level: what does not depend on each other is fetched at the same
 * time, and is there when its event comes. This looks and changes nothing.
 */
import { DATAGRAM, TIMER } from './events.ts';
import type { Lanes } from './lanes.ts';
import type { Process } from './process.ts';
import type { EventQueue } from './queue.ts';
import type { Timers } from './timers.ts';

/** As many as a processor fetches at a time, about. */
const EVENTS = 16;
/** With fewer, most of them are in the cache anyway. */
const MANY_PROCESSES = 512;
const NEVER = 2 ** 30;

export class LookAhead {
  private readonly slots = new Int32Array(EVENTS);
  private readonly inputs = new Int32Array(EVENTS);
  private readonly found = new Array<Process | undefined>(EVENTS).fill(undefined);
  /** What is read has to go somewhere, or the engine would not read it. */
  seen = 0;
  private readonly queue: EventQueue;
  private readonly processes: readonly Process[];
  private readonly timers: Timers;
  private readonly lanes: Lanes;

  constructor(queue: EventQueue, processes: readonly Process[], timers: Timers, lanes: Lanes) {
    this.queue = queue;
    this.timers = timers;
    this.lanes = lanes;
    this.processes = processes;
  }

  /** Returns after how many events it is to look again. */
  look(): number {
    const { queue, slots, inputs, found } = this;
    if (this.processes.length < MANY_PROCESSES) return NEVER;
    const count = queue.next(slots);
    let seen = 0;
    for (let i = 0; i < count; i++) {
      const kind = queue.kindOf(slots[i]);
      inputs[i] = kind === TIMER || kind === DATAGRAM ? queue.aOf(slots[i]) : 0;
      found[i] = this.processes[queue.targetOf(slots[i])];
    }
    for (let i = 0; i < count; i++) seen += found[i]!.generation;
    for (let i = 0; i < count; i++) seen += found[i]!.slotByNumber.length;
    for (let i = 0; i < count; i++) {
      const slot = found[i]!.slotByNumber[inputs[i] >> 8];
      if (slot === undefined) continue;
      const low = inputs[i] & 255;
      seen += this.timers.single[slot.timerBase + low];
      seen += this.lanes.single[slot.laneBase + slot.routes[low]!.lane]?.ready ?? 0;
    }
    this.seen = seen;
    return count;
  }
}
