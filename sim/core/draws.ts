/**
 * Named streams of random numbers: seedrandom's alea, one stream per process and purpose, so that a
 * new draw in one place never shifts another. The four numbers of every stream lie in one array,
 * where ten thousand of them cost what ten do; the results are those of the library, bit for bit.
 */
import seedrandom from 'seedrandom';
import { assert } from './assert.ts';
import type { Sampler } from './distribution.ts';

const TWO_MINUS_32 = 2.3283064365386963e-10;
const TWO_32 = 4_294_967_296;
const MULTIPLIER = 2091639;
const NUMBERS = 4;

/** All streams there are, by name, and their states: `NUMBERS` numbers each. */
export interface StreamsState {
  readonly names: readonly string[];
  readonly numbers: Float64Array;
}

/** Where the numbers of all streams lie; replaced when it grows. */
interface Store {
  numbers: Float64Array;
}

/**
 * One stream. Every method consumes the same number of draws whatever its arguments are, so that a
 * changed probability or bound does not shift what is drawn later; the exceptions say so.
 */
export class Draws {
  readonly name: string;
  /** Index of the stream's first number. */
  readonly base: number;
  private readonly store: Store;

  constructor(name: string, store: Store, base: number) {
    this.name = name;
    this.store = store;
    this.base = base;
  }

  /** Uniform in [0, 1), a multiple of 2^-32. One draw. */
  unit(): number {
    const { numbers } = this.store;
    const { base } = this;
    const t = MULTIPLIER * numbers[base] + numbers[base + 3] * TWO_MINUS_32;
    const carry = t | 0;
    const value = t - carry;
    numbers[base] = numbers[base + 1];
    numbers[base + 1] = numbers[base + 2];
    numbers[base + 2] = value;
    numbers[base + 3] = carry;
    return value;
  }

  /** Integer in [0, n), for n up to 2^32. One draw, for n = 1 too. */
  below(n: number): number {
    return Math.floor(this.unit() * n);
  }

  /** Integer in [low, high), or `low` where that is empty. One draw. */
  between(low: number, high: number): number {
    return low + this.below(Math.max(1, high - low));
  }

  /** True with probability `p`: never for 0, always for 1. One draw. */
  chance(p: number): boolean {
    return this.unit() < p;
  }

  /** Any signed integer of 32 bits. One draw. */
  bits32(): number {
    return (this.unit() * TWO_32) | 0;
  }

  /** Puts the array in random order, in place. One draw for each element but the first. */
  shuffle(array: unknown[]): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = array[i];
      array[i] = array[j];
      array[j] = kept;
    }
  }

  /** One element of an array that is not empty. One draw. */
  pick<T>(array: readonly T[]): T {
    assert(array.length > 0, 'nothing can be picked from an empty array');
    return array[this.below(array.length)];
  }

  /** Integer microseconds. One draw, but none from a constant. */
  sample(sampler: Sampler): number {
    return sampler.constant ? sampler.minMicros : sampler.draw(this.unit());
  }
}

interface AleaState {
  readonly c: number;
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;
}

/** All streams of a run. */
export class Streams {
  private readonly seed: string;
  /** Of a future that is not the run's own; "" for that one. */
  private salt = '';
  private readonly store: Store = { numbers: new Float64Array(16 * NUMBERS) };
  // In the order of creation, which is the order of their numbers.
  private readonly streams = new Map<string, Draws>();

  constructor(seed: string | number) {
    this.seed = String(seed);
  }

  /** The stream of that name: `seedrandom.alea(seed + '/' + name)`, made when first asked for. */
  stream(name: string): Draws {
    const known = this.streams.get(name);
    if (known !== undefined) return known;
    const base = this.streams.size * NUMBERS;
    if (base === this.store.numbers.length) {
      const wider = new Float64Array(2 * base);
      wider.set(this.store.numbers);
      this.store.numbers = wider;
    }
    this.reseed(name, base);
    const draws = new Draws(name, this.store, base);
    this.streams.set(name, draws);
    return draws;
  }

  /**
   * From here on every stream gives other numbers, the same for the same salt: another future of the
   * same past. A restore ends it.
   */
  refresh(salt: string): void {
    this.salt = `${salt}/`;
    let at = 0;
    for (const name of this.streams.keys()) this.reseed(name, NUMBERS * at++);
  }

  save(): StreamsState {
    const names = [...this.streams.keys()];
    return { names, numbers: this.store.numbers.slice(0, NUMBERS * names.length) };
  }

  /** Streams that the save does not know go back to their seeds: whoever holds one may keep it. */
  restore(state: StreamsState): void {
    const { names, numbers } = state;
    this.salt = '';
    let at = 0;
    for (const name of this.streams.keys()) {
      if (at >= names.length || name !== names[at]) this.reseed(name, at * NUMBERS);
      at++;
    }
    names.forEach((name, index) => {
      const from = index * NUMBERS;
      // First the stream, since making it may replace the store's array.
      const { base } = this.stream(name);
      this.store.numbers.set(numbers.subarray(from, from + NUMBERS), base);
    });
  }

  private reseed(name: string, base: number): void {
    const generator = seedrandom.alea(`${this.seed}/${this.salt}${name}`, { state: true });
    const { s0, s1, s2, c } = generator.state() as unknown as AleaState;
    this.store.numbers.set([s0, s1, s2, c], base);
  }
}
