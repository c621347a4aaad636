/** Judges one part of a history: by what is impossible in any order, the fast path, the search. */
import type { Budget, Limit } from './budget.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';
import { judgeFast } from './fast/judge-fast.ts';
import { hasWitness } from './fast/witness.ts';
import { layOut } from './problem.ts';
import type { SearchResult } from './search.ts';
import { search } from './search.ts';
import type { Judgement, Method } from './verdict.ts';

export interface PartJudgement {
  readonly verdict: Judgement;
  readonly method: Method;
  /** Of a failure: a sentence without its full stop. */
  readonly reason?: string;
  /** Operations that show the failure, where the method names them. */
  readonly culprits?: readonly number[];
  /** Of a search. */
  readonly result?: SearchResult;
  /** What ended the search. */
  readonly limit?: Limit;
}

export interface JudgeOptions {
  /** Leaves out all but the search; to test one against the other. */
  readonly searchOnly?: boolean;
  /** False: only the verdict is wanted, not why. */
  readonly explain?: boolean;
  /** Operations that were recorded as failed: they cannot explain an answer, but may be to blame. */
  readonly failed?: readonly Operation[];
}

/** Operations of the fast path that count as a step: what is long is not explained at length. */
const OPERATIONS_PER_STEP = 2;

/** Judges operations that belong together, in order of `call`. */
export function judgePart(
  model: Model,
  operations: readonly Operation[],
  budget: Budget,
  options: JudgeOptions = {},
): PartJudgement {
  if (options.searchOnly !== true) {
    budget.spend(Math.ceil(operations.length / OPERATIONS_PER_STEP));
    const quick = judgeQuickly(model, operations);
    if (quick !== undefined) return quick;
  }
  return judgeBySearch(model, operations, budget);
}

/** Judges without a search; undefined when that is not possible. */
export function judgeQuickly(
  model: Model,
  operations: readonly Operation[],
): PartJudgement | undefined {
  const fast = judgeFast(model, operations);
  if (fast.outcome === 'ordered') return { verdict: 'pass', method: 'fast' };
  if (fast.outcome === 'impossible') {
    const { reason, culprits } = fast;
    return { verdict: 'fail', method: 'fast', reason, culprits };
  }
  const impossible = model.impossible?.(operations);
  if (impossible === undefined) {
    return hasWitness(model, operations) ? { verdict: 'pass', method: 'fast' } : undefined;
  }
  const { reason, operations: culprits } = impossible;
  return { verdict: 'fail', method: 'impossible', reason, culprits };
}

export function judgeBySearch(
  model: Model,
  operations: readonly Operation[],
  budget: Budget,
): PartJudgement {
  const result = search(layOut(model, operations), budget);
  if (result.outcome === 'ordered') return { verdict: 'pass', method: 'search', result };
  if (result.outcome === 'spent') {
    return { verdict: 'unknown', method: 'search', result, limit: budget.limit ?? 'steps' };
  }
  const reason = 'no order of the operations explains the answers';
  return { verdict: 'fail', method: 'search', reason, result };
}
