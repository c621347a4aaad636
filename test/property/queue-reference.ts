import type { EventQueue } from '../../sim/core/queue.ts';

/** One pending event of the reference. */
export interface Entry {
  readonly id: number;
  readonly time: number;
  /** 0 before all ordinary events of the microsecond, 1 otherwise. */
  readonly rank: number;
  readonly order: number;
}

/** What a queue has to do, written so that nobody can doubt it: one sorted array. */
export class ReferenceQueue {
  entries: Entry[] = [];
  private order = 0;

  push(id: number, time: number, rank: number): void {
    const entry = { id, time, rank, order: this.order++ };
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(this.entries[middle], entry)) low = middle + 1;
      else high = middle;
    }
    this.entries.splice(low, 0, entry);
  }

  remove(id: number): Entry {
    const index = this.entries.findIndex((entry) => entry.id === id);
    return this.entries.splice(index, 1)[0];
  }

  pop(limit: number): Entry | undefined {
    return this.peek() <= limit ? this.entries.shift() : undefined;
  }

  peek(): number {
    return this.entries.length === 0 ? Infinity : this.entries[0].time;
  }

  copy(): ReferenceQueue {
    const copy = new ReferenceQueue();
    copy.entries = [...this.entries];
    copy.order = this.order;
    return copy;
  }
}

function before(x: Entry, y: Entry): boolean {
  if (x.time !== y.time) return x.time < y.time;
  return x.rank !== y.rank ? x.rank < y.rank : x.order < y.order;
}

/** What a slot holds besides time and body, in the order in which it is pushed. */
export function contents(queue: EventQueue, slot: number): number[] {
  return [
    queue.kindOf(slot),
    queue.targetOf(slot),
    queue.aOf(slot),
    queue.bOf(slot),
    queue.generationOf(slot),
    queue.causeOf(slot),
  ];
}
