/** The parts of the two programs that are measured together, each over seeds of its own. */
import { CALL_STEPS } from './call-steps.ts';
import { measureCalls } from './calls.ts';
import { CONFIGURATION_STEPS } from './configuration-steps.ts';
import { measureConfiguration } from './configuration.ts';
import { LIFE_STEPS, measureLives } from './life.ts';
import { OUTPUT_STEPS, measureOutputs } from './outputs.ts';
import type { Samples, Step } from './steps.ts';

export interface Part {
  readonly name: string;
  readonly steps: Readonly<Record<string, Step>>;
  measure(seed: number): Samples;
}

export const PARTS: readonly Part[] = [
  { name: 'lives', steps: LIFE_STEPS, measure: measureLives },
  { name: 'outputs', steps: OUTPUT_STEPS, measure: measureOutputs },
  { name: 'calls', steps: CALL_STEPS, measure: measureCalls },
  { name: 'configuration', steps: CONFIGURATION_STEPS, measure: measureConfiguration },
];

export function addSamples(all: Samples, more: Samples): void {
  for (const [name, values] of Object.entries(more)) (all[name] ??= []).push(...values);
}
