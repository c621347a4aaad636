/**
 * Queues, balancing policies and retry storms through the whole stack, beside formulas and published
 * figures. Goes on where it was interrupted.
 */
import {
  BACKLOGS,
  BACKLOG_TOLERANCE,
  DISRUPTIONS,
  measureBacklog,
  measureDisruption,
} from '../paper/overload.ts';
import {
  BALANCED,
  FORMULAS,
  SLOW_REPLICA,
  STORMS,
  UNEVEN,
  agrees,
  measureQueue,
  measureStorm,
  slowReplica,
} from '../paper/queues.ts';
import type { QueueCase, QueueFigures } from '../paper/queues.ts';
import { writePage } from './support/page.ts';
import type { PageOptions, Table } from './support/page.ts';
import { Progress } from './support/resume.ts';

export const title = 'queues, balancing, slow replicas and retry storms through the whole stack';

/** Jobs of a case of effort 1. */
const JOBS = 1_000_000;
/** Queues that need more jobs than that are left to `--count`. */
const EFFORT_MAX = 4;
const LITTLE = 0.005;
const DISRUPTION_TOLERANCE = 0.03;
const DRAWS = 20;

const TEXT =
  'Times in units of the mean service time. Means must lie within 2 % of the formulas up to 0.9, 5 % at ' +
  '0.95, 10 % at 0.99, or within three standard errors; the mean number inside over arrival rate and mean ' +
  "time (Little's law) within 0.5 % of 1. Expected figures are in brackets.";

interface Cell {
  readonly text: string | number;
  readonly holds: boolean;
}

function told(key: string): void {
  process.stderr.write(`${key}\n`);
}

type Kept = QueueFigures | { readonly share: number; readonly amplification: number } | number;

class Proof {
  private readonly progress = new Progress<Kept>('queues');
  private readonly jobs: number;

  constructor(jobs: number) {
    this.jobs = jobs;
  }

  private once<T extends Kept>(key: string, measure: () => T): T {
    const known = this.progress.get(key);
    if (known !== undefined) return known as T;
    const value = measure();
    this.progress.finish(key, value);
    told(`${key}: ${JSON.stringify(value)}`);
    return value;
  }

  queue(one: QueueCase): Cell[] {
    const jobs = this.jobs * Math.min(one.effort, EFFORT_MAX);
    const key = `${one.name} at ${one.rho.toFixed(3)}, ${jobs}`;
    const found = this.once(key, () => measureQueue(one, jobs, 1));
    const holds = agrees(found, one) && Math.abs(found.little - 1) <= LITTLE;
    const p99 = one.p99 === undefined ? '' : ` (${one.p99})`;
    return [
      one.name,
      one.rho.toFixed(3),
      found.jobs,
      `${found.mean.toFixed(3)} (${one.mean.toFixed(3)})`,
      found.error.toFixed(3),
      `${found.p99.toFixed(1)}${p99}`,
      found.little.toFixed(4),
    ].map((text) => ({ text, holds }));
  }

  storm(one: (typeof STORMS)[number], seeds: number): Cell[] {
    const runs = Array.from({ length: seeds }, (_, at) =>
      this.once(`storm ${one.name} ${one.rho} ${at + 1}`, () => measureStorm(one, at + 1)),
    );
    const share = runs.reduce((sum, run) => sum + run.share, 0) / seeds;
    const times = runs.reduce((sum, run) => sum + run.amplification, 0) / seeds;
    const holds = share >= one.share[0] && share <= one.share[1];
    const percent = (part: number): string => `${(part * 100).toFixed(0)} %`;
    return [
      { text: one.rho, holds: true },
      { text: one.name, holds: true },
      { text: `${percent(share)} (${one.share.map(percent).join(' to ')})`, holds },
      { text: times.toFixed(2), holds: Math.abs(times - one.amplification) <= 0.25 },
    ];
  }

  backlog({ rate, seconds }: (typeof BACKLOGS)[number], seeds: number): Cell[] {
    const times = Array.from({ length: seeds }, (_, at) =>
      this.once(`backlog ${rate} ${at + 1}`, () => measureBacklog(rate, at + 1)),
    );
    const mean = times.reduce((sum, time) => sum + time, 0) / seeds;
    const holds = Math.abs(mean / seconds - 1) <= BACKLOG_TOLERANCE;
    return [rate, `${mean.toFixed(1)} (${seconds.toFixed(1)})`].map((text) => ({ text, holds }));
  }

  replica({ policy, expected }: (typeof SLOW_REPLICA)[number]): Cell[] {
    const found = this.once(`replica ${policy}`, () => slowReplica(policy, 1));
    const holds = Math.abs(found - expected) <= 0.0015;
    const percent = (part: number): string => `${(part * 100).toFixed(2)} %`;
    return [policy, `${percent(found)} (${percent(expected)})`].map((text) => ({ text, holds }));
  }

  disruption([removed, expected]: (typeof DISRUPTIONS)[number]): Cell[] {
    const found = this.once(`maglev ${removed}`, () => {
      const moved = Array.from({ length: DRAWS }, (_, at) => measureDisruption(removed, at + 1));
      return moved.reduce((sum, one) => sum + one, 0) / DRAWS;
    });
    const holds = found <= DISRUPTION_TOLERANCE;
    const percent = (part: number): string => `${(part * 100).toFixed(2)} %`;
    return [removed, `${percent(found)} (${percent(expected)})`].map((text) => ({ text, holds }));
  }
}

function table(columns: readonly string[], cells: readonly Cell[][]): Table {
  return { columns, rows: cells.map((row) => row.map(({ text }) => text)) };
}

export function run({
  seeds = 3,
  count = JOBS,
  page,
}: PageOptions & { readonly count?: number } = {}): number {
  const proof = new Proof(count);
  const queues = FORMULAS.map((one) => proof.queue(one));
  const balanced = [...BALANCED, ...UNEVEN].map((one) => proof.queue(one));
  const replicas = SLOW_REPLICA.map((one) => proof.replica(one));
  const storms = STORMS.map((one) => proof.storm(one, seeds));
  const backlogs = BACKLOGS.map((one) => proof.backlog(one, seeds));
  const disruptions = DISRUPTIONS.map((one) => proof.disruption(one));
  const columns = ['queue', 'load', 'jobs', 'mean', 'standard error', '99 %', "Little's law"];
  writePage(
    {
      name: 'queues',
      heading: 'Queues, balancing and retries',
      text: `${TEXT} Each case has ${count} jobs, up to four times as many where the load is high; the first tenth is not counted.`,
      command: `npm run proof -- queues --seeds ${seeds} --count ${count}`,
      seeds,
      ...table(columns, queues),
      more: [
        {
          heading: 'Balancing',
          text: 'Instances of one worker each; figures of other simulations in brackets, within 4 %.',
          ...table(columns, balanced),
        },
        {
          heading: 'A slow replica',
          text: 'Eleven servers of 167 ms, one at 2 s for half of the minute, 1000 calls a second: share answered within a second.',
          ...table(['policy', 'within a second'], replicas),
        },
        {
          heading: 'Retry storms',
          text: 'One server at a fifth of its speed for ten seconds: share of calls that succeed 130 to 220 s later, and attempts for each.',
          ...table(['load', 'retries', 'succeed', 'attempts'], storms),
        },
        {
          heading: 'Backlogs',
          text: 'A server of 300 requests a second behind a cut of ten seconds, one retry: seconds after the heal at which the last call is sent whose first attempt times out.',
          ...table(['calls a second', 'seconds'], backlogs),
        },
        {
          heading: "Maglev's disruption",
          text: 'Of 1000 backends some are removed: share of the 65537 places that move although their backend stays; below 3 %.',
          ...table(['removed', 'moved'], disruptions),
        },
      ],
    },
    page,
  );
  const all = [queues, balanced, replicas, storms, backlogs, disruptions].flat(2);
  return all.every(({ holds }) => holds) ? 0 : 1;
}
