/** Jepsen histories in EDN: one map a line, or all maps in one vector or list. */
import { EdnError, EdnReader } from './edn-reader.ts';
import type { MapOptions } from './jepsen-map.ts';
import { isProblem, recordOf } from './jepsen-map.ts';
import type { HistoryRecord, Problem, Records } from './record.ts';

export function readJepsenEdn(text: string, options: MapOptions): Records {
  const reader = new EdnReader(text);
  const records: HistoryRecord[] = [];
  const problems: Problem[] = [];
  let noise = 0;
  let opened = 0;
  for (let next = reader.peek(); next !== ''; next = reader.peek()) {
    // The brackets around all of it may be there or not.
    if (next === '[' || next === '(') {
      opened++;
      reader.take();
      continue;
    }
    if ((next === ']' || next === ')') && opened > 0) {
      opened--;
      reader.take();
      continue;
    }
    const { line } = reader;
    try {
      const value = reader.read();
      if (!(value instanceof Map)) {
        problems.push({ line, message: `expected a map, found ${JSON.stringify(value)}` });
        continue;
      }
      const found = recordOf((name) => value.get(name), line, options);
      if (found === undefined) noise++;
      else if (isProblem(found)) problems.push(found);
      else records.push(found);
    } catch (error) {
      if (!(error instanceof EdnError)) throw error;
      problems.push({ line: Math.min(line, reader.line), message: error.message });
      reader.recover();
    }
  }
  return { records, problems, noise };
}
