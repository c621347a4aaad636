/**
 * The reporter for readers: one page that needs no network. A single run is shown in pictures;
 * several runs by what they add up to.
 */
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord, RunRecord } from '../sim/explore/record.ts';
import { campaignTitle, gravestFirst } from './console/campaign.ts';
import { campaignHead, campaignSections } from './html/campaign.ts';
import { documentOf } from './html/document.ts';
import { escape } from './html/draw/markup.ts';
import type { PageParts } from './html/run.ts';
import { runSections } from './html/run.ts';
import { runHead } from './html/sections/head.ts';
import type { CreateReporter, Ending, Reporter, ReporterContext, Sink } from './reporter.ts';
import { isSinglePlan } from './single.ts';

class HtmlReporter implements Reporter {
  private readonly sink: Sink;
  private single = false;
  private only: RunRecord | null = null;
  private readonly troubles: JobRecord[] = [];

  constructor({ sink }: ReporterContext) {
    this.sink = sink;
  }

  onStart(plan: Plan): void {
    this.single = isSinglePlan(plan);
  }

  onRun(record: JobRecord): void {
    if (this.single && record.kind === 'run') this.only = record;
    if (record.exitCode !== 0) this.troubles.push(record);
  }

  onEnd({ summary }: Ending): void {
    const parts: PageParts = { runs: [], curves: [] };
    const foot = `<p>lictor ${escape(summary.version)}, Node ${escape(summary.node)}</p>`;
    const { only } = this;
    if (only !== null) {
      const head = runHead(only);
      const sections = runSections(only, parts);
      const title = `${only.scenario}, seed ${only.seed}`;
      this.sink.write(documentOf({ title, head, sections, foot, data: parts }));
      return;
    }
    const page = { summary, troubles: gravestFirst(this.troubles) };
    const head = campaignHead(page);
    const sections = campaignSections(page, parts);
    const title = campaignTitle(summary);
    this.sink.write(documentOf({ title, head, sections, foot, data: parts }));
  }
}

export const createHtmlReporter: CreateReporter = (context) => new HtmlReporter(context);
