/**
 * Jepsen's plain log: lines such as `INFO  jepsen.util - 3 :invoke :cas [1 2]`, separated by tabs
 * or spaces, among the lines of everything else that writes to the log.
 */
import type { Value } from '../linearizability/operation.ts';
import { EdnError, EdnReader } from './edn-reader.ts';
import { plain } from './jepsen-map.ts';
import type { HistoryRecord, Problem, Records } from './record.ts';
import { createRecord, isRecordType } from './record.ts';

/** Anything up to `jepsen.util -` and a process number is an operation, or is meant to be one. */
const OPERATION = /^.*?jepsen\.[\w.]+\s+-\s+(\d+)\s+(.*)$/;

export function readJepsenLog(text: string): Records {
  const records: HistoryRecord[] = [];
  const problems: Problem[] = [];
  let noise = 0;
  text.split('\n').forEach((raw, index) => {
    const match = OPERATION.exec(raw.trimEnd());
    if (match === null) {
      if (raw.trim() !== '') noise++;
      return;
    }
    const found = parseLine(match[1]!, match[2]!, index + 1);
    if ('message' in found) problems.push(found);
    else records.push(found);
  });
  return { records, problems, noise };
}

function parseLine(process: string, rest: string, line: number): HistoryRecord | Problem {
  const match = /^:(\S+)\s+:(\S+)\s*(.*)$/.exec(rest);
  if (match === null || !isRecordType(match[1])) {
    return { line, message: `expected ":invoke", ":ok", ":fail" or ":info" and a verb: ${rest}` };
  }
  const [, type, f, text] = match as unknown as [string, HistoryRecord['type'], string, string];
  // Jepsen writes why an operation failed in place of its value: `:fail :read :timed-out`.
  const error = text.startsWith(':') ? text.slice(1) : '';
  const value = error === '' ? parseValue(text) : null;
  if (value === undefined) return { line, message: `cannot read the value ${text}` };
  return createRecord({ line, process, type, f, value, error });
}

function parseValue(text: string): Value | undefined {
  if (text === '') return null;
  const reader = new EdnReader(text);
  try {
    const value = plain(reader.read());
    return reader.peek() === '' ? value : undefined;
  } catch (error) {
    if (error instanceof EdnError) return undefined;
    throw error;
  }
}
