/**
 * Writes of unknown outcome that are put where the log has them: an order found that way is one of the
 * history as clients know it, whatever the brute force thinks, and it is found without a search.
 */
import { describe, expect, test } from 'vitest';
import { judgeQuickly } from '../../../sim/check/linearizability/judge.ts';
import { createModel } from '../../../sim/check/linearizability/models/index.ts';
import type { Operation } from '../../../sim/check/linearizability/operation.ts';
import { partsOf } from '../../../sim/check/linearizability/parts.ts';
import { randomFrom } from './reference/agreement.ts';
import { hasOrder } from './reference/brute-force.ts';
import { ConsulThing } from './reference/consul.ts';
import type { Random, Subject } from './reference/random-history.ts';
import { randomHistory } from './reference/random-history.ts';
import { SUBJECTS } from './reference/subjects.ts';

const model = createModel('consul-kv')!;
const HISTORIES = 600;
const subjects = SUBJECTS.filter(({ model: name }) => name === 'consul-kv');

interface Counts {
  histories: number;
  lost: number;
  /** Parts of true histories, and those left to the search, with the places and without. */
  parts: number;
  placed: number;
  plain: number;
  readonly wrong: string[];
}

/** As a check of a run does it: what the log has gets its index, the rest has never happened. */
function place(
  operations: readonly Operation[],
  truths: ReadonlyMap<number, Partial<Operation>>,
): Operation[] {
  const placed = operations.flatMap((operation) => {
    if (operation.outcome !== 'unknown') return [operation];
    const truth = truths.get(operation.call);
    if (truth === undefined || truth.outcome !== 'ok' || !truth.index) return [];
    return [{ ...operation, outcome: 'ok' as const, index: truth.index }];
  });
  return placed.map((operation, id) => ({ ...operation, id }));
}

function ordered(operations: readonly Operation[]): boolean {
  return partsOf(model, operations).every((part) =>
    hasOrder(part.operations, () => new ConsulThing()),
  );
}

function passing(operations: readonly Operation[]): { passed: number; parts: number } {
  const parts = partsOf(model, operations);
  const passed = parts.filter((part) => judgeQuickly(model, part.operations)?.verdict === 'pass');
  return { passed: passed.length, parts: parts.length };
}

/** One answer of another state than it was. */
function falsified(operations: readonly Operation[], random: Random): Operation[] {
  const reads = operations.filter(({ f, outcome }) => f === 'get' && outcome === 'ok');
  if (reads.length === 0) return [...operations];
  const target = random.pick(reads);
  const donor = random.pick(reads);
  return operations.map((one) =>
    one === target ? { ...one, output: donor.output, index: donor.index } : one,
  );
}

function sweep(subject: Subject, seed: string): Counts {
  const random = randomFrom(seed);
  const counts: Counts = { histories: 0, lost: 0, parts: 0, placed: 0, plain: 0, wrong: [] };
  for (; counts.histories < HISTORIES; counts.histories++) {
    const truths = new Map<number, Partial<Operation>>();
    const shape = { size: 3 + random.below(4), repeated: false, lost: true };
    const history = randomHistory(subject, random, shape, truths);
    if (history.some(({ outcome }) => outcome === 'unknown')) counts.lost++;
    const told = random.chance(0.5) ? falsified(history, random) : history;
    const { passed, parts } = passing(place(told, truths));
    if (passed === parts && !ordered(told)) counts.wrong.push(JSON.stringify(told));
    if (told !== history) continue;
    counts.parts += parts;
    counts.placed += parts - passed;
    const plain = passing(history);
    counts.plain += plain.parts - plain.passed;
  }
  return counts;
}

describe.each(
  subjects.map((subject) => [subject.title ?? 'consul-kv, all verbs', subject] as const),
)('%s', (title, subject) => {
  const counts = sweep(subject, `placed ${title}`);

  test('what is ordered with the places has an order without them', () => {
    expect(counts.wrong).toEqual([]);
    expect(counts.lost).toBeGreaterThan(HISTORIES / 4);
  });

  test('nearly all true histories are judged at once, more than without the places', () => {
    expect(counts.placed / counts.parts).toBeLessThan(0.1);
    expect(counts.placed).toBeLessThan(counts.plain);
  });
});
