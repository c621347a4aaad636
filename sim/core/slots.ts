/**
 * A pool of records named by integer handles. A handle carries the record's generation, so that one
 * that outlived its record is recognised instead of reaching the next tenant of the slot.
 */
import { assert } from './assert.ts';

const INDEX_BITS = 18;
const INDEX_MASK = (1 << INDEX_BITS) - 1;
const GENERATION_MASK = (1 << (31 - INDEX_BITS)) - 1;

export interface Slotted {
  /** The record's own handle; 0 while it is free. */
  handle: number;
}

export interface SlotsState<T> {
  readonly records: readonly T[];
  readonly generations: readonly number[];
  readonly free: readonly number[];
  readonly freeHead: number;
}

export class SlotPool<T extends Slotted> {
  private records: T[] = [];
  private generations: number[] = [];
  /** First in, first out: a slot rests as long as possible before it is used again. */
  private free: number[] = [];
  private freeHead = 0;
  private readonly make: () => T;
  private readonly copy: (record: T) => T;

  constructor(make: () => T, copy: (record: T) => T) {
    this.make = make;
    this.copy = copy;
  }

  allocate(): T {
    let index: number;
    if (this.free.length - this.freeHead > 64) {
      index = this.free[this.freeHead++];
      if (this.freeHead > 4096) {
        this.free = this.free.slice(this.freeHead);
        this.freeHead = 0;
      }
    } else {
      index = this.records.length;
      assert(index <= INDEX_MASK, `more than ${INDEX_MASK} records in one pool`);
      this.records.push(this.make());
      this.generations.push(1);
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
    this.free.push(index);
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
    return {
      records: this.records.map(this.copy),
      generations: this.generations.slice(),
      free: this.free.slice(),
      freeHead: this.freeHead,
    };
  }

  restore(state: SlotsState<T>): void {
    this.records = state.records.map(this.copy);
    this.generations = state.generations.slice();
    this.free = state.free.slice();
    this.freeHead = state.freeHead;
  }
}
