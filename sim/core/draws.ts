/**
 * Named streams of random numbers: seedrandom's alea, one stream per process and purpose, so that a
 * new draw in one place never shifts another. All states lie in one array (see the speed guide:
 * closures scatter them over the heap); the numbers are bit-identical to the library's.
 */
import seedrandom from 'seedrandom';
import type { Sampler } from './distribution.ts';

const TWO_MINUS_32 = 2.3283064365386963e-10;
const MULTIPLIER = 2091639;

export interface StreamsState {
  readonly names: readonly string[];
  readonly numbers: Float64Array;
}

/** Where the numbers of all streams lie; replaced when it grows. */
interface Store {
  numbers: Float64Array;
}

export class Draws {
  readonly name: string;
  private readonly store: Store;
  private readonly base: number;

  constructor(name: string, store: Store, base: number) {
    this.name = name;
    this.store = store;
    this.base = base;
  }

  /** Uniform in [0, 1). */
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

  /** Integer in [0, n); consumes one draw, for n = 1 too. */
  below(n: number): number {
    return Math.floor(this.unit() * n);
  }

  /** Integer in [low, high); `low` when there is nothing between. */
  between(low: number, high: number): number {
    return low + this.below(Math.max(1, high - low));
  }

  /** Consumes one draw whatever p is. */
  chance(p: number): boolean {
    return this.unit() < p;
  }

  bits32(): number {
    return (this.unit() * 4_294_967_296) | 0;
  }

  /** Fisher-Yates, in place. */
  shuffle(array: unknown[]): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = array[i];
      array[i] = array[j];
      array[j] = kept;
    }
  }

  pick<T>(array: readonly T[]): T {
    return array[this.below(array.length)];
  }

  /** Integer microseconds; a constant consumes no draw. */
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

export class Streams {
  private readonly seed: string;
  private readonly store: Store = { numbers: new Float64Array(64) };
  private readonly streams = new Map<string, Draws>();

  constructor(seed: string | number) {
    this.seed = String(seed);
  }

  /** The stream of that name; made, and seeded from the run's seed and the name, when first asked. */
  stream(name: string): Draws {
    const known = this.streams.get(name);
    if (known !== undefined) return known;
    const base = this.streams.size * 4;
    if (base + 4 > this.store.numbers.length) {
      const wider = new Float64Array(this.store.numbers.length * 2);
      wider.set(this.store.numbers);
      this.store.numbers = wider;
    }
    this.seedStream(name, base);
    const draws = new Draws(name, this.store, base);
    this.streams.set(name, draws);
    return draws;
  }

  private seedStream(name: string, base: number): void {
    const generator = seedrandom.alea(`${this.seed}/${name}`, { state: true });
    const { c, s0, s1, s2 } = generator.state() as unknown as AleaState;
    this.store.numbers.set([s0, s1, s2, c], base);
  }

  save(): StreamsState {
    return { names: [...this.streams.keys()], numbers: this.store.numbers.slice() };
  }

  /** Streams made since the save go back to their seeds. */
  restore(state: StreamsState): void {
    let index = 0;
    for (const name of this.streams.keys()) {
      if (index >= state.names.length) this.seedStream(name, index * 4);
      index++;
    }
    const saved = state.names.length * 4;
    this.store.numbers.set(state.numbers.subarray(0, saved), 0);
  }
}
