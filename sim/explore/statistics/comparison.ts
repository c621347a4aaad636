/**
 * Two settings over the same seeds. Both sides of a pair meet the same chance (common random
 * numbers), so what one seed does to both cancels out in their difference: its interval is far
 * narrower than that of two independent samples.
 */
import { mean, medianSorted } from 'simple-statistics';
import type { MetricSummary } from '../../core/metrics.ts';
import type { RunResult } from '../../run/result.ts';
import { ascending, meanInterval, quantileInterval, unpairedInterval } from './bootstrap.ts';
import type { Interval } from './bootstrap.ts';

/** One number of a run: its value, or what its distribution is told by. */
export type FigureName = 'value' | 'mean' | 'p50' | 'p99';
const FIGURES: readonly FigureName[] = ['value', 'mean', 'p50', 'p99'];

export interface ComparedSide {
  readonly mean: number;
  readonly median: number;
  /** Of the median; null of fewer than ten pairs. */
  readonly interval: Interval | null;
}

export interface ComparedFigure {
  readonly metric: string;
  readonly figure: FigureName;
  readonly unit: MetricSummary['unit'];
  /** Seeds that measured it on both sides. */
  readonly pairs: number;
  readonly first: ComparedSide;
  readonly second: ComparedSide;
  /** Seeds in which the second side is lower, the same, higher. */
  readonly lower: number;
  readonly equal: number;
  readonly higher: number;
  /** Mean of second minus first over the pairs, with its interval. */
  readonly difference: number;
  readonly interval: Interval | null;
  /** The interval that the same runs would give if they were not paired. */
  readonly unpaired: Interval | null;
  /** What the interval of the difference leaves no doubt about. */
  readonly finding: 'lower' | 'higher' | 'same' | 'unclear';
}

/** Figures that both sides measured in at least one seed, by metric in the order of code units. */
export function compareResults(
  first: readonly RunResult[],
  second: readonly RunResult[],
  name: string,
): ComparedFigure[] {
  const partners = new Map(second.map((result) => [result.seed, result]));
  const pairs = first.flatMap((one) => {
    const other = partners.get(one.seed);
    return other === undefined ? [] : [[one.metrics, other.metrics] as const];
  });
  const metrics = new Set(pairs.flatMap(([one]) => Object.keys(one)));
  return [...metrics].sort().flatMap((metric) =>
    FIGURES.flatMap((figure): ComparedFigure[] => {
      const values = pairs.flatMap(([one, other]) => {
        const [before, after] = [one[metric]?.[figure], other[metric]?.[figure]];
        return before === undefined || after === undefined ? [] : [[before, after] as const];
      });
      if (values.length === 0) return [];
      const { unit } = pairs.find(([one]) => one[metric] !== undefined)![0][metric]!;
      return [{ metric, figure, unit, ...compare(values, `${name}/${metric}/${figure}`) }];
    }),
  );
}

/** `name` names the streams of the intervals. */
export function compare(
  pairs: readonly (readonly [number, number])[],
  name: string,
): Omit<ComparedFigure, 'metric' | 'figure' | 'unit'> {
  const first = pairs.map(([one]) => one);
  const second = pairs.map(([, other]) => other);
  const differences = pairs.map(([one, other]) => other - one);
  const interval = meanInterval(differences, `${name}/difference`);
  const lower = differences.filter((difference) => difference < 0).length;
  const equal = differences.filter((difference) => difference === 0).length;
  return {
    pairs: pairs.length,
    first: sideOf(first, `${name}/first`),
    second: sideOf(second, `${name}/second`),
    lower,
    equal,
    higher: pairs.length - lower - equal,
    difference: mean(differences),
    interval,
    unpaired: unpairedInterval(first, second, `${name}/unpaired`),
    finding: equal === pairs.length ? 'same' : findingOf(interval),
  };
}

function sideOf(values: readonly number[], name: string): ComparedSide {
  return {
    mean: mean([...values]),
    median: medianSorted(ascending(values)),
    interval: quantileInterval(values, 0.5, name),
  };
}

function findingOf(interval: Interval | null): ComparedFigure['finding'] {
  if (interval === null) return 'unclear';
  if (interval.high < 0) return 'lower';
  return interval.low > 0 ? 'higher' : 'unclear';
}
