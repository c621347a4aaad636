/** The reporter for people: a screen per run or campaign, on whatever the sink is. */
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord, RunRecord } from '../sim/explore/record.ts';
import { campaignVerdict, describeCampaign, gravestFirst } from './console/campaign.ts';
import { describeRun, reproduction, verdictLine } from './console/run.ts';
import { COLOURED, PLAIN } from './paint.ts';
import type { Paint } from './paint.ts';
import type { Ending, Reporter, ReporterContext } from './reporter.ts';
import { isSinglePlan } from './single.ts';
import { slimTrouble } from './troubles.ts';

export class ConsoleReporter implements Reporter {
  private readonly context: ReporterContext;
  private readonly paint: Paint;
  private readonly troubles: JobRecord[] = [];
  private only: RunRecord | null = null;
  private single = false;

  constructor(context: ReporterContext) {
    this.context = context;
    this.paint = context.environment.colour ? COLOURED : PLAIN;
  }

  onStart(plan: Plan): void {
    this.single = isSinglePlan(plan);
  }

  onRun(record: JobRecord): void {
    if (record.kind === 'run' && this.single) this.only = record;
    if (record.exitCode !== 0) this.troubles.push(slimTrouble(record, this.troubles.length));
    if (record.kind !== 'run' || record.transcript.length === 0) return;
    if (!this.single) this.write([verdictLine(record, this.paint)]);
    this.write(record.transcript);
  }

  onEnd(ending: Ending): void {
    const { environment, verbosity } = this.context;
    const { only, paint, troubles } = this;
    const view = { ...ending, troubles };
    if (verbosity < 0) {
      const worst = gravestFirst(troubles)[0];
      const tail = worst === undefined ? [] : reproduction(worst.command);
      const head = only === null ? campaignVerdict(view, paint) : verdictLine(only, paint);
      this.write([head, ...tail]);
    } else if (only === null) this.write(describeCampaign(view, environment, paint));
    else this.write(describeRun({ record: only, written: ending.written }, environment, paint));
  }

  private write(lines: readonly string[]): void {
    if (lines.length > 0) this.context.sink.write(`${lines.join('\n')}\n`);
  }
}
