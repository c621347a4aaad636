/** Planted bugs over many seeds: how often bundled scenarios catch them, and that nothing else does. */
import { PLANTED, sweep } from '../planted/campaign.ts';
import type { Sweep } from '../planted/campaign.ts';
import type { ProofOptions } from './main.ts';

export const title = 'planted bugs are caught by bundled scenarios, which pass without them';

function invariantsOf({ caught }: Sweep): string {
  const counts = new Map<string, number>();
  for (const { invariants } of caught) {
    for (const name of invariants) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const parts = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return parts.map(([name, count]) => `${name} (${count})`).join(', ') || 'none';
}

export function run({ seeds = 2000, print }: ProofOptions): boolean {
  let holds = true;
  print('| scenario | plant | seeds | not passed | first seed | broken, in how many seeds |');
  print('|---|---|---:|---:|---:|---|');
  for (const { bug, scenario } of PLANTED) {
    for (const plant of [bug, null]) {
      const found = sweep(scenario, plant, seeds);
      const { caught, runs } = found;
      const first = caught[0]?.seed;
      const codes = caught.every(({ exitCode }) => exitCode === 1);
      holds &&= plant === null ? caught.length === 0 : first !== undefined && first <= 200 && codes;
      const columns = [scenario, plant ?? 'none', runs, caught.length, first ?? '-'];
      print(`| ${[...columns, invariantsOf(found)].join(' | ')} |`);
    }
  }
  return holds;
}
