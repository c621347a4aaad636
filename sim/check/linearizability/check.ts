/**
 * Judges a history: is there one order of its operations, consistent with real time, in which
 * every answer is what the model says? Parts that do not concern each other are judged by
 * themselves; first all without a search, then the rest by growing effort, so that one part that
 * makes the search explode does not hide a failure in another.
 */
import type { Budget } from './budget.ts';
import { contradiction, shortestPrefix } from './explain.ts';
import type { JudgeOptions, PartJudgement } from './judge.ts';
import { judgeBySearch, judgeQuickly } from './judge.ts';
import type { Model } from './model.ts';
import type { Operation, Value } from './operation.ts';
import { cutHistory } from './operation.ts';
import type { Part } from './parts.ts';
import { partsOf } from './parts.ts';
import type { Finding, Method, Verdict, Window } from './verdict.ts';

/** Steps each part may take before the others have had their turn. */
const FIRST_ROUND_STEPS = 50_000;
/** Failures that are explained in full; more are only counted among the findings. */
const EXPLAINED_MAX = 3;
/** Operations shown around a failure. */
const CONTEXT_MAX = 8;
/** What the explanation of a failure may take; it is a courtesy. */
const EXPLAIN_STEPS = 400_000;
const EXPLAIN_BYTES = 64 * 1024 * 1024;
/** Operations for which an order is shown; of more, only the last few would be looked at. */
const WITNESS_MAX = 50_000;

/** Judges operations, which must be in order of `call` with their place as `id`. */
export function checkHistory(
  operations: readonly Operation[],
  model: Model,
  budget: Budget,
  options: JudgeOptions = {},
): Verdict {
  const parts = partsOf(model, operations);
  const judgements: (PartJudgement | undefined)[] = parts.map(() => undefined);
  if (options.searchOnly !== true) {
    for (const [i, part] of parts.entries()) {
      if (budget.spent()) break;
      judgements[i] = judgeQuickly(model, part.operations);
    }
  }
  searchRest(model, parts, judgements, budget);
  const { steps } = budget;
  const methods: Record<Method, number> = { none: 0, impossible: 0, fast: 0, search: 0 };
  const findings: Finding[] = [];
  const failures: Failure[] = [];
  for (const [i, part] of parts.entries()) {
    const judgement = judgements[i] ?? { verdict: 'unknown', method: 'none' };
    methods[judgement.method]++;
    if (judgement.verdict === 'unknown') findings.push(undecided(part, judgement));
    if (judgement.verdict === 'fail') failures.push(failureOf(part, judgement));
  }
  const verdict = failures.length > 0 ? 'fail' : findings.length > 0 ? 'unknown' : 'pass';
  // The earliest failure says most; the others may be its consequences.
  failures.sort((left, right) => left.position - right.position);
  const explained = options.explain === false ? 0 : EXPLAINED_MAX;
  failures.forEach((failure, place) => {
    const finding = explain(model, failure, budget, place < explained);
    findings.push(blame(finding, options.failed ?? []));
  });
  findings.sort((left, right) => rank(left) - rank(right) || left.brokenAt - right.brokenAt);
  const unknown = operations.filter(({ outcome }) => outcome === 'unknown').length;
  return {
    verdict,
    model: model.name,
    operations: operations.length,
    unknown,
    parts: parts.length,
    methods,
    steps,
    ...(verdict === 'unknown' ? { limit: budget.limit ?? findings[0]?.limit ?? 'steps' } : {}),
    findings,
  };
}

/** Two rounds: little for everyone, then what is left for one after the other. */
function searchRest(
  model: Model,
  parts: readonly Part[],
  judgements: (PartJudgement | undefined)[],
  budget: Budget,
): void {
  const open = parts.map((_, i) => i).filter((i) => judgements[i] === undefined);
  const rounds = open.length > 1 ? [FIRST_ROUND_STEPS, Infinity] : [Infinity];
  for (const steps of rounds) {
    for (const i of open) {
      if (judgements[i] !== undefined && judgements[i].verdict !== 'unknown') continue;
      if (budget.spent()) return;
      judgements[i] = judgeBySearch(model, parts[i]!.operations, budget.part(steps));
    }
  }
}

function rank({ verdict }: Finding): number {
  return verdict === 'fail' ? 0 : 1;
}

/** What is known of a part that could not be judged. */
function undecided(part: Part, { method, result, limit }: PartJudgement): Finding {
  const position = result?.position ?? 0;
  const settled = new Set(result?.order.slice(0, result.settled));
  const operations = part.operations.filter(
    (operation) =>
      operation.call <= position && operation.outcome !== 'unknown' && !settled.has(operation),
  );
  return {
    verdict: 'unknown',
    method,
    keys: part.keys,
    reason: 'the budget ended before an order was found or ruled out',
    orderedUpTo: lastRecordBefore(part.operations, position),
    brokenAt: -1,
    earliest: false,
    order: result?.order ?? [],
    involved: [],
    minimal: false,
    ...(limit === undefined ? {} : { limit }),
    context: [],
    window: spanOf(operations, position),
  };
}

interface Failure {
  readonly part: Part;
  readonly judgement: PartJudgement;
  /** Operations that show it, where the method names them. */
  readonly shown: readonly Operation[];
  /** Where it was noticed. */
  readonly position: number;
}

function failureOf(part: Part, judgement: PartJudgement): Failure {
  const named = new Set(judgement.culprits);
  const shown = part.operations.filter(({ id }) => named.has(id));
  const position = Math.max(judgement.result?.position ?? -1, ...shown.map(lastKnown));
  return { part, judgement, shown, position };
}

function explain(
  model: Model,
  { part, judgement, shown, position }: Failure,
  budget: Budget,
  thorough: boolean,
): Finding {
  const { method, reason, result } = judgement;
  const named = new Set(judgement.culprits);
  const base = { verdict: 'fail', method, keys: part.keys, reason: reason! } as const;
  if (!thorough || budget.spent()) {
    return {
      ...base,
      orderedUpTo: result === undefined ? -1 : lastRecordBefore(part.operations, position),
      brokenAt: position,
      earliest: false,
      order: result?.order ?? [],
      involved: shown,
      minimal: false,
      context: contextOf(part.operations, shown, position),
      window: spanOf(shown, position),
    };
  }
  const effort = budget.part(EXPLAIN_STEPS, EXPLAIN_BYTES);
  const prefix = shortestPrefix(model, part.operations, result?.position ?? 0, position, effort);
  const operations = cutHistory(part.operations, prefix.brokenAt);
  const suspects = operations.filter(({ id }) => named.has(id));
  const found = contradiction(model, operations, suspects, effort);
  const ordered = cutHistory(part.operations, prefix.orderedUpTo);
  const witness =
    ordered.length <= WITNESS_MAX
      ? judgeBySearch(model, ordered, budget.part(EXPLAIN_STEPS, EXPLAIN_BYTES)).result
      : undefined;
  return {
    ...base,
    // Why the contradiction is one says more than why the whole history is.
    reason: found.reason === '' ? reason! : found.reason,
    ...prefix,
    order: witness?.outcome === 'ordered' ? witness.order : (result?.order ?? []),
    involved: found.operations,
    minimal: found.minimal,
    context: contextOf(operations, found.operations, prefix.brokenAt),
    window: spanOf(found.operations, prefix.brokenAt),
  };
}

/** Names an operation that was recorded as failed when somebody saw what it would have written. */
function blame(finding: Finding, failed: readonly Operation[]): Finding {
  if (failed.length === 0) return finding;
  const seen = new Set<string>();
  for (const { key, output } of finding.involved) {
    if (output !== null) seen.add(`${key} ${JSON.stringify(output)}`);
  }
  const culprit = failed.find(({ key, input }) => {
    const value = Array.isArray(input) ? (input as readonly Value[]).at(-1)! : input;
    return seen.has(`${key} ${JSON.stringify(value)}`);
  });
  if (culprit === undefined) return finding;
  const where = culprit.callLine > 0 ? ` in line ${culprit.callLine}` : '';
  const reason = `${finding.reason}, except for a ${culprit.f}${where} that was recorded as failed`;
  return { ...finding, reason };
}

function lastKnown(operation: Operation): number {
  return operation.return < Infinity ? operation.return : operation.call;
}

function lastRecordBefore(operations: readonly Operation[], position: number): number {
  let last = -1;
  for (const { call, return: end } of operations) {
    if (call < position && call > last) last = call;
    if (end < position && end > last) last = end;
  }
  return last;
}

/** Operations that overlap the stretch from the first of `shown` to `to`, without these. */
function contextOf(
  operations: readonly Operation[],
  shown: readonly Operation[],
  to: number,
): Operation[] {
  const { from } = spanOf(shown, to);
  const ids = new Set(shown.map(({ id }) => id));
  const around = operations.filter(
    ({ id, call, return: end }) => !ids.has(id) && call <= to && end >= from && end < Infinity,
  );
  return around.slice(-CONTEXT_MAX);
}

/** The positions from the first call among the operations to `to`. */
function spanOf(operations: readonly Operation[], to: number): Window {
  let from = Math.max(0, to);
  for (const { call } of operations) from = Math.min(from, call);
  return { from, to, operations };
}
