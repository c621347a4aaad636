/**
 * A pool of records named by integer handles. A handle carries the record's generation, so that one
 * that outlived its record is recognised instead of reaching the next tenant of the slot.
 */
import { assert, fail } from './assert.ts';

/** Of the 31 bits of a handle; the rest counts generations. */
const INDEX_BITS = 18;
/** Slots that are free but not used yet while there are no more than these. */
const RESTING = 64;

export interface Slotted {
  /** The record's own handle; while it is free, minus the one that it will have. */
  handle: number;
  /** Index of the record that will be used after it, while it is free. */
  nextFree: number;
}

export interface SlotsState<T> {
  readonly records: readonly T[];
  readonly firstFree: number;
  readonly lastFree: number;
  readonly freeCount: number;
}

export class SlotPool<T extends Slotted> {
  private records: T[] = [];
  // First in, first out: a slot rests as long as possible before it is used again.
  private firstFree = 0;
  private lastFree = 0;
  private freeCount = 0;
  private readonly mask: number;
  private readonly make: () => T;
  private readonly copy: (record: T, earlier?: T) => T;
  /** Copies that were saved or restored last; nobody changes a copy. */
  private copies: readonly T[] = [];

  /** `copy` may give back an earlier copy that is still the same. */
  constructor(make: () => T, copy: (record: T, earlier?: T) => T, indexBits: number = INDEX_BITS) {
    this.make = make;
    this.copy = copy;
    this.mask = (1 << indexBits) - 1;
  }

  allocate(): T {
    if (this.freeCount <= RESTING) return this.add();
    const record = this.records[this.firstFree];
    this.firstFree = record.nextFree;
    this.freeCount--;
    record.handle = -record.handle;
    return record;
  }

  private add(): T {
    const index = this.records.length;
    const { mask } = this;
    if (index > mask) fail(`more than ${mask} records in one pool`);
    const record = this.make();
    record.handle = (mask + 1) | index;
    this.records.push(record);
    return record;
  }

  release(record: T): void {
    const { handle } = record;
    assert(handle > 0, 'record released twice');
    const generation = this.mask + 1;
    const index = handle & this.mask;
    // After the last generation comes the first again; 0 is none.
    const next = (handle + generation) | 0;
    record.handle = next > 0 ? -next : -(generation | index);
    if (this.freeCount === 0) this.firstFree = index;
    else this.records[this.lastFree].nextFree = index;
    this.lastFree = index;
    this.freeCount++;
  }

  /** The record behind a handle, or undefined when it has been released since, and for 0. */
  get(handle: number): T | undefined {
    const record = this.records[handle & this.mask];
    return record !== undefined && record.handle === handle ? record : undefined;
  }

  /** Live records in slot order. */
  forEach(visit: (record: T) => void): void {
    for (let i = 0; i < this.records.length; i++) {
      const record = this.records[i];
      if (record.handle > 0) visit(record);
    }
  }

  save(): SlotsState<T> {
    const { firstFree, lastFree, freeCount } = this;
    const { copies, copy } = this;
    const records = this.records.map((record, index) => copy(record, copies[index]));
    this.copies = records;
    return { records, firstFree, lastFree, freeCount };
  }

  restore(state: SlotsState<T>): void {
    this.copies = state.records;
    this.records = state.records.map((record) => this.copy(record));
    this.firstFree = state.firstFree;
    this.lastFree = state.lastFree;
    this.freeCount = state.freeCount;
  }
}
