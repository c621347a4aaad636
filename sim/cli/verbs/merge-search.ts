/** `lictor merge` of the parts of a search. */
import { readEnvironment } from '../../../reports/environment.ts';
import { toJson } from '../../../reports/json.ts';
import { COLOURED, PLAIN } from '../../../reports/paint.ts';
import { describeExploration } from '../../../reports/search/console.ts';
import { shellQuote } from '../../explore/plan.ts';
import { joinParts, sameSearch } from '../../explore/search/join.ts';
import type { SearchPart } from '../../explore/search/join.ts';
import { reportOf } from '../../explore/search/report.ts';
import { combineExitCodes } from '../../explore/summary.ts';
import { EXIT } from '../../run/result.ts';
import { VERSION } from '../../run/version.ts';
import { Failure } from '../failure.ts';
import type { Host } from '../host.ts';
import { readColour } from '../options.ts';
import type { MergeVerbOptions } from '../program.ts';
import { readOutputs, writeOutput } from '../search-options.ts';

export interface PartFile {
  readonly file: string;
  readonly part: SearchPart;
}

export function mergeSearch(
  host: Host,
  parts: readonly PartFile[],
  operands: readonly string[],
  options: MergeVerbOptions,
): number {
  const outputs = readOutputs(options.reporter, ['console', 'json']);
  const [first] = parts as [PartFile, ...PartFile[]];
  for (const { file, part } of parts) {
    if (sameSearch(part, first.part)) continue;
    throw new Failure(
      `Cannot merge ${file} with ${first.file}: they are of different searches. ` +
        'Run all shards with the same command and version.',
      EXIT.data,
    );
  }
  const { plan, state, missing } = joinParts(parts.map(({ part }) => part));
  const report = reportOf({
    plan,
    state,
    told: state.findings.map((finding) => ({ finding, shrunk: null, written: null })),
    interrupted: parts.some(({ part }) => part.interrupted),
    wallSeconds: parts.reduce((sum, { part }) => sum + part.wallSeconds, 0),
    runsNow: state.runs,
    simulatedNow: state.simulatedSeconds,
    version: VERSION,
    node: process.versions.node,
    command: ['lictor', 'merge', ...operands].map(shellQuote).join(' '),
  });
  for (const { name, path } of outputs) {
    const environment = readEnvironment(host.variables, host.stdout, readColour(options));
    const paint = environment.colour && path === null ? COLOURED : PLAIN;
    const quiet = options.quiet === true;
    const lines = describeExploration(report, environment.columns, paint, quiet);
    const text = name === 'json' ? toJson(report) : `${lines.join('\n')}\n`;
    if (path === null) host.stdout.write(text);
    else writeOutput(host.folder, path, text);
  }
  if (missing.length === 0) return report.exitCode;
  host.stderr.write(`Shards ${missing.join(', ')} of ${parts[0]!.part.plan.parts} are missing.\n`);
  // What was not run, nobody knows.
  return combineExitCodes([report.exitCode, EXIT.unknown]);
}
