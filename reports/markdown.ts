/** The reporter for pages and pull requests: tables and commands in GitHub's Markdown. */
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord } from '../sim/explore/record.ts';
import type { ScenarioSummary, Summary } from '../sim/explore/summary.ts';
import { campaignVerdict, gravestFirst } from './console/campaign.ts';
import { keyFigures, wording } from './console/comparison.ts';
import { medianOf, shortNames } from './console/settings.ts';
import { wordOf } from './console/verdict.ts';
import { formatFigure, keyTimes, keyValues } from './figures.ts';
import { PLAIN } from './paint.ts';
import type { Ending, Reporter, ReporterContext, Sink } from './reporter.ts';
import { formatSeconds } from './text.ts';
import { findingsOf, slimTrouble } from './troubles.ts';

/** Runs that are told with their reason; of the rest only the number. */
const TOLD_MAX = 25;

export class MarkdownReporter implements Reporter {
  private readonly sink: Sink;
  private readonly troubles: JobRecord[] = [];
  private plan!: Plan;

  constructor({ sink }: ReporterContext) {
    this.sink = sink;
  }

  onStart(plan: Plan): void {
    this.plan = plan;
  }

  onRun(record: JobRecord): void {
    if (record.exitCode !== 0) this.troubles.push(slimTrouble(record, this.troubles.length));
  }

  onEnd({ summary }: Ending): void {
    this.sink.write(describeMarkdown(summary, this.troubles, this.plan));
  }
}

/** The whole page; GitHub's job summary is the same. */
export function describeMarkdown(
  summary: Summary,
  troubles: readonly JobRecord[],
  plan: Plan,
): string {
  const sorted = gravestFirst(troubles);
  const verdict = campaignVerdict({ summary, troubles: sorted, written: null }, PLAIN);
  const lines = [`## ${escape(verdict)}`, '', ...tablesOf(summary), ...troubleLines(sorted, plan)];
  const { simulatedSeconds, wallSeconds } = summary;
  lines.push(
    `${formatSeconds(simulatedSeconds)} simulated in ${formatSeconds(wallSeconds)} by lictor ` +
      `${summary.version}: \`${summary.command}\``,
  );
  return `${lines.join('\n')}\n`;
}

function tablesOf(summary: Summary): string[] {
  if (summary.purpose === 'compare') return comparisonTable(summary);
  const { scenarios } = summary;
  const paths = Object.keys(scenarios[0]?.parameters ?? {});
  const names = [...new Set(scenarios.flatMap(({ metrics }) => keyNames(metrics)))];
  const head = summary.purpose === 'sweep' ? shortNames(paths) : ['scenario'];
  const rows = scenarios.map((one) => [
    ...(summary.purpose === 'sweep' ? paths.map((path) => one.parameters[path]!) : [one.scenario]),
    ...[one.runs, one.pass, one.fail, one.unknown + one.crashed, one.missed].map(String),
    ...names.map((name) => medianOf(name, one.metrics[name])),
  ]);
  return [
    ...table([...head, 'runs', 'pass', 'fail', 'unknown', 'missed', ...names], rows),
    'Figures are medians over the runs, in brackets their 95 % intervals.',
    '',
  ];
}

/** What a reader looks for first; the rest is in the other formats. */
function keyNames(metrics: ScenarioSummary['metrics']): string[] {
  const shown = Object.fromEntries(
    Object.entries(metrics).map(([name, { unit, median, count = 0 }]) => [
      name,
      median === undefined ? { unit, count } : { unit, value: median },
    ]),
  );
  const names = [...keyValues(shown), ...keyTimes(shown)];
  return names.filter((name) => /availability$|\.latency$|longest-outage$|failover$/.test(name));
}

function comparisonTable({ scenarios, comparison = [] }: Summary): string[] {
  const [first, second] = scenarios.map(({ scenario, overrides }) =>
    [
      scenario,
      ...Object.entries(overrides).map(([path, value]) => `${path}=${String(value)}`),
    ].join(', '),
  );
  const rows = keyFigures(comparison).map((one) => {
    const text = (value: number): string => formatFigure(one.metric, one.unit, value);
    const { interval } = one;
    return [
      one.figure === 'value' ? one.metric : `${one.metric} ${one.figure}`,
      text(one.first.median),
      text(one.second.median),
      text(one.difference),
      interval === null ? '-' : `${text(interval.low)} to ${text(interval.high)}`,
      one.finding === 'same' ? 'same in all seeds' : wording(one, PLAIN),
    ];
  });
  return [
    ...table(['median', 'A', 'B', 'mean B - A', '95 % interval', 'seeds'], rows),
    `A is ${escape(first ?? '')}; B is ${escape(second ?? '')}.`,
    '',
  ];
}

function troubleLines(troubles: readonly JobRecord[], plan: Plan): string[] {
  if (troubles.length === 0) return [];
  const lines = troubles.slice(0, TOLD_MAX).flatMap((record) => {
    const { word } = wordOf(record.exitCode);
    const [first] = findingsOf(record, plan);
    return [
      `- **${word}** ${escape(record.scenario)}, seed ${record.seed}: ${escape(first!.rule)}. ` +
        escape(first!.message),
      `  \`npx ${record.command}\``,
    ];
  });
  const more = troubles.length - TOLD_MAX;
  return ['### Not passed', '', ...lines, ...(more > 0 ? [`- and ${more} more`] : []), ''];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}

/** What would be read as Markdown or HTML is shown as it is. */
function escape(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[|*_`[\]]/g, '\\$&');
}
