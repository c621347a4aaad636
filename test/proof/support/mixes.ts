/** The bundled mixes of faults as a search takes them. */
import { readFileSync } from 'node:fs';
import { loadScenario } from '../../../scenarios/load.ts';
import type { SearchPlan } from '../../../sim/explore/search/plan.ts';
import { bundledIn } from '../../run/kit.ts';

/** Limits of time and memory do not apply: they depend on the machine. */
export const NEVER = { wallSeconds: () => performance.now() / 1000, residentBytes: () => 0 };

/** All mixes that take these settings: what Consul builds on Raft is not in those about Raft alone. */
export function planOfMixes(overrides: readonly string[]): SearchPlan {
  const sources = bundledIn('swarm').flatMap((name) => {
    const file = `scenarios/${name}.yaml`;
    const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
    const source = { file, text, overrides, name, description: '', parameters: [] };
    return loadScenario(text, { file, overrides: [...overrides] }).ok ? [source] : [];
  });
  return {
    strategy: 'swarm',
    sources,
    firstSeed: 1,
    trials: 1_000_000,
    part: 0,
    parts: 1,
    shrinkRuns: 0,
  };
}
