/**
 * One key whose writes are ordered by their Raft indexes, watched while it happens. An answer is
 * wrong exactly when a newer version had been answered before its call, or when it does not fit
 * what is known of its own version.
 *
 * As long as nothing was wrong and the key is settled, the indexes are an order that explains all
 * answers: no operation that ended before another was called has the larger one. A refusal has its
 * place right before its end, at the newest version that had been answered by then: whatever is
 * called later has at least that index. Stale reads are left out of the order.
 */
import type { Operation, Scalar } from './operation.ts';
import { canonical, valueText } from './operation.ts';

/** What a version's write compared with: that none did, and that nobody was told of its write. */
const NOTHING = -1;
const UNTOLD = -2;

/** A value that somebody may have written. */
interface Written {
  state: 'open' | 'acknowledged' | 'failed';
  /** Newest version that had been answered when its write was called. */
  readonly before: number;
  /** Its version, once somebody was told; 0 until then. */
  index: number;
}

/** What is wrong with an answer. */
export interface Wrong {
  /** A sentence without its full stop. */
  readonly reason: string;
  /** It is that of an earlier state: a read that need not be fresh may give it. */
  readonly stale: boolean;
}

export class VersionedKey {
  /** Newest version that was answered; 0: none. */
  #newest = 0;
  /** Operations under way, and what was the newest when each was called. */
  readonly #open: number[] = [];
  readonly #newestAtCall: number[] = [];
  /** Versions in order of index: index, value, and what their write compared with. */
  readonly #indexes: number[] = [];
  readonly #values: Scalar[] = [];
  readonly #expected: number[] = [];
  readonly #written = new Map<Scalar, Written>();
  /** False once there is something that only a search, or nothing, can place. */
  #settled = true;

  /** Nothing but wrong answers needs another judgement. */
  get settled(): boolean {
    return this.#settled;
  }

  /** False when the operation is one that indexes alone cannot place. */
  call(operation: Operation): boolean {
    this.#open.push(operation.id);
    this.#newestAtCall.push(this.#newest);
    if (!isWrite(operation)) return isRead(operation);
    const value = canonical(operation.input);
    // What was written twice cannot be told apart by those who see it without an index.
    if (this.#written.has(value)) this.#settled = false;
    else this.#written.set(value, { state: 'open', before: this.#newest, index: 0 });
    return true;
  }

  /** The operation certainly had no effect. */
  fail(operation: Operation): void {
    this.#takeNewestAtCall(operation.id);
    const written = this.#written.get(canonical(operation.input));
    if (isWrite(operation) && written !== undefined) written.state = 'failed';
  }

  /**
   * Compares an answer with what was known before. Returns what is wrong with it, `unplaced` when
   * it carries no index to place it by.
   */
  complete(operation: Operation): Wrong | 'unplaced' | undefined {
    const before = this.#takeNewestAtCall(operation.id);
    if (operation.outcome === 'refused') {
      // It contradicts nothing by itself, and where it has no place yet a later answer may give it one.
      if (operation.expected < 0 || operation.expected === this.#newest) this.#settled = false;
      return undefined;
    }
    return isRead(operation) ? this.#read(operation, before) : this.#write(operation, before);
  }

  /** From the end: those that never end gather at the beginning. */
  #takeNewestAtCall(id: number): number {
    const open = this.#open;
    const last = open.length - 1;
    let at = last;
    while (at >= 0 && open[at] !== id) at--;
    if (at < 0) return 0;
    const newest = this.#newestAtCall[at]!;
    for (; at < last; at++) {
      open[at] = open[at + 1]!;
      this.#newestAtCall[at] = this.#newestAtCall[at + 1]!;
    }
    open.pop();
    this.#newestAtCall.pop();
    return newest;
  }

  #read({ output, index }: Operation, before: number): Wrong | 'unplaced' | undefined {
    const value = canonical(output);
    if (value === null) {
      if (before === 0) return undefined;
      return stale(`a read found nothing although index ${before} had been answered`);
    }
    if (index === 0) return 'unplaced';
    const source = this.#written.get(value);
    if (source === undefined) return wrong('a read saw a value that nobody had written');
    if (source.state === 'failed') {
      return wrong('a read saw the value of a write that was reported as failed');
    }
    const problem = this.#locate(source, index) ?? this.#place(index, value, undefined);
    if (problem !== undefined) return wrong(problem);
    if (index < before) {
      return stale(`a read saw index ${index} although ${before} had been answered`);
    }
    this.#newest = Math.max(this.#newest, index);
    return undefined;
  }

  #write(operation: Operation, before: number): Wrong | 'unplaced' | undefined {
    const { f, input, index, expected } = operation;
    const value = canonical(input);
    if (index === 0) return 'unplaced';
    const written = this.#written.get(value)!;
    written.state = 'acknowledged';
    const problem =
      this.#locate(written, index) ?? this.#place(index, value, f === 'cas' ? expected : NOTHING);
    if (f === 'cas' && expected !== this.#before(index)) this.#settled = false;
    if (problem !== undefined) return wrong(problem);
    if (index <= before) {
      return wrong(`a write got index ${index} although ${before} had been answered`);
    }
    this.#newest = Math.max(this.#newest, index);
    return undefined;
  }

  /** Of a value that was written once: it has one index, larger than what was there at its call. */
  #locate(written: Written, index: number): string | undefined {
    if (!this.#settled) return undefined;
    if (written.index > 0 && written.index !== index) {
      return `one write got the indexes ${written.index} and ${index}`;
    }
    written.index = index;
    return index <= written.before
      ? `a write got index ${index} although ${written.before} had been answered`
      : undefined;
  }

  /** Index of the version before this one, as far as versions are known; 0 for none. */
  #before(index: number): number {
    const at = this.#find(index);
    return at === 0 ? 0 : this.#indexes[at - 1]!;
  }

  /** @param expected of a write: what it compared with, or NOTHING; undefined for a read */
  #place(index: number, value: Scalar, expected: number | undefined): string | undefined {
    const at = this.#find(index);
    const expects = expected ?? UNTOLD;
    if (at === this.#indexes.length) {
      this.#indexes.push(index);
      this.#values.push(value);
      this.#expected.push(expects);
    } else if (this.#indexes[at] === index) {
      const known = this.#values[at]!;
      if (known !== value) return `index ${index} was ${valueText(known)} and ${valueText(value)}`;
      if (expected === undefined) return undefined;
      if (this.#expected[at] !== UNTOLD) return `two writes got index ${index}`;
      this.#expected[at] = expected;
    } else {
      this.#indexes.splice(at, 0, index);
      this.#values.splice(at, 0, value);
      this.#expected.splice(at, 0, expects);
    }
    return this.#overtaken(at) ?? this.#overtaken(at + 1);
  }

  /** A compare-and-set replaced the version directly before it. */
  #overtaken(at: number): string | undefined {
    if (at === 0 || at >= this.#indexes.length) return undefined;
    const expected = this.#expected[at]!;
    const between = this.#indexes[at - 1]!;
    return expected >= 0 && between > expected
      ? `a cas on index ${expected} got index ${this.#indexes[at]}, with ${between} in between`
      : undefined;
  }

  /** First place whose index is not smaller; nearly always the end. */
  #find(index: number): number {
    const indexes = this.#indexes;
    let at = indexes.length;
    while (at > 0 && indexes[at - 1]! >= index) at--;
    return at;
  }
}

function wrong(reason: string): Wrong {
  return { reason, stale: false };
}

function stale(reason: string): Wrong {
  return { reason, stale: true };
}

function isWrite({ f }: Operation): boolean {
  return f === 'put' || f === 'write' || f === 'cas';
}

function isRead({ f }: Operation): boolean {
  return f === 'get' || f === 'read';
}
