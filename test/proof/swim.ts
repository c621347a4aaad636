/** Times of failure detection over thousands of seeds beside the figures that follow from the rules. */
import {
  DETECTION_CASES,
  ISOLATION_CASES,
  difference,
  mean,
  measureDetections,
  measureIsolation,
  quantile,
} from '../paper/swim.ts';
import { writePage } from './support/page.ts';
import type { PageOptions } from './support/page.ts';

export const title = 'failure detection of memberlist: waits, detection times, an isolated member';

const MEAN_TOLERANCE = 0.04;
const TAIL_TOLERANCE = 0.06;
/** Large pools take longer, and their means need fewer runs. */
const SEEDS_OF_LARGE = 0.1;
const LARGE = 30;

const TEXT =
  'A pool without latency and loss, LAN defaults, one member crashes at any moment: probe intervals until ' +
  'the first probe that fails begins, and seconds until the first member takes it for dead. In brackets ' +
  'what follows from the rules by calculation; means must lie within 4 %, the 99 % quantiles within 6 %. ' +
  'Pools of 30 and more: a tenth of the seeds.';
const ISOLATION_TEXT =
  'One member is cut off from all others: seconds until it holds all of them dead. Missing nacks make it ' +
  'slow, up to one probe in eight seconds; the others are not slowed.';

interface Figure {
  readonly text: string;
  readonly holds: boolean;
}

function figure(found: number, expected: number | undefined, tolerance: number): Figure {
  const text = found.toFixed(2);
  if (expected === undefined) return { text, holds: true };
  return { text: `${text} (${expected})`, holds: difference(found, expected) <= tolerance };
}

function detectionRow(one: (typeof DETECTION_CASES)[number], seeds: number): Figure[] {
  const runs = one.members < LARGE ? seeds : Math.max(1, Math.round(seeds * SEEDS_OF_LARGE));
  const { waits, detections } = measureDetections(one.members, runs);
  const { wait, detection } = one;
  // With a tenth of the seeds a 99 % quantile rests on too few of them to be judged.
  const tail = one.members < LARGE ? TAIL_TOLERANCE : Infinity;
  return [
    figure(mean(waits), wait?.[0], one.members < LARGE ? MEAN_TOLERANCE : 3 * MEAN_TOLERANCE),
    figure(quantile(waits, 0.5), wait?.[1], 3 * MEAN_TOLERANCE),
    figure(quantile(waits, 0.99), wait?.[2], tail),
    figure(mean(detections), detection[0], MEAN_TOLERANCE),
    figure(quantile(detections, 0.99), detection[1], tail),
  ];
}

export function run({ seeds = 3000, page }: PageOptions = {}): number {
  const rows = DETECTION_CASES.map((one) => {
    const figures = detectionRow(one, seeds);
    process.stderr.write(`${one.members}: ${figures.map(({ text }) => text).join(' ')}\n`);
    return { members: one.members, figures };
  });
  const isolated = ISOLATION_CASES.map(({ members, seconds }) => {
    const times = measureIsolation(members, Math.max(1, Math.round(seeds / 30)));
    return { members, figures: [figure(mean(times), seconds, MEAN_TOLERANCE)] };
  });
  const cells = ({ members, figures }: (typeof rows)[number]): (string | number)[] => [
    members,
    ...figures.map(({ text }) => text),
  ];
  writePage(
    {
      name: 'swim',
      heading: 'Failure detection',
      text: TEXT,
      seeds,
      columns: ['members', 'wait', 'median', '99 %', 'found out after', '99 %'],
      rows: rows.map(cells),
      more: [
        {
          heading: 'An isolated member',
          text: ISOLATION_TEXT,
          columns: ['members', 'all others dead after'],
          rows: isolated.map(cells),
        },
      ],
    },
    page,
  );
  return [...rows, ...isolated].every(({ figures }) => figures.every(({ holds }) => holds)) ? 0 : 1;
}
