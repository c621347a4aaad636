/**
 * The general search: depth first through the orders of a part's operations, an operation being
 * next only if no other had returned before it was called. Configurations that were visited before
 * are not visited again (Wing and Gong 1993, with the memory of Lowe 2017). Operations of unknown
 * outcome are tried only where no other can go on, and need not be used at all.
 */
import type { Budget } from './budget.ts';
import { Configurations } from './configurations.ts';
import type { Operation } from './operation.ts';
import type { Problem } from './problem.ts';

export interface SearchResult {
  /** `spent`: the budget ended first. */
  readonly outcome: 'ordered' | 'impossible' | 'spent';
  /**
   * With `impossible` and `spent`: records before this position were put in order, and of all
   * records tried the one here was the farthest. Infinity when all were put in order.
   */
  readonly position: number;
  /** The order that got there. */
  readonly order: readonly Operation[];
  /** Length of the part of `order` that the search never gave up since it got there. */
  readonly settled: number;
}

/** Steps between two reports to the budget. */
const STEPS_PER_REPORT = 64;
/** A look at an entry of a list takes an eighth of a step. */
const WALKED_PER_STEP_LOG2 = 3;

export function search(problem: Problem, budget: Budget): SearchResult {
  return new Search(problem, budget).run();
}

class Search {
  readonly #problem: Problem;
  readonly #budget: Budget;
  readonly #configurations: Configurations;
  readonly #count: number;
  /**
   * Bit set of ordered operations. `high` is the last word with a bit set, `low` the first that is
   * not full, or `high` when that comes first: equal sets always have equal `low` and `high`.
   */
  readonly #ordered: Int32Array;
  low = 0;
  high = 0;
  /** Operations used of each unknown group, four seven-bit counts to a word. */
  readonly #uses: Int32Array;
  readonly #counts: Uint8Array;
  /** Choices so far: a known operation, or ~group. */
  readonly #choices: Int32Array;
  readonly #statesBefore: Int32Array;
  /** 1 for a choice that has no alternative. */
  readonly #forced: Uint8Array;
  #depth = 0;
  #state: number;
  #remaining: number;
  readonly #best: Int32Array;
  #bestDepth = 0;
  #bestPosition = -1;
  /** Choices that `best` and the current path have in common. */
  #common = 0;

  constructor(problem: Problem, budget: Budget) {
    const count = problem.known.length;
    const groups = problem.unknown.length;
    const depthMax = count + problem.unknown.reduce((sum, { calls }) => sum + calls.length, 0);
    const groupWords = (groups + 3) >>> 2;
    this.#problem = problem;
    this.#budget = budget;
    this.#count = count;
    this.#configurations = new Configurations(budget, groupWords);
    this.#ordered = new Int32Array((count >>> 5) + 1);
    this.#uses = new Int32Array(groupWords);
    this.#counts = new Uint8Array(this.#uses.buffer);
    this.#choices = new Int32Array(depthMax);
    this.#statesBefore = new Int32Array(depthMax);
    this.#forced = new Uint8Array(depthMax);
    this.#best = new Int32Array(depthMax);
    this.#state = problem.transitions.initial();
    this.#remaining = count;
  }

  run(): SearchResult {
    const { next, positions } = this.#problem;
    const head = 2 * this.#count;
    this.#takePure();
    const { low, high } = this;
    this.#configurations.add(this.#ordered, low, high, this.#state, this.#uses);
    let cursor = next[head]!;
    let group = 0;
    let sinceReport = 0;
    while (this.#remaining > 0) {
      const steps = ++sinceReport + (this.#configurations.walked >>> WALKED_PER_STEP_LOG2);
      if (steps >= STEPS_PER_REPORT) {
        sinceReport = 0;
        this.#configurations.walked = 0;
        this.#configurations.otherBytes = this.#problem.transitions.bytes;
        if (this.#budget.spend(steps)) return this.#result('spent');
      }
      const isCall = cursor < this.#count;
      // Otherwise the entry is the return of an operation that is not in the order yet.
      const advanced = isCall
        ? this.#tryKnown(cursor)
        : this.#tryUnknown(group, positions[cursor]!);
      if (this.#configurations.full) return this.#result('spent');
      if (advanced) {
        cursor = next[head]!;
        group = 0;
      } else if (isCall) {
        cursor = next[cursor]!;
      } else {
        this.#noteStuck(positions[cursor]!);
        const undone = this.#undo();
        if (undone === undefined) return this.#result('impossible');
        cursor = undone >= 0 ? next[undone]! : this.#firstReturn();
        group = undone >= 0 ? 0 : ~undone + 1;
      }
    }
    this.#noteStuck(Infinity);
    return this.#result('ordered');
  }

  /** Puts a known operation next if its answer fits the state and the way is new. */
  #tryKnown(operation: number): boolean {
    const { transitions, signatures } = this.#problem;
    const after = transitions.next(this.#state, signatures[operation]!);
    if (after < 0) return false;
    this.#choose(operation, false);
    this.#order(operation);
    this.#state = after;
    return this.#keepIfNew();
  }

  /** Uses an operation of unknown outcome that was called before `position`, from `group` on. */
  #tryUnknown(from: number, position: number): boolean {
    const { unknown, transitions } = this.#problem;
    for (let group = from; group < unknown.length; group++) {
      const { calls, signature } = unknown[group]!;
      const used = this.#counts[group]!;
      if (used === calls.length || calls[used]! > position) continue;
      const after = transitions.next(this.#state, signature);
      // Without an effect it is as good as not having happened.
      if (after < 0 || after === this.#state) continue;
      this.#choose(~group, false);
      this.#counts[group] = used + 1;
      this.#state = after;
      if (this.#keepIfNew()) return true;
    }
    return false;
  }

  #keepIfNew(): boolean {
    this.#takePure();
    const { low, high } = this;
    if (this.#configurations.add(this.#ordered, low, high, this.#state, this.#uses)) return true;
    this.#undo();
    return false;
  }

  /**
   * Operations that change nothing and may be next are put next at once: an order in which one of
   * them comes later stays an order when it is moved to here. There is no need to try otherwise.
   */
  #takePure(): void {
    const { next, transitions, signatures, pure } = this.#problem;
    for (let entry = next[2 * this.#count]!; entry < this.#count; entry = next[entry]!) {
      if (pure[entry] === 0) continue;
      if (transitions.next(this.#state, signatures[entry]!) !== this.#state) continue;
      this.#choose(entry, true);
      this.#order(entry);
    }
  }

  #choose(choice: number, forced: boolean): void {
    this.#choices[this.#depth] = choice;
    this.#forced[this.#depth] = forced ? 1 : 0;
    this.#statesBefore[this.#depth] = this.#state;
    this.#depth++;
  }

  /** Takes the last choice back and returns it; undefined when there was none. */
  #undo(): number | undefined {
    while (this.#depth > 0) {
      const depth = --this.#depth;
      const choice = this.#choices[depth]!;
      this.#state = this.#statesBefore[depth]!;
      if (choice >= 0) this.#reopen(choice);
      else this.#counts[~choice]!--;
      if (this.#forced[depth] === 1) continue;
      this.#common = Math.min(this.#common, depth);
      return choice;
    }
    this.#common = 0;
    return undefined;
  }

  #order(operation: number): void {
    this.#mark(operation);
    this.#lift(operation);
    this.#remaining--;
  }

  #reopen(operation: number): void {
    this.#unlift(operation);
    this.#unmark(operation);
    this.#remaining++;
  }

  #mark(operation: number): void {
    const word = operation >>> 5;
    this.#ordered[word]! |= 1 << (operation & 31);
    if (word > this.high) this.high = word;
    while (this.low < this.high && this.#ordered[this.low] === -1) this.low++;
  }

  #unmark(operation: number): void {
    const word = operation >>> 5;
    this.#ordered[word]! &= ~(1 << (operation & 31));
    while (this.high > 0 && this.#ordered[this.high] === 0) this.high--;
    this.low = Math.min(this.low, word, this.high);
  }

  /** Removes an operation's call and return from the list. */
  #lift(operation: number): void {
    const { next, previous } = this.#problem;
    next[previous[operation]!] = next[operation]!;
    previous[next[operation]!] = previous[operation]!;
    const end = operation + this.#count;
    next[previous[end]!] = next[end]!;
    previous[next[end]!] = previous[end]!;
  }

  #unlift(operation: number): void {
    const { next, previous } = this.#problem;
    const end = operation + this.#count;
    next[previous[end]!] = end;
    previous[next[end]!] = end;
    next[previous[operation]!] = operation;
    previous[next[operation]!] = operation;
  }

  #firstReturn(): number {
    const { next } = this.#problem;
    let entry = next[2 * this.#count]!;
    while (entry < this.#count) entry = next[entry]!;
    return entry;
  }

  /** Keeps the path when it is the first to get as far as `position`. */
  #noteStuck(position: number): void {
    if (position <= this.#bestPosition) return;
    for (let i = this.#common; i < this.#depth; i++) this.#best[i] = this.#choices[i]!;
    this.#bestPosition = position;
    this.#bestDepth = this.#depth;
    this.#common = this.#depth;
  }

  #result(outcome: SearchResult['outcome']): SearchResult {
    if (outcome === 'spent') this.#noteStuck(this.#problem.positions[this.#firstReturn()]!);
    const used = new Int32Array(this.#problem.unknown.length);
    const order: Operation[] = [];
    for (let i = 0; i < this.#bestDepth; i++) {
      const choice = this.#best[i]!;
      if (choice >= 0) order.push(this.#problem.known[choice]!);
      else order.push(this.#problem.unknown[~choice]!.operations[used[~choice]!++]!);
    }
    return { outcome, position: this.#bestPosition, order, settled: this.#common };
  }
}
