/** Runs that did not pass, as reporters keep them until the end. */
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord } from '../sim/explore/record.ts';
import type { RunResult, Violation } from '../sim/run/result.ts';
import { formatFigure, unitOf } from './figures.ts';
import { realViolations, reasonOf, wordOf } from './console/verdict.ts';

/** Troubles whose story is kept; the rest only count. */
const STORIES_MAX = 20;

/** Without the texts that would pile up over thousands of failures. */
export function slimTrouble(record: JobRecord, before: number): JobRecord {
  if (record.kind === 'crash') return record;
  const story = before < STORIES_MAX ? record.story : [];
  return { ...record, story, distributions: [], transcript: [], files: null };
}

/** One thing that was found, at a place of a scenario file. */
export interface Finding {
  readonly kind: 'violation' | 'known' | 'threshold' | 'unknown' | 'error';
  /** Name of the invariant or metric, or what else it is about. */
  readonly rule: string;
  readonly message: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly record: JobRecord;
}

/** Everything that keeps a run from passing; at least one finding. */
export function findingsOf(record: JobRecord, plan: Plan): Finding[] {
  const { file, text } = plan.sources[record.source]!;
  const at = (
    kind: Finding['kind'],
    rule: string,
    message: string,
    word: string,
    line = lineOf(text, word),
  ): Finding => ({ kind, rule, message, file, line, record });
  if (record.kind === 'crash') {
    return [at('error', 'internal-error', record.message, 'name:')];
  }
  const { result, exitCode } = record;
  const found = realViolations(result).map((violation) => {
    const { invariant, message, status, reference } = violation;
    const known = reference === '' ? '' : ` (${reference})`;
    const kind = status === 'known' ? 'known' : 'violation';
    const line = faultLine(text, result, violation);
    return at(kind, invariant, `${message}${known}`, 'faults:', line);
  });
  if (exitCode === 4) {
    for (const { metric, verdict, expression, value } of result.thresholds) {
      if (verdict !== 'fail') continue;
      const figure = formatFigure(metric, unitOf(expression, result.metrics[metric]), value ?? 0);
      const message = `${metric} is ${figure} instead of ${expression}`;
      found.push(at('threshold', metric, message, metric));
    }
  }
  if (found.length > 0 && exitCode !== 2) return found;
  return [
    at(exitCode === 1 ? 'violation' : 'unknown', ruleOf(exitCode), reasonOf(record), 'name:'),
  ];
}

function ruleOf(exitCode: number): string {
  return wordOf(exitCode).word.toLowerCase().replaceAll(' ', '-');
}

/** The first line that holds the word; the first of all where none does. */
function lineOf(text: string, word: string): number {
  const at = text.split('\n').findIndex((line) => line.includes(word));
  return Math.max(1, at + 1);
}

const SECONDS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/**
 * The line of the fault that most likely caused a violation: the last to begin before it, one that
 * named its hosts before others. Undefined where no line of the file says so.
 */
function faultLine(text: string, { faults }: RunResult, violation: Violation): number | undefined {
  const { time, hosts } = violation;
  const before = faults.filter(({ begin, inert }) => !inert && begin <= time);
  const near = before.filter(({ name }) => hosts.some((host) => name.split(/\W+/).includes(host)));
  const cause = (near.length > 0 ? near : before).toSorted((a, b) => a.begin - b.begin).at(-1);
  if (cause === undefined) return undefined;
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith('faults:'));
  const verb = new RegExp(`(?:^|[\\s{-])${cause.name.split(' ')[0]}:`);
  const found = lines.flatMap((line, at) => (at >= first && verb.test(line) ? [at] : []));
  if (first < 0 || found.length === 0) return undefined;
  const exact = found.find((at) => {
    // One fault may take several lines; its time stands on one of them.
    const [, figure, unit] = /\bat: *([\d.]+)(us|ms|s|m|h)\b/.exec(lines[at]!) ?? [];
    return unit !== undefined && Math.abs(Number(figure) * SECONDS[unit]! - cause.begin) < 1e-6;
  });
  return (exact ?? found[0]!) + 1;
}
