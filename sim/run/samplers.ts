/** Compiled distributions of a scenario: tables are immutable and shared by all its runs. */
import { compileSampler } from '../core/distribution.ts';
import type { DistributionSpec, Sampler } from '../core/distribution.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

export class Samplers {
  private readonly compiled = new Map<string, Sampler>();

  /** Equal specifications give the same table. */
  get(spec: DistributionSpec): Sampler {
    const key = JSON.stringify(spec);
    let sampler = this.compiled.get(key);
    if (sampler === undefined) this.compiled.set(key, (sampler = compileSampler(spec)));
    return sampler;
  }
}

/** A memory of pure results: it cannot change what a run does. */
const memory = new WeakMap<Scenario, Samplers>();

export function samplersOf(scenario: Scenario): Samplers {
  let samplers = memory.get(scenario);
  if (samplers === undefined) memory.set(scenario, (samplers = new Samplers()));
  return samplers;
}
