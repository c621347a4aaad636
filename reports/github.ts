/**
 * The reporter for GitHub Actions: annotations at the lines of scenario files, worst first, and the
 * page of the Markdown reporter as the job's summary.
 */
import { appendFileSync } from 'node:fs';
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord } from '../sim/explore/record.ts';
import { campaignVerdict, gravestFirst } from './console/campaign.ts';
import { describeMarkdown } from './markdown.ts';
import { PLAIN } from './paint.ts';
import type { Ending, Reporter, ReporterContext } from './reporter.ts';
import { findingsOf, slimTrouble } from './troubles.ts';
import type { Finding } from './troubles.ts';

/** GitHub shows ten annotations of a step and drops the rest without a word. */
const ANNOTATIONS_MAX = 10;
/** GitHub refuses a summary of more than a mebibyte. */
const SUMMARY_BYTES_MAX = 1024 * 1024;

export class GithubReporter implements Reporter {
  private readonly context: ReporterContext;
  private readonly troubles: JobRecord[] = [];
  private plan!: Plan;

  constructor(context: ReporterContext) {
    this.context = context;
  }

  onStart(plan: Plan): void {
    this.plan = plan;
  }

  onRun(record: JobRecord): void {
    if (record.exitCode !== 0) this.troubles.push(slimTrouble(record, this.troubles.length));
  }

  onEnd({ summary }: Ending): void {
    const { plan, troubles, context } = this;
    const sorted = gravestFirst(troubles);
    const annotations = annotationsOf(sorted, plan);
    const verdict = campaignVerdict({ summary, troubles: sorted, written: null }, PLAIN);
    context.sink.write([...annotations, verdict, ''].join('\n'));
    const file = context.variables['GITHUB_STEP_SUMMARY'];
    if (file) appendFileSync(file, cutToBytes(describeMarkdown(summary, troubles, plan)));
  }
}

/** One for each rule and scenario: what fails in a hundred seeds is still one thing to look at. */
function annotationsOf(troubles: readonly JobRecord[], plan: Plan): string[] {
  const groups = new Map<string, { readonly first: Finding; count: number }>();
  for (const finding of troubles.flatMap((record) => findingsOf(record, plan))) {
    const key = `${finding.file} ${finding.rule}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: finding, count: 1 });
    else group.count++;
  }
  const all = [...groups.values()];
  const told = all.length > ANNOTATIONS_MAX ? all.slice(0, ANNOTATIONS_MAX - 1) : all;
  const lines = told.map(({ first, count }) => annotation(first, count));
  const more = all.length - told.length;
  if (more > 0) lines.push(`::error title=lictor::and ${more} more; the job summary has all`);
  return lines;
}

function annotation({ kind, rule, message, file, line, record }: Finding, count: number): string {
  const level = kind === 'violation' || kind === 'error' ? 'error' : 'warning';
  const again = count > 1 ? ` (found ${count} times)` : '';
  const title = `${rule}: ${record.scenario}, seed ${record.seed}${again}`;
  const place = `file=${property(file)},line=${line},title=${property(title)}`;
  return `::${level} ${place}::${data(`${message}\nTo reproduce: npx ${record.command}`)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function cutToBytes(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= SUMMARY_BYTES_MAX) return text;
  const note = '\n\nThe rest was left out: GitHub takes 1 MiB.\n';
  const kept = bytes.subarray(0, SUMMARY_BYTES_MAX - note.length - 4).toString('utf8');
  return kept.replace(/\uFFFD+$/, '') + note;
}
