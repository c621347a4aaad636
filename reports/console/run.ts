/** One run on a screen: verdict first, then what it rests on; the command to repeat it last. */
import type { RunRecord } from '../../sim/explore/record.ts';
import type { FaultResult, RunResult } from '../../sim/run/result.ts';
import type { Environment } from '../environment.ts';
import { formatFigure, keyTimes, keyValues, unitOf } from '../figures.ts';
import type { Paint } from '../paint.ts';
import {
  formatCount,
  formatLarge,
  formatMoment,
  formatSeconds,
  shorten,
  table,
  wrap,
} from '../text.ts';
import { bodyWidth, fit } from './fit.ts';
import type { Section } from './fit.ts';
import { paintWord, realViolations, reasonOf, wordOf } from './verdict.ts';

/** Told in full; the result has all of them. */
const VIOLATIONS_MAX = 5;
const FAULTS_MAX = 12;

export interface RunView {
  readonly record: RunRecord;
  /** Where the files are; null when none were written. */
  readonly written: string | null;
}

/** The verdict alone, for `-q` and lists. */
export function verdictLine(record: RunRecord, paint: Paint): string {
  const word = paintWord(wordOf(record.exitCode), paint);
  return `${word} ${record.scenario}, seed ${record.seed}: ${reasonOf(record)}`;
}

/** The command that makes the run again, for runs that one wants to look into. */
export function reproduction(command: string): string[] {
  return ['To reproduce:', `npx ${command}`];
}

/** All lines of the report. */
export function describeRun(view: RunView, environment: Environment, paint: Paint): string[] {
  const { record } = view;
  const { result } = record;
  const width = bodyWidth(environment.columns);
  const ending = record.exitCode === 0 ? [] : reproduction(record.command);
  const head = wrap(verdictLine(record, paint), environment.columns);
  const sections: Section[] = [
    section('thresholds', thresholdLines(result, paint), 60, 2),
    section('invariants', invariantLines(result, width, paint), 70, 2),
    section('figures', figureLines(result), 30, 1),
    section('faults', faultLines(result.faults, width, paint), 20, 1),
    section('unexercised', unexercisedLines(result, width, paint), 50, 1),
    storySection(record, environment.columns, paint),
    section('run', runLines(view), 80, 2),
  ];
  // One line stays free for the prompt that follows.
  const rows =
    environment.rows === null ? null : environment.rows - head.length - ending.length - 1;
  return [...head, ...fit(sections, rows, paint.strong), ...ending];
}

function section(title: string, lines: readonly string[], weight: number, least: number): Section {
  return { title, lines, weight, least: Math.min(least, lines.length) };
}

function storySection({ story, result }: RunRecord, columns: number, paint: Paint): Section {
  const [first] = realViolations(result);
  if (first === undefined) return { title: '', lines: [], least: 0, weight: 40, keepsEnd: true };
  const title = `${paint.strong('story')} of what led to event ${first.event}`;
  const lines = story.length === 0 ? [] : [title, ...story.map((line) => shorten(line, columns))];
  return { title: '', lines, least: Math.min(4, lines.length), weight: 40, keepsEnd: true };
}

function thresholdLines({ thresholds, metrics }: RunResult, paint: Paint): string[] {
  const words = {
    pass: paint.good('met'),
    fail: paint.bad('MISSED'),
    unknown: paint.warn('unknown'),
  };
  const rank = { fail: 0, unknown: 1, pass: 2 };
  const sorted = [...thresholds].sort((left, right) => rank[left.verdict] - rank[right.verdict]);
  return table(
    sorted.map(({ metric, expression, value, verdict }) => [
      words[verdict],
      metric,
      expression,
      value === null
        ? 'not measured'
        : formatFigure(metric, unitOf(expression, metrics[metric]), value),
    ]),
  );
}

function invariantLines(result: RunResult, width: number, paint: Paint): string[] {
  const lines: string[] = [];
  const real = realViolations(result);
  const told = real.slice(0, VIOLATIONS_MAX);
  for (const { invariant, time, event, message, status, reference } of told) {
    const word = status === 'violation' ? paint.bad('VIOLATED') : paint.warn(status);
    const known = reference === '' ? '' : ` (${reference})`;
    lines.push(`${word} ${invariant}${known} at ${formatMoment(time)}, event ${event}`);
    lines.push(...wrap(message, width - 2).map((line) => `  ${line}`));
  }
  const untold = real.length - told.length;
  if (untold > 0) lines.push(`and ${untold} more violations`);
  lines.push(...allowedLines(result, width, paint));
  const broken = new Set(real.map(({ invariant }) => invariant));
  for (const { name, verdict, exercised } of result.invariants) {
    // Those that nothing exercised have a section of their own.
    if (verdict === 'pass' || broken.has(name) || exercised === 0) continue;
    lines.push(`${paint.warn(verdict)} ${name}`);
  }
  const holding = result.invariants.filter(({ verdict }) => verdict === 'pass');
  const exercised = holding.filter(({ exercised: count }) => count > 0);
  const checks = exercised.reduce((sum, { exercised: count }) => sum + count, 0);
  if (exercised.length > 0) {
    lines.push(`${paint.good(`${exercised.length} hold`)}, exercised ${formatCount(checks)} times`);
  }
  return lines;
}

/** One line for each invariant and reason: what is documented needs no story. */
function allowedLines({ violations }: RunResult, width: number, paint: Paint): string[] {
  const told = new Set<string>();
  const lines: string[] = [];
  for (const { invariant, time, message, status, reference } of violations) {
    const kind = `${invariant} ${reference}`;
    if (status !== 'allowed' || told.has(kind)) continue;
    told.add(kind);
    const text = `${invariant} (${reference}) at ${formatSeconds(time)}: ${message}`;
    lines.push(`${paint.warn('allowed')} ${shorten(text, width - 'allowed '.length)}`);
  }
  return lines;
}

function figureLines(result: RunResult): string[] {
  const { metrics } = result;
  const times = keyTimes(metrics);
  const time = (seconds: number | undefined): string => formatSeconds(seconds ?? 0);
  const rows = times.map((name) => {
    const { count, p50, p99, max } = metrics[name]!;
    return [name, formatCount(count ?? 0), time(p50), time(p99), time(max)];
  });
  const right = new Set([1, 2, 3, 4]);
  const lines = rows.length > 0 ? table([['', 'count', 'p50', 'p99', 'max'], ...rows], right) : [];
  const values = keyValues(metrics).map((name) => {
    const { unit, value } = metrics[name]!;
    return [name, formatFigure(name, unit, value!)];
  });
  return [...pairs(values), ...lines];
}

/** Two name-value pairs a line. */
function pairs(values: readonly (readonly string[])[]): string[] {
  const rows: string[][] = [];
  for (let i = 0; i < values.length; i += 2) {
    rows.push([...values[i]!, ...(values[i + 1] ?? [])]);
  }
  return table(rows, new Set([1, 3]));
}

function faultLines(faults: readonly FaultResult[], width: number, paint: Paint): string[] {
  const rows = faults
    .slice(0, FAULTS_MAX)
    .map(({ name, begin, end, affected, inert }) => [
      shorten(name, Math.max(20, width - 34)),
      end > begin ? `${formatSeconds(begin)} to ${formatSeconds(end)}` : formatSeconds(begin),
      inert ? paint.warn('inert') : `affected ${formatCount(affected)}`,
    ]);
  const more = faults.length - rows.length;
  return more > 0 ? [...table(rows), `and ${more} more`] : table(rows);
}

function unexercisedLines(result: RunResult, width: number, paint: Paint): string[] {
  if (result.unexercised.length === 0) return [];
  return wrap(result.unexercised.join(', '), width).map(paint.warn);
}

function runLines({ record, written }: RunView): string[] {
  const { simulatedSeconds, wallSeconds, events, eventsPerSecond, fingerprint } = record.result;
  const simulated = formatSeconds(simulatedSeconds);
  const speed = `${formatLarge(eventsPerSecond)} events/s`;
  const lines = [
    `${simulated} simulated in ${formatSeconds(wallSeconds)}, ` +
      `${formatCount(events)} events, ${speed}`,
    `fingerprint ${fingerprint}`,
  ];
  if (written !== null) lines[1] += `, ${written}`;
  return lines;
}
