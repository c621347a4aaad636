/** Compares the checker with the brute force on random histories; used by a test and a proof. */
import seedrandom from 'seedrandom';
import { Budget } from '../../../../sim/check/linearizability/budget.ts';
import { checkHistory } from '../../../../sim/check/linearizability/check.ts';
import { judgeQuickly } from '../../../../sim/check/linearizability/judge.ts';
import { createModel } from '../../../../sim/check/linearizability/models/index.ts';
import type { Operation } from '../../../../sim/check/linearizability/operation.ts';
import { cutHistory, forget } from '../../../../sim/check/linearizability/operation.ts';
import { partsOf } from '../../../../sim/check/linearizability/parts.ts';
import type { Finding } from '../../../../sim/check/linearizability/verdict.ts';
import { hasOrder } from './brute-force.ts';
import type { Random, Subject } from './random-history.ts';
import { randomHistory } from './random-history.ts';

export interface Agreement {
  readonly histories: number;
  readonly ordered: number;
  /** Parts of histories that the fast path judged. */
  readonly fast: number;
  readonly lost: number;
  readonly repeated: number;
  /** What differed, as sentences; empty when all is well. */
  readonly differences: readonly string[];
}

export function randomFrom(seed: string): Random {
  const draw = seedrandom.alea(seed);
  return {
    below: (n) => Math.floor(draw() * n),
    chance: (probability) => draw() < probability,
    pick: (list) => list[Math.floor(draw() * list.length)]!,
  };
}

/** A third with unique values, a third with repeated ones, a third with unknown outcomes. */
export function compare(subject: Subject, histories: number, seed: string): Agreement {
  const random = randomFrom(`${seed}/${subject.model}`);
  const model = createModel(subject.model)!;
  const differences: string[] = [];
  let ordered = 0;
  let fast = 0;
  let lost = 0;
  let repeated = 0;
  for (let i = 0; i < histories && differences.length < 5; i++) {
    const shape = {
      size: 2 + random.below(5),
      repeated: i % 3 === 1 || (i % 3 === 2 && random.chance(0.5)),
      lost: i % 3 === 2,
    };
    const operations = randomHistory(subject, random, shape);
    if (operations.some(({ outcome }) => outcome === 'unknown')) lost++;
    if (shape.repeated) repeated++;
    // Parts that share no object do not concern each other.
    const parts = partsOf(model, operations);
    const truth = parts.every((part) => hasOrder(part.operations, () => subject.create()));
    if (truth) ordered++;
    for (const part of parts) {
      if (judgeQuickly(model, part.operations) !== undefined) fast++;
    }
    for (const searchOnly of [false, true]) {
      const verdict = checkHistory(operations, model, new Budget(), { searchOnly });
      if ((verdict.verdict === 'pass') !== truth) {
        const how = searchOnly ? 'search' : 'all';
        differences.push(`${how} says ${verdict.verdict}: ${JSON.stringify(operations)}`);
      }
      for (const finding of verdict.findings) {
        const part = parts.find(({ keys }) => keys[0] === finding.keys[0])!;
        const wrong = wrongFinding(subject, part.operations, finding);
        if (wrong !== undefined) differences.push(`${wrong}: ${JSON.stringify(operations)}`);
      }
    }
  }
  return { histories, ordered, fast, lost, repeated, differences };
}

/** What a finding claims, checked by brute force. */
function wrongFinding(
  subject: Subject,
  part: readonly Operation[],
  { brokenAt, orderedUpTo, involved, minimal }: Finding,
): string | undefined {
  const ordered = (some: readonly Operation[]): boolean => hasOrder(some, () => subject.create());
  const prefix = cutHistory(part, brokenAt);
  if (ordered(prefix)) return 'the shortest prefix has an order';
  if (!ordered(cutHistory(part, orderedUpTo))) return 'the longest prefix has none';
  const weaken = (kept: ReadonlySet<number>): Operation[] =>
    prefix.map((one) => (kept.has(one.id) ? one : forget(one)));
  const kept = new Set(involved.map(({ id }) => id));
  if (ordered(weaken(kept))) return 'the contradiction is none';
  for (const id of minimal ? kept : []) {
    const fewer = new Set(kept);
    fewer.delete(id);
    if (!ordered(weaken(fewer))) return `the contradiction does not need ${id}`;
  }
  return minimal ? undefined : 'the contradiction should be minimal';
}
