/** Times that are drawn: `5ms`, `1ms..5ms`, `exp 5ms`, `{ median, p99 }`, `{ table: [...] }`. */
import type { Parsed } from './units.ts';
import { parseDuration, parsePercent, parseRange, parsed, quoteRaw, refused } from './units.ts';

/**
 * How long something takes, in integer microseconds.
 *
 * `table` holds points of the inverse distribution function, [fraction 0..1, micros], both rising,
 * from fraction 0 to fraction 1; between two points it is linear.
 */
export type DistributionSpec =
  | { readonly kind: 'constant'; readonly micros: number }
  | { readonly kind: 'uniform'; readonly micros: readonly [number, number] }
  | { readonly kind: 'exponential'; readonly meanMicros: number }
  | { readonly kind: 'lognormal'; readonly medianMicros: number; readonly p99Micros: number }
  | { readonly kind: 'table'; readonly points: readonly (readonly [number, number])[] };

const TABLE_POINTS_MAX = 4096;

/** Any of the five forms -> DistributionSpec. */
export function parseDistribution(raw: unknown): Parsed<DistributionSpec> {
  if (typeof raw === 'string' && /^\s*exp\b/.test(raw)) {
    const mean = parseDuration(raw.replace(/^\s*exp/, '').trim());
    if (!mean.ok) return mean;
    if (mean.value === 0) return refused('"exp 0" is always 0; write 0');
    return parsed({ kind: 'exponential', meanMicros: mean.value });
  }
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) {
    return parseMapForm(raw as Readonly<Record<string, unknown>>);
  }
  if (typeof raw !== 'string' && typeof raw !== 'number') {
    return refused(
      `expected a time such as 5ms, 1ms..5ms, exp 5ms or { median: 1ms, p99: 8ms }, ` +
        `got ${quoteRaw(raw)}`,
    );
  }
  const range = parseRange(raw, parseDuration);
  if (!range.ok) return range;
  const [low, high] = range.value;
  if (low === high) return parsed({ kind: 'constant', micros: low });
  return parsed({ kind: 'uniform', micros: [low, high] });
}

function parseMapForm(map: Readonly<Record<string, unknown>>): Parsed<DistributionSpec> {
  const keys = Object.keys(map);
  const wrong = keys.find((key) => !['median', 'p99', 'table'].includes(key));
  if (wrong !== undefined) {
    return refused(`a time has no field "${wrong}"; write { median: 1ms, p99: 8ms } or { table }`);
  }
  if ('table' in map) {
    if (keys.length > 1) return refused('a table stands alone; remove median and p99');
    return parseTable(map['table']);
  }
  if (!('median' in map) || !('p99' in map)) {
    return refused('a lognormal time needs both median and p99, as { median: 1ms, p99: 8ms }');
  }
  const median = parseDuration(map['median']);
  if (!median.ok) return median;
  const p99 = parseDuration(map['p99']);
  if (!p99.ok) return p99;
  if (median.value === 0) return refused('the median must be more than 0');
  if (p99.value < median.value) return refused('p99 must not be less than the median');
  if (p99.value === median.value) return parsed({ kind: 'constant', micros: median.value });
  return parsed({ kind: 'lognormal', medianMicros: median.value, p99Micros: p99.value });
}

/** Either samples, `[1ms, 2ms, 9ms]`, or points, `[[0%, 1ms], [50%, 2ms], [100%, 9ms]]`. */
function parseTable(raw: unknown): Parsed<DistributionSpec> {
  if (!Array.isArray(raw) || raw.length === 0) {
    return refused('a table is a list of times, or of [percent, time] pairs');
  }
  if (raw.length > TABLE_POINTS_MAX) {
    return refused(`a table has at most ${TABLE_POINTS_MAX} entries, this one ${raw.length}`);
  }
  return raw.some(Array.isArray) ? parsePoints(raw) : parseSamples(raw);
}

function parseSamples(raw: readonly unknown[]): Parsed<DistributionSpec> {
  const micros: number[] = [];
  for (const sample of raw) {
    const one = parseDuration(sample);
    if (!one.ok) return one;
    micros.push(one.value);
  }
  if (micros.length === 1) return parsed({ kind: 'constant', micros: micros[0]! });
  const sorted = micros.toSorted((left, right) => left - right);
  const last = sorted.length - 1;
  return parsed({ kind: 'table', points: sorted.map((value, index) => [index / last, value]) });
}

function parsePoints(raw: readonly unknown[]): Parsed<DistributionSpec> {
  const points: (readonly [number, number])[] = [];
  for (const pair of raw) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      return refused('every entry of this table must be a pair such as [50%, 2ms]');
    }
    const share = parsePercent(pair[0]);
    if (!share.ok) return share;
    const micros = parseDuration(pair[1]);
    if (!micros.ok) return micros;
    const previous = points.at(-1);
    if (previous && (share.value <= previous[0] || micros.value < previous[1])) {
      return refused('the percentages of a table must rise and its times must not fall');
    }
    points.push([share.value, micros.value]);
  }
  if (points[0]![0] !== 0 || points.at(-1)![0] !== 1) {
    return refused('a table begins at 0% and ends at 100%');
  }
  return parsed({ kind: 'table', points });
}

/** The shortest time the distribution can give, in microseconds. */
export function minMicros(spec: DistributionSpec): number {
  switch (spec.kind) {
    case 'constant':
      return spec.micros;
    case 'uniform':
      return spec.micros[0];
    case 'table':
      return spec.points[0]![1];
    default:
      return 0;
  }
}

/** The longest time, in microseconds; Infinity where there is none. */
export function maxMicros(spec: DistributionSpec): number {
  switch (spec.kind) {
    case 'constant':
      return spec.micros;
    case 'uniform':
      return spec.micros[1];
    case 'table':
      return spec.points.at(-1)![1];
    default:
      return Infinity;
  }
}
