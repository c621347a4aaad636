/** Several runs on a screen: one line per scenario, then what failed, worst first. */
import type { CrashRecord, JobRecord } from '../../sim/explore/record.ts';
import type { ScenarioSummary, Summary } from '../../sim/explore/summary.ts';
import type { Environment } from '../environment.ts';
import { formatFigure } from '../figures.ts';
import type { Paint } from '../paint.ts';
import { formatLarge, formatSeconds, formatShare, plural, shorten, table, wrap } from '../text.ts';
import { comparisonLines, sideLines } from './comparison.ts';
import { fit } from './fit.ts';
import type { Section } from './fit.ts';
import { reproduction } from './run.ts';
import { settingLines } from './settings.ts';
import { paintWord, realViolations, reasonOf, wordOf } from './verdict.ts';

/** Failed runs that are listed by name; all of them are in the summary. */
const LISTED_MAX = 8;

export interface CampaignView {
  readonly summary: Summary;
  /** Runs that did not pass. */
  readonly troubles: readonly JobRecord[];
  readonly written: string | null;
}

/** Gravest first, and of equals the first. */
const GRAVITY = [70, 3, 1, 2, 4, 130];

export function gravestFirst(troubles: readonly JobRecord[]): JobRecord[] {
  const place = ({ exitCode }: JobRecord): number => GRAVITY.indexOf(exitCode);
  return [...troubles].sort((left, right) => place(left) - place(right));
}

/** The verdict alone. */
export function campaignVerdict(view: CampaignView, paint: Paint): string {
  const { summary, troubles } = view;
  const word = paintWord(wordOf(summary.exitCode), paint);
  return `${word} ${campaignTitle(summary)}: ${campaignReason(summary, troubles)}`;
}

/** What was run: `leader-crash, seeds 1..20`. */
export function campaignTitle(summary: Summary): string {
  const { first, last } = summary.seeds;
  return `${subjectOf(summary)}, ${first === last ? `seed ${first}` : `seeds ${first}..${last}`}`;
}

/** What came of it. `troubles` are the runs that did not pass. */
export function campaignReason(
  { planned, finished }: Summary,
  troubles: readonly Pick<JobRecord, 'exitCode'>[],
): string {
  const runs =
    finished < planned ? `${finished} of ${plural(planned, 'run')}` : plural(finished, 'run');
  return `${runs}, ${countTroubles(troubles)}`;
}

function subjectOf({ purpose, scenarios }: Summary): string {
  const [first, second] = scenarios;
  if (scenarios.length === 1) return first!.scenario;
  if (purpose === 'sweep') return `${first!.scenario} in ${plural(scenarios.length, 'setting')}`;
  if (purpose === 'run') return plural(scenarios.length, 'scenario');
  const same = first!.scenario === second!.scenario;
  return same ? `${first!.scenario}, changed` : `${first!.scenario} and ${second!.scenario}`;
}

function countTroubles(troubles: readonly Pick<JobRecord, 'exitCode'>[]): string {
  const count = (...codes: number[]): number =>
    troubles.filter(({ exitCode }) => codes.includes(exitCode)).length;
  const parts = [
    [count(70), 'ended in an internal error'],
    [count(3), 'not deterministic'],
    [count(1), 'failed'],
    [count(2), 'unknown'],
    [count(4), 'missed a threshold'],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, text]) => `${number} ${text}`);
  return said.length === 0 ? 'all pass' : said.join(', ');
}

export function describeCampaign(
  view: CampaignView,
  environment: Environment,
  paint: Paint,
): string[] {
  const { summary, troubles } = view;
  const { columns } = environment;
  const sorted = gravestFirst(troubles);
  const ending = sorted.length === 0 ? [] : reproduction(sorted[0]!.command);
  const head = wrap(campaignVerdict(view, paint), columns);
  const plain = { title: '', least: 1 };
  const [header, ...rows] = tableOf(summary, columns, paint);
  const sides = summary.purpose === 'compare' ? ['', ...sideLines(summary)] : [];
  const sections: Section[] = [
    { ...plain, lines: sides, least: sides.length, weight: 90 },
    { ...plain, lines: ['', header!], least: 2, weight: 90 },
    { ...plain, lines: rows, weight: 20 },
    { ...plain, lines: troubleLines(sorted, columns, paint), weight: 40 },
    { ...plain, lines: storyOf(sorted, columns, paint), weight: 30, keepsEnd: true },
    { title: 'thresholds', lines: thresholdLines(summary, paint), least: 1, weight: 60 },
    { title: 'unexercised', lines: unexercisedLines(summary, columns), least: 1, weight: 50 },
    { title: 'run', lines: runLines(view), least: 2, weight: 80 },
  ];
  const rest =
    environment.rows === null ? null : environment.rows - head.length - ending.length - 1;
  return [...head, ...fit(sections, rest, paint.strong), ...ending];
}

function tableOf(summary: Summary, columns: number, paint: Paint): string[] {
  switch (summary.purpose) {
    case 'sweep':
      return settingLines(summary, columns, paint);
    case 'compare':
      return comparisonLines(summary, paint);
    default:
      return scenarioTable(summary, columns, paint);
  }
}

function scenarioTable(summary: Summary, columns: number, paint: Paint): string[] {
  const narrow = columns < 72;
  const titles = ['scenario', 'runs', 'pass', 'fail', 'unknown', 'missed'];
  if (!narrow) titles.push('available', 'p99', 'failover');
  // Those with trouble first: they are what a table that is too long must still show.
  const calm = (one: ScenarioSummary): boolean => one.pass === one.runs && one.missed === 0;
  const { scenarios } = summary;
  const sorted = [...scenarios.filter((one) => !calm(one)), ...scenarios.filter(calm)];
  const rows = sorted.map((one) => [
    shorten(one.scenario, narrow ? 16 : 26),
    String(one.runs),
    String(one.pass),
    one.fail > 0 ? paint.bad(String(one.fail)) : '0',
    one.unknown + one.crashed > 0 ? paint.warn(String(one.unknown + one.crashed)) : '0',
    one.missed > 0 ? paint.warn(String(one.missed)) : '0',
    ...(narrow ? [] : medians(one)),
  ]);
  return table([titles.map(paint.faint), ...rows], new Set([1, 2, 3, 4, 5, 6, 7, 8]));
}

/** Medians over the runs of what clients and servers went through; of the worst load. */
function medians({ metrics }: ScenarioSummary): string[] {
  const of = (suffix: string, key: 'median' | 'p99', worst: 'max' | 'min'): string => {
    const names = Object.keys(metrics).filter((name) => name.endsWith(suffix));
    const values = names.flatMap((name) => metrics[name]![key] ?? []);
    if (values.length === 0) return '-';
    const value = values.reduce((left, right) => Math[worst](left, right));
    return formatFigure(suffix, metrics[names[0]!]!.unit, value);
  };
  const failover = metrics['raft.failover'];
  return [
    of('.availability', 'median', 'min'),
    of('.latency', 'p99', 'max'),
    failover?.p50 === undefined ? '-' : formatSeconds(failover.p50),
  ];
}

function troubleLines(troubles: readonly JobRecord[], columns: number, paint: Paint): string[] {
  const lines = troubles.slice(0, LISTED_MAX).map((record) => {
    const reason = record.kind === 'run' ? reasonOf(record) : `internal error: ${record.message}`;
    const { word, mood } = wordOf(record.exitCode);
    const text = `${record.scenario}, seed ${record.seed}: ${reason}`;
    return `${paint[mood](word)}  ${shorten(text, columns - word.length - 2)}`;
  });
  const more = troubles.length - lines.length;
  return more > 0 ? ['', ...lines, `and ${more} more`] : lines.length > 0 ? ['', ...lines] : [];
}

/** How the gravest failure came about. */
function storyOf(troubles: readonly JobRecord[], columns: number, paint: Paint): string[] {
  const record = troubles[0];
  if (record === undefined) return [];
  const lines = record.kind === 'crash' ? stackOf(record) : record.story;
  if (lines.length === 0) return [];
  const title = `${paint.strong('story')} of ${record.scenario}, seed ${record.seed}`;
  const message = record.kind === 'crash' ? '' : (realViolations(record.result)[0]?.message ?? '');
  const said = wrap(message, columns - 2).map((line) => `  ${line}`);
  return [title, ...said, ...lines.map((line) => shorten(line, columns))];
}

/** The innermost calls; the message is told elsewhere. */
function stackOf({ stack }: CrashRecord): string[] {
  const calls = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
  return calls.slice(0, 5).map((line) => `  ${line.trim()}`);
}

/** Those that only a share of the seeds must keep to. */
function thresholdLines({ scenarios }: Summary, paint: Paint): string[] {
  return scenarios.flatMap(({ scenario, thresholds }) =>
    thresholds.map(({ metric, expression, seeds, met, missed, verdict }) => {
      const word = { pass: paint.good('met'), fail: paint.bad('MISSED'), unknown: 'unknown' };
      const share = `met in ${met} of ${plural(met + missed, 'seed')}`;
      const bound = `${formatShare(seeds)} must`;
      return `${word[verdict]}  ${metric} ${expression}: ${share}, ${bound} (${scenario})`;
    }),
  );
}

function unexercisedLines(summary: Summary, columns: number): string[] {
  const lines = summary.scenarios.flatMap(({ scenario, unexercised }) =>
    unexercised.length === 0
      ? []
      : [shorten(`${scenario}: ${unexercised.join(', ')}`, columns - 13)],
  );
  // Settings of one scenario mostly leave out the same.
  return [...new Set(lines)];
}

function runLines({ summary, written }: CampaignView): string[] {
  const { simulatedSeconds, wallSeconds, events, eventsPerSecond } = summary;
  const lines = [
    `${formatSeconds(simulatedSeconds)} simulated in ${formatSeconds(wallSeconds)}, ` +
      `${formatLarge(events)} events, ${formatLarge(eventsPerSecond)} events/s`,
  ];
  if (written !== null) lines.push(written);
  return lines;
}
