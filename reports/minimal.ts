/** The reporter for logs that are read when something failed: a line per run that did not pass. */
import type { JobRecord, RunRecord } from '../sim/explore/record.ts';
import { campaignVerdict, gravestFirst } from './console/campaign.ts';
import { verdictLine } from './console/run.ts';
import { PLAIN } from './paint.ts';
import type { Ending, Reporter, ReporterContext, Sink } from './reporter.ts';
import { slimTrouble } from './troubles.ts';

export class MinimalReporter implements Reporter {
  private readonly sink: Sink;
  private readonly troubles: JobRecord[] = [];
  private last: RunRecord | null = null;
  private runs = 0;

  constructor({ sink }: ReporterContext) {
    this.sink = sink;
  }

  onRun(record: JobRecord): void {
    this.runs++;
    this.last = record.kind === 'run' ? record : null;
    if (record.exitCode === 0) return;
    this.troubles.push(slimTrouble(record, this.troubles.length));
    const line =
      record.kind === 'run'
        ? verdictLine(record, PLAIN)
        : `ERROR ${record.scenario}, seed ${record.seed}: internal error: ${record.message}`;
    this.sink.write(`${line}\n  npx ${record.command}\n`);
  }

  onEnd({ summary, written }: Ending): void {
    const only = this.runs === 1 && this.troubles.length === 0 ? this.last : null;
    const view = { summary, troubles: gravestFirst(this.troubles), written };
    if (only !== null) this.sink.write(`${verdictLine(only, PLAIN)}\n`);
    else if (this.runs !== 1) this.sink.write(`${campaignVerdict(view, PLAIN)}\n`);
  }
}
