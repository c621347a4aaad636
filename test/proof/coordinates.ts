/** Network coordinates on topologies of known round trips, over seeds. */
import { DRIFT_LIMIT, TOLERANCE, TOPOLOGIES, judge, judgeDrift } from '../paper/coordinates.ts';
import { writePage } from './support/page.ts';
import type { PageOptions } from './support/page.ts';

export const title = 'network coordinates settle on true round trips';

const TEXT =
  'Nodes measure each other at random, a thousand times each, and estimate the round trips of all pairs ' +
  "from their coordinates (the topologies and limits of serf's own tests, hashicorp/serf:coordinate/" +
  'performance_test.go). Errors are shares of the true round trip: the mean of all pairs, of which the ' +
  `median over the seeds must be within ${TOLERANCE} times the limit, and the largest, which is only told. ` +
  'No coordinate may ever become invalid and be reset. Heights: of the node that is 100 ms above the ' +
  'others, and the highest of those; seconds.';
const DRIFT_TEXT =
  'Four nodes that begin far from the origin: how far from it the middle of them is after ten thousand ' +
  'more rounds, as a share of before. The median must be below the limit.';

const short = (value: number): string => value.toPrecision(3);

export function run({ seeds = 500, page }: PageOptions = {}): number {
  const judged = TOPOLOGIES.map((topology) => {
    const found = judge(topology, seeds);
    process.stderr.write(`${topology.name}: ${found.meanError.map(short).join(', worst ')}\n`);
    return { topology, found };
  });
  const [median, worst] = judgeDrift(seeds);
  const rows = judged.map(({ topology: { name, nodes, dimensions, limits }, found }) => {
    const { meanError, largestError, heights, resets } = found;
    const [high, low] = name === 'height' ? heights.map(short) : ['', ''];
    const figures = [...meanError, limits[0], ...largestError, limits[1]].map(short);
    return [name, ...figures, high!, low!, resets, nodes, dimensions];
  });
  const columns = [
    'topology',
    'mean error',
    'worst seed',
    'limit',
    'largest error',
    'worst seed',
    'limit',
    'height',
    'others',
    'resets',
    'nodes',
    'dimensions',
  ];
  const drift = {
    heading: 'Drift',
    text: DRIFT_TEXT,
    columns: ['median', 'worst seed', 'limit'],
    rows: [[short(median), short(worst), DRIFT_LIMIT]],
  };
  writePage(
    {
      name: 'coordinates',
      heading: 'Network coordinates',
      text: TEXT,
      seeds,
      columns,
      rows,
      more: [drift],
    },
    page,
  );
  return judged.every(({ found }) => found.holds) && median < DRIFT_LIMIT ? 0 : 1;
}
