/**
 * A pool of records named by integer handles. A handle carries the record's generation, so that one
 * that outlived its record is recognised instead of reaching the next tenant of the slot.
 */
import { assert, fail } from './assert.ts';

const INDEX_BITS = 18;
const INDEX_MASK = (1 << INDEX_BITS) - 1;
/** Slots that are free but not used yet while there are no more than these. */
const RESTING = 64;
const GENERATION_MASK = (1 << (31 - INDEX_BITS)) - 1;

export interface Slotted {
  /** The record's own handle; 0 while it is free. */
  handle: number;
}

export interface SlotsState<T> {
  readonly records: readonly T[];
  readonly generations: readonly number[];
  /** Indexes of the free slots, in the order in which they will be used. */
  readonly free: readonly number[];
}

export class SlotPool<T extends Slotted> {
  private records: T[] = [];
  private generations: number[] = [];
  /**
   * First in, first out: a slot rests as long as possible before it is used again. A list through
   * the slots, by index, needs no room of its own.
   */
  private nextFree: number[] = [];
  private firstFree = 0;
  private lastFree = 0;
  private freeCount = 0;
  private readonly make: () => T;
  private readonly copy: (record: T) => T;

  constructor(make: () => T, copy: (record: T) => T) {
    this.make = make;
    this.copy = copy;
  }

  allocate(): T {
    let index: number;
    if (this.freeCount > RESTING) {
      index = this.firstFree;
      this.firstFree = this.nextFree[index];
      this.freeCount--;
    } else {
      index = this.records.length;
      if (index > INDEX_MASK) fail(`more than ${INDEX_MASK} records in one pool`);
      this.records.push(this.make());
      this.generations.push(1);
      this.nextFree.push(0);
    }
    const record = this.records[index];
    record.handle = (this.generations[index] << INDEX_BITS) | index;
    return record;
  }

  release(record: T): void {
    const index = record.handle & INDEX_MASK;
    assert(record.handle !== 0, 'record released twice');
    record.handle = 0;
    const next = (this.generations[index] + 1) & GENERATION_MASK;
    this.generations[index] = next === 0 ? 1 : next;
    this.rest(index);
  }

  private rest(index: number): void {
    if (this.freeCount === 0) this.firstFree = index;
    else this.nextFree[this.lastFree] = index;
    this.lastFree = index;
    this.freeCount++;
  }

  /** The record behind a handle, or undefined when it has been released since, and for 0. */
  get(handle: number): T | undefined {
    const record = this.records[handle & INDEX_MASK];
    return record !== undefined && handle !== 0 && record.handle === handle ? record : undefined;
  }

  /** Live records in slot order. */
  forEach(visit: (record: T) => void): void {
    for (let i = 0; i < this.records.length; i++) {
      const record = this.records[i];
      if (record.handle !== 0) visit(record);
    }
  }

  save(): SlotsState<T> {
    const free: number[] = [];
    for (let at = this.firstFree; free.length < this.freeCount; at = this.nextFree[at]) {
      free.push(at);
    }
    return { records: this.records.map(this.copy), generations: this.generations.slice(), free };
  }

  restore(state: SlotsState<T>): void {
    this.records = state.records.map(this.copy);
    this.generations = state.generations.slice();
    this.nextFree = state.records.map(() => 0);
    this.freeCount = 0;
    for (const index of state.free) this.rest(index);
  }
}
