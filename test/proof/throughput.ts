/** What worker threads cost: a search by two of them against two processes of one thread each. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writePage } from './support/page.ts';
import type { PageOptions } from './support/page.ts';

export const title = 'two worker threads search as fast as two processes';

const BIN = fileURLToPath(new URL('../../bin/lictor.mjs', import.meta.url));
const ROUNDS = 3;
const RUNS = 160;
const SHARE_MIN = 0.9;

interface ThroughputOptions extends PageOptions {
  /** Rounds, in which both ways take turns. */
  readonly count?: number;
}

interface Told {
  readonly runs: number;
  readonly simulatedSeconds: number;
}

/** Every run of these seeds, each search in a folder of its own. */
function explore(folder: string, seeds: number, ...words: string[]): Promise<Told> {
  const plan = [
    'explore',
    'elections',
    'any-faults',
    '--seeds',
    `${seeds}`,
    '--no-shrink',
    '--fresh',
  ];
  const args = [BIN, ...plan, '--reporter', 'json', '--out', folder, ...words];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => void parts.push(part));
    child.on('error', reject);
    child.on('close', () => resolve(JSON.parse(Buffer.concat(parts).toString()) as Told));
  });
}

interface Speed {
  readonly runsPerSecond: number;
  readonly hoursPerSecond: number;
}

/** From start to end, the loading of the program too. */
async function speedOf(searches: () => Promise<Told[]>): Promise<Speed> {
  const began = performance.now();
  const told = await searches();
  const seconds = (performance.now() - began) / 1000;
  const runs = told.reduce((sum, one) => sum + one.runs, 0);
  const simulated = told.reduce((sum, one) => sum + one.simulatedSeconds, 0);
  return { runsPerSecond: runs / seconds, hoursPerSecond: simulated / 3600 / seconds };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

const TEXT =
  `${RUNS} runs of two mixes of faults, by two processes at the same time with one thread and half of the ` +
  'runs each, and by one process with two threads; in turns, from start to end. The share is that of the ' +
  'round: what else a machine does slows both.';

export async function run({ seeds = RUNS, count = ROUNDS, page }: ThroughputOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'throughput-'));
  const rows: string[][] = [];
  const shares: number[] = [];
  try {
    for (let round = 1; round <= count; round++) {
      const alone = await speedOf(() =>
        Promise.all(
          [1, 2].map((part) =>
            explore(join(folder, `${part}`), seeds, '--jobs', '1', '--shard', `${part}/2`),
          ),
        ),
      );
      const workers = await speedOf(async () => [
        await explore(join(folder, 'whole'), seeds, '--jobs', '2'),
      ]);
      const share = workers.runsPerSecond / alone.runsPerSecond;
      shares.push(share);
      const cells = ({ runsPerSecond, hoursPerSecond }: Speed): string[] => [
        runsPerSecond.toFixed(1),
        hoursPerSecond.toFixed(3),
      ];
      rows.push([`${round}`, ...cells(alone), ...cells(workers), `${(share * 100).toFixed(0)} %`]);
      process.stderr.write(`${rows.at(-1)!.join(' ')}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const share = median(shares);
  writePage(
    {
      name: 'throughput',
      heading: 'Throughput of searches',
      text: `${TEXT} In the median two threads do ${(share * 100).toFixed(0)} % of what two processes do.`,
      seeds,
      command: `npm run proof -- throughput --count ${count} --seeds ${seeds}`,
      columns: [
        'round',
        'processes: runs/s',
        'simulated hours/s',
        'threads: runs/s',
        'simulated hours/s',
        'share',
      ],
      rows,
    },
    page,
  );
  return share >= SHARE_MIN ? 0 : 1;
}
