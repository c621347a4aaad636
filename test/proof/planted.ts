/** Planted bugs over many seeds: how often bundled scenarios catch them, and that nothing else does. */
import { PLANTED, sweep } from '../planted/campaign.ts';
import type { Sweep } from '../planted/campaign.ts';
import { writePage } from './support/page.ts';
import type { PageOptions } from './support/page.ts';

export const title = 'planted bugs are caught by bundled scenarios, which pass without them';

function invariantsOf({ caught }: Sweep): string {
  const counts = new Map<string, number>();
  for (const { invariants } of caught) {
    for (const name of invariants) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const parts = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return parts.map(([name, count]) => `${name} (${count})`).join(', ') || 'none';
}

const TEXT =
  'Each scenario runs with a bug planted and without. With it, some seed up to 200 must end with exit ' +
  'code 1; without it, every seed must pass.';

export function run({ seeds = 2000, page }: PageOptions = {}): number {
  let holds = true;
  const rows: (string | number)[][] = [];
  for (const { bug, scenario } of PLANTED) {
    for (const plant of [bug, null]) {
      const found = sweep(scenario, plant, seeds);
      const { caught, runs } = found;
      const first = caught[0]?.seed ?? Infinity;
      const codes = caught.every(({ exitCode }) => exitCode === 1);
      holds &&= plant === null ? caught.length === 0 : first <= 200 && codes;
      const at = first === Infinity ? 'none' : String(first);
      rows.push([scenario, plant ?? 'none', runs, caught.length, at, invariantsOf(found)]);
      process.stderr.write(`${rows.at(-1)!.join(' ')}\n`);
    }
  }
  const columns = ['scenario', 'plant', 'seeds', 'not passed', 'first seed', 'broken (seeds)'];
  writePage({ name: 'planted', heading: 'Planted bugs', text: TEXT, seeds, columns, rows }, page);
  return holds ? 0 : 1;
}
