/** Plans of parts of one campaign as the plan of the whole. */
import { seedCount, wholeCount } from './plan.ts';
import type { Plan } from './plan.ts';

/** The plan with every seed that any of them names. Their scenarios and options are the same. */
export function joinPlans(plans: readonly Plan[]): Plan {
  const [one] = plans as [Plan, ...Plan[]];
  const first = Math.min(...plans.map(({ seeds }) => seeds.first));
  const last = Math.max(...plans.map(({ seeds }) => seeds.last));
  const whole: Plan = { ...one, seeds: { first, last }, only: null };
  // A shard knows the seeds of all; what lies between two ranges was asked for by nobody.
  const asked = new Set<number>();
  for (const { seeds } of plans) {
    for (let source = 0; source < one.sources.length; source++) {
      for (let seed = seeds.first; seed <= seeds.last; seed++) {
        asked.add(placeIn(whole, { source, seed }));
      }
    }
  }
  if (asked.size === wholeCount(whole)) return whole;
  return { ...whole, only: [...asked].sort((left, right) => left - right) };
}

/** Place of a run in the order of scenarios and seeds. */
export function placeIn(
  { seeds }: Plan,
  { source, seed }: { readonly source: number; readonly seed: number },
): number {
  return source * seedCount(seeds) + seed - seeds.first;
}
