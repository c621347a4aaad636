/** One run in short, as summaries hold it. */
import type { RunRecord } from '../sim/explore/record.ts';
import type { RunLine } from '../sim/explore/summary.ts';

export function runLine({ result, command, exitCode }: RunRecord): RunLine {
  const { schema: _schema, manifest: _manifest, ...rest } = result;
  return { ...rest, exitCode, command };
}
