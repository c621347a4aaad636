/**
 * The model's steps with states and operations as small integers: a state is interned by its
 * identity, an operation by its signature, and each pair is asked of the model once.
 */
import type { Budget } from './budget.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';

/** Answer of `next` when the operation's result is impossible in that state. */
export const IMPOSSIBLE = -1;
const NOT_ASKED = -2;

/** Signatures beyond which a table of all pairs is not worth its memory. */
const TABLE_SIGNATURES_MAX = 256;
/** What an interned state is taken to occupy besides its table row. */
const STATE_BYTES = 160;

export class Transitions {
  readonly #model: Model;
  readonly #representatives: readonly Operation[];
  readonly #states: unknown[] = [];
  readonly #numbers = new Map<string | number, number>();
  readonly #rows: Int32Array[] = [];
  readonly #tabled: boolean;
  /** Bytes in use, by a rough count. */
  bytes = 0;

  /** @param representatives one operation for each signature number */
  constructor(model: Model, representatives: readonly Operation[]) {
    this.#model = model;
    this.#representatives = representatives;
    this.#tabled = representatives.length <= TABLE_SIGNATURES_MAX;
  }

  initial(): number {
    return this.#intern(this.#model.initial());
  }

  /** Number of the state after an operation of that signature, or IMPOSSIBLE. */
  next(state: number, signature: number): number {
    if (!this.#tabled) return this.#ask(state, signature);
    const row = this.#rows[state]!;
    const known = row[signature]!;
    if (known !== NOT_ASKED) return known;
    return (row[signature] = this.#ask(state, signature));
  }

  stateOf(number: number): unknown {
    return this.#states[number];
  }

  /** False when the states alone have outgrown the budget. */
  within(budget: Budget): boolean {
    return budget.allows(this.bytes);
  }

  #ask(state: number, signature: number): number {
    const before = this.#states[state];
    const after = this.#model.step(before, this.#representatives[signature]!);
    if (after === undefined) return IMPOSSIBLE;
    return after === before ? state : this.#intern(after);
  }

  #intern(state: unknown): number {
    const identity = this.#model.identity(state);
    const known = this.#numbers.get(identity);
    if (known !== undefined) return known;
    const number = this.#states.length;
    this.#states.push(state);
    this.#numbers.set(identity, number);
    this.bytes += STATE_BYTES + (typeof identity === 'string' ? 4 * identity.length : 0);
    if (this.#tabled) {
      this.#rows.push(new Int32Array(this.#representatives.length).fill(NOT_ASKED));
      this.bytes += 4 * this.#representatives.length;
    }
    return number;
  }
}
