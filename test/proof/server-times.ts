/** Times of a Consul server's duties over many crashes and returns beside what follows from the rules. */
import { EXPECTED, differs, measureTimes, quantile } from '../paper/server-times.ts';
import type { Times } from '../paper/server-times.ts';
import { writePage } from './support/page.ts';
import type { PageOptions } from './support/page.ts';

export const title = 'duties of a Consul server: removal, promotion, the windows of a new leader';

const TOLERANCE = 0.05;
const ROUNDS = 40;

const TEXT =
  'Three servers, messages of 10 ms, writes of 5 ms. s3 crashes for 30 s about once a minute: seconds ' +
  'from the status failed to its removal by autopilot, and from being found healthy after its return to ' +
  'its vote. Leaders crash: seconds from the election to the moment at which the new leader has applied ' +
  'its own Noop, until when default reads may be stale, and to the readiness for consistent reads. In ' +
  'brackets what follows from the rules, also for requests that find no leader, and for sessions whose ' +
  'clients fall silent with a lock; figures lie within 5 % of it (of the 10 s between two looks of ' +
  'autopilot, where that decides).';

const NAMES: Readonly<Record<keyof Times, string>> = {
  removal: 'failed to removed',
  promotion: 'healthy to voter',
  window: 'elected to Noop applied',
  ready: 'elected to ready',
  givingUp: 'request without a leader to its error',
  expiry: 'last renewal to the end of the session (TTL 10 s)',
  inherited: 'the same, from the establishing of a new leader',
  release: 'last renewal to the next holder of the lock (lock-delay 15 s)',
};

export function run({ seeds = 40, page }: PageOptions = {}): number {
  const times = measureTimes(seeds, ROUNDS);
  let holds = true;
  const rows = (Object.keys(EXPECTED) as (keyof Times)[]).map((name) => {
    const { low, median, high } = EXPECTED[name];
    const cell = (share: number, expected: number): string => {
      const found = quantile(times[name], share);
      // Whether one in twenty has to dial first is chance.
      const isChance = high < 1 && share === 0.95;
      if (!isChance && differs(name, found, expected) > TOLERANCE) holds = false;
      return `${found.toFixed(3)} (${expected})`;
    };
    return [NAMES[name], times[name].length, cell(0.05, low), cell(0.5, median), cell(0.95, high)];
  });
  const columns = ['time', 'count', '5 %', 'median', '95 %'];
  writePage(
    {
      name: 'server-times',
      heading: "Times of a server's duties",
      text: TEXT,
      seeds,
      columns,
      rows,
    },
    page,
  );
  return holds ? 0 : 1;
}
