/**
 * The reporter for programs: one document. A single run gives `lictor.result/1`, several runs (or a
 * run that ended in an error of the program) give `lictor.summary/1`.
 */
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord } from '../sim/explore/record.ts';
import type { RunResult } from '../sim/run/result.ts';
import type { Ending, Reporter, ReporterContext, Sink } from './reporter.ts';

export class JsonReporter implements Reporter {
  private readonly sink: Sink;
  private single = false;
  private only: RunResult | null = null;

  constructor({ sink }: ReporterContext) {
    this.sink = sink;
  }

  onStart({ sources, seeds }: Plan): void {
    this.single = sources.length === 1 && seeds.first === seeds.last;
  }

  onRun(record: JobRecord): void {
    if (this.single && record.kind === 'run') this.only = record.result;
  }

  onEnd({ summary }: Ending): void {
    this.sink.write(toJson(this.only ?? summary));
  }
}

/** As documents are written everywhere: two spaces, one line break at the end. */
export function toJson(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
