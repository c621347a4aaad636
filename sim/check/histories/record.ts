/** One line of a history before invocations and completions are paired, whatever the format. */
import type { Value } from '../linearizability/operation.ts';

export type RecordType = 'invoke' | 'ok' | 'fail' | 'info';

export interface HistoryRecord {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly process: string;
  readonly type: RecordType;
  /** Empty when the format leaves it out. */
  readonly f: string;
  readonly key: string;
  readonly value: Value;
  /** What pairs invocation and completion; empty: the process does. */
  readonly op: string;
  /** Microseconds; -1 where not recorded. */
  readonly timeMicros: number;
  /** Raft index: on an invocation the one compared with, on a completion that of the answer. */
  readonly index: number;
  readonly session: string;
  readonly mode: string;
  readonly host: string;
  readonly event: number;
  /** The completion tells of an error, as opposed to a condition that did not hold. */
  readonly error: string;
}

/** Something in a file that cannot be understood. */
export interface Problem {
  /** From 1; 0 for the file as a whole. */
  readonly line: number;
  readonly message: string;
}

/** What a reader of one format found. */
export interface Records {
  readonly records: readonly HistoryRecord[];
  readonly problems: readonly Problem[];
  /** Lines that belong to no operation: other processes, other programs. */
  readonly noise: number;
}

const TYPES: ReadonlySet<string> = new Set(['invoke', 'ok', 'fail', 'info']);

export function isRecordType(text: unknown): text is RecordType {
  return typeof text === 'string' && TYPES.has(text);
}

const DEFAULTS: Omit<HistoryRecord, 'line' | 'process' | 'type'> = {
  f: '',
  key: '',
  value: null,
  op: '',
  timeMicros: -1,
  index: 0,
  session: '',
  mode: '',
  host: '',
  event: 0,
  error: '',
};

export function createRecord(
  fields: Partial<HistoryRecord> & Pick<HistoryRecord, 'line' | 'process' | 'type'>,
): HistoryRecord {
  return { ...DEFAULTS, ...fields };
}
