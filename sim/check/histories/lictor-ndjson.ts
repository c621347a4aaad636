/** Our own history format, one JSON object a line; the fields are those that runs write. */
import type { Value } from '../linearizability/operation.ts';
import { plain } from './jepsen-map.ts';
import { parseObject } from './jepsen-json.ts';
import type { HistoryRecord, Problem, Records } from './record.ts';
import { createRecord, isRecordType } from './record.ts';

export function readLictorNdjson(text: string): Records {
  const records: HistoryRecord[] = [];
  const problems: Problem[] = [];
  let line = 0;
  let from = text.startsWith('\uFEFF') ? 1 : 0;
  while (from < text.length) {
    let to = text.indexOf('\n', from);
    if (to < 0) to = text.length;
    line++;
    const raw = text.slice(from, to).trim();
    from = to + 1;
    if (raw === '') continue;
    const fields = parseObject(raw);
    const found =
      fields === undefined ? { line, message: 'not a JSON object' } : recordOf(fields, line);
    if ('message' in found) problems.push(found);
    else records.push(found);
  }
  return { records, problems, noise: 0 };
}

/** Turns the fields of one line into a record, or says what is wrong with them. */
export function recordOf(
  fields: Readonly<Record<string, unknown>>,
  line: number,
): HistoryRecord | Problem {
  const { process, type, f, key, value, op, time, index, session, mode, host, event, error } =
    fields;
  if (typeof process !== 'number' && typeof process !== 'string') {
    return { line, message: 'the field "process" is missing' };
  }
  if (!isRecordType(type)) {
    return { line, message: '"type" must be "invoke", "ok", "fail" or "info"' };
  }
  if (typeof f !== 'string') return { line, message: 'the field "f" is missing' };
  for (const [name, number] of [
    ['time', time],
    ['index', index],
    ['event', event],
  ] as const) {
    if (number !== undefined && !Number.isSafeInteger(number)) {
      return { line, message: `"${name}" must be an integer` };
    }
  }
  const plainValue: Value = plain(value ?? null);
  return createRecord({
    line,
    process: `${process}`,
    type,
    f,
    key: textOf(key),
    value: plainValue,
    op: textOf(op),
    timeMicros: (time as number | undefined) ?? -1,
    // On an invocation an index is compared with, and 0 means "must be absent".
    index: (index as number | undefined) ?? (type === 'invoke' ? -1 : 0),
    session: textOf(session),
    mode: textOf(mode),
    host: textOf(host),
    event: (event as number | undefined) ?? 0,
    error: textOf(error),
  });
}

function textOf(value: unknown): string {
  return value === undefined || value === null
    ? ''
    : typeof value === 'string'
      ? value
      : `${value as number}`;
}
