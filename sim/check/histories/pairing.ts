/** Pairs invocations with their completions and makes operations of them. */
import type { Operation, Outcome, Value } from '../linearizability/operation.ts';
import { createOperation } from '../linearizability/operation.ts';
import type { HistoryRecord, Problem } from './record.ts';

/**
 * What a `fail` without an error means: that a condition did not hold, which says something about
 * the state, or only that the operation did not happen, as Jepsen's checkers take it.
 */
export type FailMeaning = 'refused' | 'nothing';

export interface Pairs {
  /** In order of their invocations, with `id` equal to the place. */
  readonly operations: Operation[];
  /** Operations that certainly did not happen. */
  readonly failed: Operation[];
  readonly problems: Problem[];
}

/** What our own recorder notes when a comparison did not hold. */
const MISMATCH = 'cas: index mismatch';
/** Verbs whose failure can mean that a condition did not hold. */
const CONDITIONAL = new Set(
  'cas delete-cas acquire release dequeue txn add remove session-renew write'.split(' '),
);
/** Verbs whose completion carries an answer; others repeat their argument. */
const ANSWERING = new Set('read get r dequeue txn add-and-get get-tree holder'.split(' '));

export function pairRecords(records: readonly HistoryRecord[], meaning: FailMeaning): Pairs {
  const open = new Map<string, number>();
  const problems: Problem[] = [];
  const operations: (Operation | undefined)[] = [];
  const failed: Operation[] = [];
  const invocations: HistoryRecord[] = [];
  for (const [position, record] of records.entries()) {
    const name = record.op === '' ? `p${record.process}` : `o${record.op}`;
    const place = open.get(name);
    if (record.type === 'invoke') {
      if (place !== undefined) problems.push(stillOpen(record, invocations[place]!));
      open.set(name, operations.length);
      invocations.push(record);
      operations.push(invoked(record, position));
      continue;
    }
    if (place === undefined) {
      // Helpers such as a nemesis note what they do without having invoked it.
      if (record.type === 'info') continue;
      if (record.f !== 'txn') {
        const message = `process ${record.process} completes a ${record.f} it had not invoked`;
        problems.push({ line: record.line, message });
        continue;
      }
      // Recorders of transactions often keep only what was committed.
      invocations.push(record);
      operations.push(completed(invoked(record, position), record, position, 'ok'));
      continue;
    }
    open.delete(name);
    const invocation = invocations[place]!;
    if (record.f !== '' && record.f !== invocation.f) {
      const message = `a ${record.f} completes the ${invocation.f} of line ${invocation.line}`;
      problems.push({ line: record.line, message });
      continue;
    }
    const outcome = outcomeOf(record, invocation, meaning);
    if (outcome === 'failed') {
      failed.push(completed(operations[place]!, record, position, 'refused'));
      operations[place] = undefined;
    } else if (outcome !== 'unknown') {
      operations[place] = completed(operations[place]!, record, position, outcome);
    }
  }
  return { operations: numbered(operations), failed, problems };
}

function stillOpen({ process, line, op }: HistoryRecord, earlier: HistoryRecord): Problem {
  const who = op === '' ? `process ${process}` : `operation ${op}`;
  return { line, message: `${who} is invoked while the one of line ${earlier.line} is open` };
}

function invoked(record: HistoryRecord, position: number): Operation {
  const { process, f, key, value, index, session, mode, timeMicros, line } = record;
  return createOperation({
    process,
    f,
    key,
    input: value,
    outcome: 'unknown',
    call: position,
    expected: record.op === '' && index === 0 ? -1 : index,
    session,
    mode,
    callMicros: timeMicros,
    callLine: line,
  });
}

function completed(
  operation: Operation,
  record: HistoryRecord,
  position: number,
  outcome: Outcome,
): Operation {
  const { value, index, host, timeMicros, line, event } = record;
  return {
    ...operation,
    outcome,
    output: outcome === 'ok' ? answerOf(operation, value) : null,
    return: position,
    index: Math.max(0, index),
    host,
    returnMicros: timeMicros,
    returnLine: line,
    event,
  };
}

function answerOf({ f, input }: Operation, value: Value): Value {
  if (ANSWERING.has(f)) return value;
  return JSON.stringify(value) === JSON.stringify(input) ? null : value;
}

function outcomeOf(
  { type, error }: HistoryRecord,
  { f }: HistoryRecord,
  meaning: FailMeaning,
): Outcome | 'failed' {
  if (type === 'ok') return 'ok';
  if (type === 'info') return 'unknown';
  const condition = error === '' || error === MISMATCH;
  return meaning === 'refused' && condition && CONDITIONAL.has(f) ? 'refused' : 'failed';
}

function numbered(operations: readonly (Operation | undefined)[]): Operation[] {
  const result: Operation[] = [];
  for (const operation of operations) {
    if (operation !== undefined) result.push({ ...operation, id: result.length });
  }
  return result;
}
