/** Tables of bugs: each scenario with its bug and without, over many seeds. */
import { load, runSeed } from '../../planted/campaign.ts';
import type { Catch, Planted } from '../../planted/campaign.ts';
import { writePage } from './page.ts';
import { Progress } from './resume.ts';

/** A bug must show within so many seeds. */
const SEEDS_MAX = 500;

interface Done {
  runs: number;
  caught: Catch[];
}

const TEXT =
  'Each scenario runs with a bug and without: planted, where the real program does not have it; not ' +
  'fixed, where it does; or with the release that has it. With the bug some seed up to 500 must end with ' +
  'exit code 1, a violation, or 4, a threshold missed, and break what it is known for, perhaps more; ' +
  'without it every seed must pass. The column before the last counts the seeds in which each invariant was ' +
  'violated, or the threshold of each metric missed; the last names the code that a row is of.';

function brokenIn(caught: readonly Catch[]): string {
  const counts = new Map<string, number>();
  for (const { broken } of caught) {
    for (const name of broken) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const parts = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return parts.map(([name, count]) => `${name} (${count})`).join(', ') || 'none';
}

function sweepOn(
  progress: Progress<Done>,
  name: string,
  overrides: readonly string[],
  seeds: number,
): Done & { readonly commit: string } {
  const key = `${name} ${overrides.join(' ')}`;
  const done = progress.get(key) ?? { runs: 0, caught: [] };
  const scenario = load(name, overrides);
  while (done.runs < seeds) {
    const found = runSeed(scenario, done.runs + 1);
    done.runs++;
    if (found !== undefined) done.caught.push(found);
    progress.set(key, done);
  }
  progress.finish(key, done);
  return { ...done, commit: progress.commitOf(key) };
}

function isCaught({ breaks }: Planted, { caught }: Done): boolean {
  const first = caught[0]?.seed ?? Infinity;
  const rightly = caught.every(
    ({ exitCode, broken }) =>
      (exitCode === 1 || exitCode === 4) && broken.some((name) => breaks.includes(name)),
  );
  return first <= SEEDS_MAX && rightly;
}

export interface PlantedProof {
  /** Of the proof, its page and its file of progress. */
  readonly name: string;
  readonly heading: string;
  readonly list: readonly Planted[];
  /** Without the bug; with it, no more than until it must have shown. */
  readonly seeds: number;
  readonly page: string | undefined;
}

/** The table of a list of bugs; 0 where each is caught, and nothing fails without it. */
export function provePlanted({ name, heading, list, seeds, page }: PlantedProof): number {
  const progress = new Progress<Done>(name);
  let holds = true;
  const rows: (string | number)[][] = [];
  for (const one of list) {
    const { bug, kind, scenario, planted, clean } = one;
    const sick = sweepOn(progress, scenario, planted, Math.min(seeds, SEEDS_MAX));
    const healthy = sweepOn(progress, scenario, clean, seeds);
    holds &&= isCaught(one, sick) && healthy.caught.length === 0;
    for (const [label, done] of [
      [`with ${bug}`, sick],
      ['without', healthy],
    ] as const) {
      const first = done.caught[0]?.seed ?? 'none';
      const broken = brokenIn(done.caught);
      const { runs, caught, commit } = done;
      rows.push([bug, kind, scenario, label, runs, caught.length, first, broken, commit]);
      process.stderr.write(`${rows.at(-1)!.join(' ')}\n`);
    }
  }
  const columns = [
    'bug',
    'class',
    'scenario',
    'servers',
    'seeds',
    'not passed',
    'first seed',
    'broken (seeds)',
    'commit',
  ];
  writePage({ name, heading, text: TEXT, seeds, columns, rows }, page);
  return holds ? 0 : 1;
}
