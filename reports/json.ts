/**
 * The reporter for programs: one document. A single run gives `lictor.result/1`, several runs (or a
 * run that ended in an error of the program) give `lictor.summary/1`.
 */
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord } from '../sim/explore/record.ts';
import type { RunResult } from '../sim/run/result.ts';
import type { Ending, Reporter, ReporterContext, Sink } from './reporter.ts';
import { isSinglePlan } from './single.ts';

export class JsonReporter implements Reporter {
  private readonly sink: Sink;
  private single = false;
  private only: RunResult | null = null;

  constructor({ sink }: ReporterContext) {
    this.sink = sink;
  }

  onStart(plan: Plan): void {
    this.single = isSinglePlan(plan);
  }

  onRun(record: JobRecord): void {
    if (this.single && record.kind === 'run') this.only = record.result;
  }

  onEnd({ summary }: Ending): void {
    this.sink.write(toJson(this.only ?? summary));
  }
}

/** As documents are written everywhere: indented, one line break at the end; `runs` one a line. */
export function toJson(document: unknown): string {
  if (!hasRuns(document)) return `${JSON.stringify(document, null, 2)}\n`;
  const frame = JSON.stringify({ ...document, runs: [] }, null, 2);
  const runs = document.runs.map((run) => `\n    ${JSON.stringify(run)}`).join(',');
  // A function, since runs may hold what a replacement text would read as a pattern.
  return `${frame.replace('\n  "runs": []', () => `\n  "runs": [${runs}\n  ]`)}\n`;
}

function hasRuns(document: unknown): document is { readonly runs: readonly unknown[] } {
  const holder = document as { readonly runs?: unknown } | null;
  return Array.isArray(holder?.runs) && holder.runs.length > 0;
}
