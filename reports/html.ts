/**
 * The reporter for readers: one page that needs no network. A single run is shown in pictures;
 * several runs by what they add up to.
 */
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord, RunRecord } from '../sim/explore/record.ts';
import { campaignTitle, gravestFirst } from './console/campaign.ts';
import { campaignHead, campaignSections } from './html/campaign.ts';
import { Times } from './html/curves.ts';
import { documentOf } from './html/document.ts';
import { escape } from './html/draw/markup.ts';
import { PICTURED_MAX, withPicture } from './html/pictured.ts';
import type { PageParts } from './html/run.ts';
import { runSections } from './html/run.ts';
import { runHead } from './html/sections/head.ts';
import type { CreateReporter, Ending, Reporter, ReporterContext, Sink } from './reporter.ts';
import { isSinglePlan } from './single.ts';

/** A missed threshold is told well enough by figures. */
const EXIT_THRESHOLD = 4;

class HtmlReporter implements Reporter {
  private readonly sink: Sink;
  private single = false;
  private only: RunRecord | null = null;
  private readonly troubles: JobRecord[] = [];
  private pictured = 0;
  private readonly times: Map<string, Times>[] = [];

  constructor({ sink }: ReporterContext) {
    this.sink = sink;
  }

  onStart(plan: Plan): void {
    this.single = isSinglePlan(plan);
  }

  onRun(record: JobRecord): void {
    if (this.single && record.kind === 'run') {
      this.only = record;
      return;
    }
    if (record.kind === 'run') this.pool(record);
    if (record.exitCode !== 0) this.troubles.push(this.slim(record));
  }

  private pool({ source, distributions }: RunRecord): void {
    while (this.times.length <= source) this.times.push(new Map());
    const own = this.times[source]!;
    for (const distribution of distributions) {
      const known = own.get(distribution.name) ?? new Times();
      known.add(distribution);
      own.set(distribution.name, known);
    }
  }

  /** There may be very many runs: only of some is more kept than what a table says. */
  private slim(record: JobRecord): JobRecord {
    if (record.kind !== 'run') return record;
    const drawn = record.exitCode === EXIT_THRESHOLD ? null : (record.files?.picture ?? null);
    return withPicture(record, drawn !== null && this.pictured++ < PICTURED_MAX ? drawn : null);
  }

  onEnd({ summary }: Ending): void {
    const parts: PageParts = { runs: [], plots: [] };
    const foot = `<p>lictor ${escape(summary.version)}, Node ${escape(summary.node)}</p>`;
    const { only } = this;
    if (only !== null) {
      const head = runHead(only);
      const sections = runSections(only, parts);
      const title = `${only.scenario}, seed ${only.seed}`;
      this.sink.write(documentOf({ title, head, sections, foot, data: parts }));
      return;
    }
    const page = { summary, troubles: gravestFirst(this.troubles), times: this.times };
    const head = campaignHead(page);
    const sections = campaignSections(page, parts);
    const title = campaignTitle(summary);
    this.sink.write(documentOf({ title, head, sections, foot, data: parts }));
  }
}

export const createHtmlReporter: CreateReporter = (context) => new HtmlReporter(context);
