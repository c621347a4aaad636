/** Judges one part of a history: by what is impossible in any order, the fast path, the search. */
import type { Budget } from './budget.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';
import { judgeFast } from './fast/judge-fast.ts';
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
}

export interface JudgeOptions {
  /** Leaves out all but the search; to test one against the other. */
  readonly searchOnly?: boolean;
}

/** Judges operations that belong together, in order of `call`. */
export function judgePart(
  model: Model,
  operations: readonly Operation[],
  budget: Budget,
  options: JudgeOptions = {},
): PartJudgement {
  if (options.searchOnly !== true) {
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
  if (impossible === undefined) return undefined;
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
  if (result.outcome === 'spent') return { verdict: 'unknown', method: 'search', result };
  const reason = 'no order of the operations explains the answers';
  return { verdict: 'fail', method: 'search', reason, result };
}
