/** What clients asked last, and what became of it. */
import { historyText } from '../../client/history.ts';
import type { HistoryRecord } from '../../client/history.ts';
import type { Execution } from '../execution.ts';
import { callRows } from './calls.ts';

export interface OperationRow {
  readonly op: number;
  readonly client: string;
  readonly f: string;
  readonly key: string;
  readonly value: string | null;
  readonly mode: string;
  readonly host: string;
  readonly startMicros: number;
  /** Null while it is under way. */
  readonly endMicros: number | null;
  /** `...`, `ok`, `fail`, `info`. */
  readonly outcome: string;
  readonly error: string;
}

/** Records that are looked at for so many operations. */
const RECORDS_MAX = 2_000;

/** The latest operations by their beginning, oldest first. */
export function operationRows(execution: Execution, count: number): OperationRow[] {
  const { history, simulation, world } = execution;
  const names = new Map<number, string>();
  for (const [process, client] of simulation.clients) {
    names.set(client, world.processes[process].name);
  }
  const ends = new Map<number, HistoryRecord>();
  const rows: OperationRow[] = [];
  const oldest = Math.max(0, history.length - RECORDS_MAX);
  for (let at = history.length - 1; at >= oldest && rows.length < count; at--) {
    const record = history.record(at);
    if (record.type !== 'invoke') ends.set(record.op, record);
    else rows.push(rowOf(record, ends.get(record.op), names.get(record.process) ?? ''));
  }
  const all = [...rows, ...callRows(world, count)];
  return all.sort((one, other) => one.startMicros - other.startMicros).slice(-count);
}

function rowOf(call: HistoryRecord, end: HistoryRecord | undefined, client: string): OperationRow {
  const { op, f, key, mode, host, time } = call;
  return {
    op,
    client,
    f,
    key,
    value: historyText(end?.value ?? call.value),
    mode,
    host: end?.host ?? host,
    startMicros: time,
    endMicros: end?.time ?? null,
    outcome: end?.type ?? '...',
    error: end?.error ?? '',
  };
}

/** How the operations of the last `micros` ended. */
export interface OperationSummary {
  readonly ok: number;
  readonly failed: number;
  readonly unknown: number;
  readonly open: number;
  /** Middle and 99th percentile of those that succeeded, microseconds; null without any. */
  readonly p50Micros: number | null;
  readonly p99Micros: number | null;
}

export function summaryOf(rows: readonly OperationRow[]): OperationSummary {
  const times = rows
    .filter(({ outcome }) => outcome === 'ok')
    .map(({ startMicros, endMicros }) => endMicros! - startMicros)
    .sort((left, right) => left - right);
  const count = (outcome: string): number => rows.filter((row) => row.outcome === outcome).length;
  return {
    ok: times.length,
    failed: count('fail'),
    unknown: count('info'),
    open: count('...'),
    p50Micros: times[times.length >> 1] ?? null,
    p99Micros: times[Math.ceil(times.length * 0.99) - 1] ?? null,
  };
}
