/**
 * Balancing by ten clients that find their instances through agents, checks, blocking queries and the
 * cache, beside the figures of clients that know them.
 */
import { DISCOVERED, agrees, measureQueue } from '../paper/queues.ts';
import { writePage } from './support/page.ts';
import type { PageOptions } from './support/page.ts';
import { Progress } from './support/resume.ts';
import type { QueueFigures } from '../paper/queues.ts';

export const title = 'balancing by clients that discover their instances through agents';

const JOBS = 1_000_000;
const LITTLE = 0.005;

export function run({
  count = JOBS,
  page,
}: PageOptions & { readonly count?: number } = {}): number {
  const progress = new Progress<QueueFigures>('queues-discovered');
  let holds = true;
  const rows = DISCOVERED.map((one) => {
    const key = `${one.name}, ${count}`;
    const found = progress.get(key) ?? measureQueue(one, count, 1);
    progress.finish(key, found);
    process.stderr.write(`${key}: ${JSON.stringify(found)}\n`);
    holds &&= agrees(found, one) && Math.abs(found.little - 1) <= LITTLE;
    return [
      one.name,
      one.rho.toFixed(3),
      found.jobs,
      `${found.mean.toFixed(3)} (${one.mean.toFixed(3)})`,
      found.error.toFixed(3),
      `${found.p99.toFixed(1)} (${one.p99})`,
      found.little.toFixed(4),
    ];
  });
  writePage(
    {
      name: 'queues-discovered',
      heading: 'Balancing through discovery',
      text:
        'Times in units of the mean service time. The cluster starts cold: instances register through the ' +
        'API of their agents, which check them; each of ten clients holds a blocking query on the cache of ' +
        'its agent and balances by itself. Means must lie within 4 % of the figures in brackets, which are ' +
        'those of clients that know their instances, or within three standard errors; the mean number ' +
        "inside over arrival rate and mean time (Little's law) within 0.5 % of 1. The first tenth of the " +
        'jobs is not counted.',
      command: `npm run proof -- queues-discovered --count ${count}`,
      seeds: 1,
      columns: ['queue', 'load', 'jobs', 'mean', 'standard error', '99 %', "Little's law"],
      rows,
    },
    page,
  );
  return holds ? 0 : 1;
}
