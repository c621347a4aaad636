/** The first line of a report: the verdict and the reason for it. */
import type { Scenario } from '../../scenarios/scenario.ts';
import type { RunRecord } from '../../sim/explore/record.ts';
import type { RunResult, Violation } from '../../sim/run/result.ts';
import { formatFigure, unitOf } from '../figures.ts';
import type { Paint } from '../paint.ts';
import { formatSeconds, plural } from '../text.ts';

/** One word for how a run ended, and whether that is good, bad or neither. */
export interface VerdictWord {
  readonly word: string;
  readonly mood: 'good' | 'bad' | 'warn';
}

export function wordOf(exitCode: number): VerdictWord {
  switch (exitCode) {
    case 0:
      return { word: 'PASS', mood: 'good' };
    case 1:
      return { word: 'FAIL', mood: 'bad' };
    case 2:
      return { word: 'UNKNOWN', mood: 'warn' };
    case 3:
      return { word: 'NOT DETERMINISTIC', mood: 'bad' };
    case 4:
      return { word: 'MISSED', mood: 'warn' };
    case 130:
      return { word: 'INTERRUPTED', mood: 'warn' };
    default:
      return { word: 'ERROR', mood: 'bad' };
  }
}

export function paintWord({ word, mood }: VerdictWord, paint: Paint): string {
  return paint[mood](word);
}

/** Violations that made the run fail, or would have, had they not been expected. */
export function realViolations(result: RunResult): Violation[] {
  return result.violations.filter(({ status }) => status !== 'allowed');
}

/** Why a run ended as it did, without a full stop. */
export function reasonOf({ result, difference, exitCode }: RunRecord): string {
  if (difference !== null) {
    const { event, time, description } = difference;
    return `two executions differ first at event ${event}, ${formatSeconds(time)}: ${description}`;
  }
  if (exitCode === 130) return `stopped at ${formatSeconds(result.simulatedSeconds)} of the run`;
  if (exitCode === 1) return failure(result);
  if (exitCode === 2) return unknown(result);
  if (exitCode === 4) return missed(result);
  return success(result);
}

function failure(result: RunResult): string {
  const [first] = realViolations(result);
  const expected = expectationOf(result);
  if (expected !== null && (first === undefined || first.invariant !== expected)) {
    const instead = first === undefined ? '' : `; ${first.invariant} was violated instead`;
    return `expected ${whatOf(result)} of ${expected}, which did not happen${instead}`;
  }
  if (first === undefined) return 'what was expected did not happen';
  return `${first.invariant} violated at ${formatSeconds(first.time)}`;
}

function unknown(result: RunResult): string {
  const { limits, unexercised, thresholds } = result;
  if (limits.length > 0) {
    return `the limit on ${limits.join(', ')} was reached at ${formatSeconds(result.simulatedSeconds)}`;
  }
  if (unexercised.length > 0) return `never exercised, with --strict: ${unexercised.join(', ')}`;
  const unmeasured = thresholds.filter(({ verdict }) => verdict === 'unknown');
  return `nothing was measured for ${unmeasured.map(({ metric }) => metric).join(', ')}`;
}

function missed({ thresholds, metrics }: RunResult): string {
  const said = thresholds
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ metric, expression, value }) => {
      const figure = formatFigure(metric, unitOf(expression, metrics[metric]), value ?? 0);
      return `${metric} is ${figure} instead of ${expression}`;
    });
  return said.join(', ');
}

function success(result: RunResult): string {
  const { thresholds, violations } = result;
  const parts: string[] = [];
  const real = realViolations(result);
  const holding = result.invariants.filter(({ verdict }) => verdict === 'pass').length;
  const allowed = violations.length - real.length;
  if (expectationOf(result) !== null && real.length > 0) {
    parts.push(`${real[0]!.invariant} violated, as expected`);
  } else if (expectationOf(result) !== null && allowed > 0) {
    parts.push(`allowed anomalies of ${expectationOf(result)}, as expected`);
  } else if (real.length > 0) {
    parts.push(`${plural(real.length, 'known violation')}, allowed by known_issues`);
  } else parts.push(`${plural(holding, 'invariant')} hold${holding === 1 ? 's' : ''}`);
  const met = thresholds.filter(({ verdict }) => verdict === 'pass').length;
  if (thresholds.length > 0) parts.push(`${met} of ${plural(thresholds.length, 'threshold')} met`);
  if (result.unexercised.length > 0) parts.push(`${result.unexercised.length} not exercised`);
  return parts.join(', ');
}

function whatOf({ manifest }: RunResult): string {
  const resolved = manifest.resolved as Partial<Scenario> | null;
  return resolved?.expect?.kind === 'anomaly' ? 'an allowed anomaly' : 'a violation';
}

/** The invariant whose violation or allowed anomaly the scenario expects, or null. */
export function expectationOf(result: RunResult): string | null {
  const resolved = result.manifest.resolved as Partial<Scenario> | null;
  const expect = resolved?.expect;
  return expect === undefined || expect.kind === 'pass' ? null : expect.invariant;
}
