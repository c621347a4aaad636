/**
 * The experiments of the Lifeguard paper again, beside its figures. Long: one repetition of all runs is
 * half an hour of one core. `--seconds` ends it earlier; the next start goes on, and the page says how
 * many runs each figure rests on.
 */
import {
  CONFIGURATIONS,
  DURATIONS,
  FATAL,
  INTERVALS,
  SLOW,
  experiment,
} from '../paper/lifeguard.ts';
import type { Configuration, Measured, Setting } from '../paper/lifeguard.ts';
import {
  PUBLISHED_DETECTION,
  PUBLISHED_MULTIPLIERS,
  PUBLISHED_RATIOS,
} from '../paper/lifeguard-published.ts';
import { quantile } from '../paper/swim.ts';
import { writePage } from './support/page.ts';
import type { PageOptions, Table } from './support/page.ts';
import { Progress } from './support/resume.ts';

export const title = 'Lifeguard against SWIM: the experiments of the paper';

/** As published; threshold runs are short, and their tails need many. */
const THRESHOLD_REPETITIONS = 10;

interface Options extends PageOptions {
  readonly seconds?: number;
}

interface Sum {
  runs: number;
  first: number[];
  full: number[];
  falsePositives: number;
  falsePositivesAtHealthy: number;
  messages: number;
  bytes: number;
}

const progress = new Progress<Sum>('lifeguard');

function emptySum(): Sum {
  return {
    runs: 0,
    first: [],
    full: [],
    falsePositives: 0,
    falsePositivesAtHealthy: 0,
    messages: 0,
    bytes: 0,
  };
}

function add(sum: Sum, one: Measured | Sum): void {
  sum.runs += 'runs' in one ? one.runs : 1;
  sum.first.push(...one.first);
  sum.full.push(...one.full);
  sum.falsePositives += one.falsePositives;
  sum.falsePositivesAtHealthy += one.falsePositivesAtHealthy;
  sum.messages += one.messages;
  sum.bytes += one.bytes;
}

/** One repetition of a group of settings, which belong to one row of a table. */
interface Batch {
  readonly key: string;
  readonly row: string;
  readonly seed: number;
  readonly settings: readonly Setting[];
}

function threshold(configuration: Configuration, alpha = 5, beta = 6): Omit<Batch, 'seed'> {
  const row = `threshold ${configuration} ${alpha},${beta}`;
  const settings = FATAL.flatMap((durationMillis) =>
    SLOW.map((slow) => ({
      configuration,
      slow,
      durationMillis,
      intervalMillis: null,
      alpha,
      beta,
    })),
  );
  return { key: row, row, settings };
}

function intervals(configuration: Configuration): Omit<Batch, 'seed'>[] {
  return SLOW.map((slow) => ({
    key: `interval ${configuration} ${slow}`,
    row: `interval ${configuration}`,
    settings: DURATIONS.flatMap((durationMillis) =>
      INTERVALS.map((intervalMillis) => ({
        configuration,
        slow,
        durationMillis,
        intervalMillis,
      })),
    ),
  }));
}

const MULTIPLIERS = Object.keys(PUBLISHED_MULTIPLIERS).map((pair) => pair.split(',').map(Number));

function batches(seeds: number): Batch[] {
  const repeated = (one: Omit<Batch, 'seed'>, repetitions: number): Batch[] =>
    Array.from({ length: repetitions }, (_, at) => ({
      ...one,
      seed: at + 1,
      key: `${one.key} #${at + 1}`,
    }));
  const others = MULTIPLIERS.filter(([alpha, beta]) => alpha !== 5 || beta !== 6);
  const thresholds = [
    ...CONFIGURATIONS.map((configuration) => threshold(configuration)),
    ...others.map(([alpha, beta]) => threshold('Lifeguard', alpha, beta)),
  ].flatMap((one) => repeated(one, THRESHOLD_REPETITIONS));
  const all = CONFIGURATIONS.flatMap(intervals).flatMap((one) => repeated(one, seeds));
  // Whole repetitions first: what is interrupted then compares like with like.
  const ordered = all.toSorted(
    (one, other) => one.seed - other.seed || one.settings[0]!.slow - other.settings[0]!.slow,
  );
  return [...thresholds, ...ordered];
}

function runBatch({ key, seed, settings }: Batch): Sum {
  const done = progress.get(key);
  if (done !== undefined) return done;
  const sum = emptySum();
  for (const setting of settings) add(sum, experiment(setting, seed));
  progress.finish(key, sum);
  process.stderr.write(`${key}: ${sum.falsePositives} false positives\n`);
  return sum;
}

const ascending = (one: number, other: number): number => one - other;
const percent = (value: number, of: number): string => ((100 * value) / of).toFixed(2);

/** A figure, and what was published. */
const beside = (found: string, published: number | string): string => `${found} (${published})`;

function detectionTable(sums: ReadonlyMap<string, Sum>): Table {
  const rows = CONFIGURATIONS.map((configuration) => {
    const sum = sums.get(`threshold ${configuration} 5,6`) ?? emptySum();
    const figures = [sum.first, sum.full].flatMap((times) => {
      const sorted = times.toSorted(ascending);
      return [0.5, 0.99, 0.999].map((share) => quantile(sorted, share) ?? Number.NaN);
    });
    const published = PUBLISHED_DETECTION[configuration];
    const cells = figures.map((found, at) => beside(found.toFixed(2), published[at]!));
    return [configuration, ...cells, sum.first.length, sum.runs];
  });
  const columns = ['', 'first', '99 %', '99.9 %', 'all', '99 %', '99.9 %', 'detections', 'runs'];
  return { columns, rows };
}

function mistakesTable(sums: ReadonlyMap<string, Sum>): Table {
  const base = sums.get('interval SWIM') ?? emptySum();
  const rows = CONFIGURATIONS.map((configuration) => {
    const sum = sums.get(`interval ${configuration}`) ?? emptySum();
    const published = PUBLISHED_RATIOS[configuration];
    return [
      configuration,
      sum.falsePositives,
      beside(percent(sum.falsePositives, base.falsePositives), published[0]),
      sum.falsePositivesAtHealthy,
      beside(percent(sum.falsePositivesAtHealthy, base.falsePositivesAtHealthy), published[1]),
      beside(percent(sum.messages, base.messages), published[2]),
      beside(percent(sum.bytes, base.bytes), published[3]),
      sum.runs,
    ];
  });
  const columns = [
    '',
    'false positives',
    '% of SWIM',
    'at healthy',
    '% of SWIM',
    'messages %',
    'bytes %',
    'runs',
  ];
  return { columns, rows };
}

function multipliersTable(sums: ReadonlyMap<string, Sum>): Table {
  const median = (times: readonly number[]): number =>
    quantile(times.toSorted(ascending), 0.5) ?? Number.NaN;
  const base = sums.get('threshold SWIM 5,6') ?? emptySum();
  const rows = Object.entries(PUBLISHED_MULTIPLIERS).map(([pair, published]) => {
    const sum = sums.get(`threshold Lifeguard ${pair}`) ?? emptySum();
    return [
      pair,
      beside(percent(median(sum.first), median(base.first)), published[0]),
      beside(percent(median(sum.full), median(base.full)), published[1]),
      sum.first.length,
      sum.runs,
    ];
  });
  return { columns: ['α, β', 'first', 'all', 'detections', 'runs'], rows };
}

const TEXT =
  '128 agents, of which 1 to 32 block together before they send and after they receive, while their ' +
  'timers run (Lifeguard, §V). Seconds from the begin of one spell of 16 or 33 s until the first other ' +
  'member takes a slow one for dead, and until all healthy ones do; in brackets what was published ' +
  '(table V). α 5, β 6, three confirmations; nacks and health score as the code that shipped has them, ' +
  'whose times fit the published ones; the paper says that nacks leave after 80 % of the timeout.';
const MISTAKES_TEXT =
  'Spells of 128 ms to 33 s that repeat after 1 ms to 16 s, for two minutes (tables IV and VI): members ' +
  'taken for dead that were not slow, at any member and at members that were not slow, and what was sent, ' +
  'all as a share of SWIM. How blocking works in detail decides how many there are at all, so orders of ' +
  'magnitude are comparable, not counts; single runs with many mistakes weigh much where few are made. ' +
  'The kind of machine differs too: eight agents of the paper shared each core, and may have waited for ' +
  'each other. Counted are groups of runs that all configurations have done, each with so many slow ' +
  'agents; the last column says how many that are. In brackets what was published, of 4320 runs each.';
const MULTIPLIERS_TEXT =
  'Median times of Lifeguard with other multipliers as a share of those of SWIM (table VII).';

/** By row. Of spells that repeat only what all configurations have done: like is compared with like. */
function sumsOf(all: readonly Batch[], done: ReadonlyMap<string, Sum>): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  const twins = (key: string, row: string): string[] =>
    CONFIGURATIONS.map((one) => key.replace(row, `interval ${one}`));
  for (const { key, row } of all) {
    const repeats = row.startsWith('interval');
    const complete = (repeats ? twins(key, row) : [key]).every((one) => done.has(one));
    if (!complete) continue;
    const sum = sums.get(row) ?? emptySum();
    add(sum, done.get(key)!);
    sums.set(row, sum);
  }
  return sums;
}

export function run({ seeds = 1, seconds = Infinity, page }: Options = {}): number {
  const until = performance.now() + 1000 * seconds;
  const all = batches(seeds);
  const done = new Map<string, Sum>();
  for (const batch of all) {
    if (performance.now() > until && progress.get(batch.key) === undefined) continue;
    done.set(batch.key, runBatch(batch));
  }
  const missing = all.length - done.size;
  const sums = sumsOf(all, done);
  writePage(
    {
      name: 'lifeguard',
      heading: 'Lifeguard',
      text: TEXT,
      seeds,
      ...detectionTable(sums),
      more: [
        { heading: 'Mistakes and traffic', text: MISTAKES_TEXT, ...mistakesTable(sums) },
        { heading: 'Multipliers', text: MULTIPLIERS_TEXT, ...multipliersTable(sums) },
      ],
    },
    page,
  );
  process.stderr.write(missing > 0 ? `${missing} batches are left: start again to go on.\n` : '');
  return 0;
}
