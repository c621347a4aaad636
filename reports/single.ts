/** One scenario with one seed is told in full; whatever is more is added up. */
import type { Plan } from '../sim/explore/plan.ts';

export function isSinglePlan({ purpose, sources, seeds }: Plan): boolean {
  return purpose === 'run' && sources.length === 1 && seeds.first === seeds.last;
}
