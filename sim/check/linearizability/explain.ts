/**
 * Makes a failure small enough to look at: the earliest record with which no order is left, and
 * of the operations up to there those that contradict each other.
 */
import type { Budget } from './budget.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';
import { cutHistory, forget } from './operation.ts';
import { judgePart } from './judge.ts';

export interface Prefix {
  /** Position of the last record of the shortest prefix that has no order. */
  readonly brokenAt: number;
  /** Position of the last record of the longest prefix known to have one; -1 for none. */
  readonly orderedUpTo: number;
  /** True when nothing lies between the two. */
  readonly earliest: boolean;
}

/**
 * Finds the shortest prefix without an order by bisection: a prefix of an orderable history is
 * orderable, so the answer changes once.
 *
 * @param orderable a position before which all records are known to have an order
 * @param suspect a position at which there probably is none any more; -1: not known
 */
export function shortestPrefix(
  model: Model,
  operations: readonly Operation[],
  orderable: number,
  suspect: number,
  budget: Budget,
): Prefix {
  // Only an answer can contradict what came before.
  const ends = operations
    .filter((operation) => operation.return < Infinity)
    .map((operation) => operation.return)
    .sort((left, right) => left - right);
  let low = Math.max(
    0,
    ends.findIndex((end) => end >= orderable),
  );
  let high = ends.length - 1;
  let earliest = true;
  const suspected = ends.findIndex((end) => end >= suspect);
  if (suspect > orderable && suspected < high) {
    const { verdict } = judgePart(model, cutHistory(operations, ends[suspected]!), budget);
    if (verdict === 'fail') high = suspected;
  }
  // Where a search got stuck is nearly always the place; from there the steps double.
  let step = orderable > 0 ? 1 : Infinity;
  while (low < high) {
    const guess = step === Infinity ? (low + high) >>> 1 : Math.min(high - 1, low + step - 1);
    if (budget.spent()) {
      earliest = false;
      break;
    }
    const { verdict } = judgePart(model, cutHistory(operations, ends[guess]!), budget);
    if (verdict === 'unknown') {
      earliest = false;
      break;
    }
    if (verdict === 'fail') {
      high = guess;
      step = Infinity;
    } else {
      low = guess + 1;
      step *= 2;
    }
  }
  const brokenAt = ends[high]!;
  const orderedUpTo = earliest ? lastBefore(operations, brokenAt) : (ends[low - 1] ?? -1);
  return { brokenAt, orderedUpTo, earliest };
}

/** Position of the last record before `position`; -1 for none. */
function lastBefore(operations: readonly Operation[], position: number): number {
  let last = -1;
  for (const { call, return: end } of operations) {
    if (call < position && call > last) last = call;
    if (end < position && end > last) last = end;
  }
  return last;
}

export interface Contradiction {
  readonly operations: readonly Operation[];
  /** Weakening any one of them would leave an order. */
  readonly minimal: boolean;
  /** Why it is a contradiction: a sentence without its full stop; empty when only a search knows. */
  readonly reason: string;
}

/**
 * Operations that contradict each other, from a prefix without an order. An operation does not
 * belong to them when there is no order even if its answer is forgotten: a read is then left out,
 * a write may happen at any later time or never. Weaker demands are met by more orders, so each
 * step is sound, and what is left is a contradiction in itself.
 *
 * @param suspects operations to try first: often nothing else is needed
 */
export function contradiction(
  model: Model,
  prefix: readonly Operation[],
  suspects: readonly Operation[],
  budget: Budget,
): Contradiction {
  const shrinking = new Shrinking(model, prefix, budget);
  if (suspects.length > 0) shrinking.tryKeeping(suspects);
  // Oldest first, in halving groups: the contradiction usually lies at the end.
  const half = Math.max(1, shrinking.kept.size >>> 1);
  for (let size = half; size >= 1 && shrinking.open; size >>>= 1) {
    const candidates = prefix.filter((operation) => shrinking.kept.has(operation));
    for (let from = 0; from < candidates.length && shrinking.open; from += size) {
      shrinking.tryWithout(candidates.slice(from, from + size));
    }
  }
  return shrinking.result();
}

class Shrinking {
  readonly #model: Model;
  readonly #prefix: readonly Operation[];
  readonly #budget: Budget;
  kept: Set<Operation>;
  #minimal = true;
  #reason = '';

  constructor(model: Model, prefix: readonly Operation[], budget: Budget) {
    this.#model = model;
    this.#prefix = prefix;
    this.#budget = budget;
    this.kept = new Set(prefix.filter(({ outcome }) => outcome !== 'unknown'));
  }

  /** False once the budget is spent. */
  get open(): boolean {
    return !this.#budget.spent();
  }

  tryKeeping(operations: readonly Operation[]): void {
    const before = this.kept;
    this.kept = new Set(operations.filter((operation) => before.has(operation)));
    if (!this.#fails()) this.kept = before;
  }

  tryWithout(operations: readonly Operation[]): void {
    for (const operation of operations) this.kept.delete(operation);
    if (this.#fails()) return;
    for (const operation of operations) this.kept.add(operation);
  }

  result(): Contradiction {
    const operations = this.#prefix.filter((operation) => this.kept.has(operation));
    const minimal = this.#minimal && this.open;
    return { operations, minimal, reason: this.#reason };
  }

  /** Whether what is kept still has no order when the rest is forgotten. */
  #fails(): boolean {
    const weakened = this.#prefix.map((one) => (this.kept.has(one) ? one : forget(one)));
    const { verdict, reason, method } = judgePart(this.#model, weakened, this.#budget);
    if (verdict === 'fail') this.#reason = method === 'search' ? '' : reason!;
    if (verdict === 'unknown') this.#minimal = false;
    return verdict === 'fail';
  }
}
