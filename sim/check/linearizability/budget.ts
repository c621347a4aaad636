/**
 * How long and how much a check may take. The clock comes from outside: nothing in this folder
 * may read the time, so that a check inside a run is limited by steps and stays deterministic.
 */

export type Limit = 'time' | 'memory' | 'steps';

export interface BudgetOptions {
  /** Seconds, measured with `now`. */
  readonly seconds?: number;
  /** Bytes of the tables a search fills, 1 GiB by default; the history itself is not counted. */
  readonly bytes?: number;
  /** Steps of searches: operations tried, each around a tenth of a microsecond. */
  readonly steps?: number;
  /** Seconds since any fixed moment. Without it, `seconds` has no effect. */
  readonly now?: () => number;
  /** Bytes in use by whoever runs the check: what grows beyond `bytes` from here ends it too. */
  readonly residentBytes?: () => number;
}

/** Steps between two looks at the clock: some 50 microseconds of search. */
const STEPS_PER_LOOK = 512;
/** Looks at the clock between two looks at the memory, which cost more. */
const LOOKS_PER_WEIGHING = 2;

const BYTES_DEFAULT = 1024 * 1024 * 1024;

export class Budget {
  readonly bytes: number;
  readonly #now: (() => number) | undefined;
  readonly #deadline: number;
  readonly #resident: (() => number) | undefined;
  readonly #residentMax: number;
  readonly #stepsMax: number;
  readonly #parent: Budget | undefined;
  #steps = 0;
  #stepsAtLook = 0;
  #looks = 0;
  #limit: Limit | undefined = undefined;

  constructor(options: BudgetOptions = {}, parent?: Budget) {
    this.bytes = options.bytes ?? BYTES_DEFAULT;
    this.#now = options.now;
    this.#resident = options.residentBytes;
    this.#residentMax = this.bytes + (options.residentBytes?.() ?? 0);
    this.#parent = parent;
    this.#stepsMax = options.steps ?? Infinity;
    this.#deadline =
      options.now === undefined || options.seconds === undefined
        ? Infinity
        : options.now() + options.seconds;
  }

  /** A part of this budget with limits of its own; the steps it spends, this one spends. */
  part(steps: number, bytes = Infinity): Budget {
    return new Budget({ bytes: Math.min(bytes, this.bytes), steps }, this);
  }

  /** Which limit was reached, if any. */
  get limit(): Limit | undefined {
    return this.#limit ?? this.#parent?.limit;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Counts `steps` and returns whether the budget is spent. */
  spend(steps: number): boolean {
    this.#steps += steps;
    if (this.#steps >= this.#stepsMax) this.#limit ??= 'steps';
    if (this.#steps - this.#stepsAtLook >= STEPS_PER_LOOK) {
      this.#stepsAtLook = this.#steps;
      this.#look();
    }
    const parentSpent = this.#parent?.spend(steps) ?? false;
    return parentSpent || this.#limit !== undefined;
  }

  /** Looks at the clock now; for places that do much between two steps. */
  spent(): boolean {
    this.#look();
    return (this.#parent?.spent() ?? false) || this.#limit !== undefined;
  }

  /** Notes that `bytes` are or would be in use; false, and spent, when that is too much. */
  allows(bytes: number): boolean {
    if (bytes > this.bytes) this.#limit ??= 'memory';
    return bytes <= this.bytes;
  }

  #look(): void {
    if (this.#now !== undefined && this.#now() >= this.#deadline) this.#limit ??= 'time';
    if (this.#resident === undefined || this.#looks++ % LOOKS_PER_WEIGHING !== 0) return;
    if (this.#resident() > this.#residentMax) this.#limit ??= 'memory';
  }
}
