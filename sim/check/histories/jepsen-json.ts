/** Jepsen histories in JSON: an array of operation maps, or one map a line. */
import { jsonElements } from './json-elements.ts';
import type { MapOptions } from './jepsen-map.ts';
import { isProblem, recordOf } from './jepsen-map.ts';
import type { HistoryRecord, Problem, Records } from './record.ts';

export function readJepsenJson(text: string, options: MapOptions): Records {
  const records: HistoryRecord[] = [];
  const problems: Problem[] = [];
  let noise = 0;
  for (const element of jsonElements(text)) {
    const fields = parseObject(element.text);
    if (fields === undefined) {
      problems.push({ line: element.line, message: 'not a JSON object' });
      continue;
    }
    const found = recordOf((name) => fields[name], element.line, options);
    if (found === undefined) noise++;
    else if (isProblem(found)) problems.push(found);
    else records.push(found);
  }
  return { records, problems, noise };
}

/** Undefined when the text is no JSON object. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
