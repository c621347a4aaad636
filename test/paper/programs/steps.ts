/**
 * The two programs that Consul's tutorials write, step by step (reference: agents §8): what each step
 * takes, beside the window that follows from the rules. A is registered, checked, found and called; B is
 * removed when it is dead, and reads its configuration. Facts that hold or do not are 1 or 0.
 */

export interface Step {
  /** As the reference numbers it. */
  readonly step: string;
  readonly what: string;
  readonly unit: 's' | '1' | 'share';
  /** Of every sample, both included. */
  readonly window: readonly [number, number];
  /** Samples are spread evenly between these. */
  readonly uniform?: readonly [number, number];
  /** Where the window comes from. */
  readonly rule: string;
}

/** A commit, its way back, and the round trips to the agent: messages of 0.5 ms, writes of some ms. */
export const COMMIT_SECONDS = 0.15;

/** By name of a step. */
export type Samples<Name extends string = string> = Record<Name, number[]>;

export function newSamples<Name extends string>(
  steps: Readonly<Record<Name, Step>>,
): Samples<Name> {
  const names = Object.keys(steps) as Name[];
  return Object.fromEntries(names.map((name) => [name, [] as number[]])) as Samples<Name>;
}

export interface Summary {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  /** Samples outside of the window. */
  readonly outside: number;
  readonly holds: boolean;
}

/** A step that was never seen holds as little as one that took too long. */
export function summarize(
  { window: [low, high], uniform }: Step,
  samples: readonly number[],
): Summary {
  const count = samples.length;
  const mean = samples.reduce((sum, one) => sum + one, 0) / count;
  const outside = samples.filter((one) => one < low || one > high).length;
  return {
    count,
    min: samples.reduce((least, one) => Math.min(least, one), Infinity),
    mean,
    max: samples.reduce((most, one) => Math.max(most, one), -Infinity),
    outside,
    holds: count > 0 && outside === 0 && isCentral(mean, count, uniform),
  };
}

/** A commit comes on top of what is drawn. */
const MEAN_TOLERANCE = 0.1;

/** Within three standard errors of the mean of a uniform distribution. */
function isCentral(mean: number, count: number, uniform: Step['uniform']): boolean {
  if (uniform === undefined) return true;
  const [low, high] = uniform;
  const standardError = (high - low) / Math.sqrt(12 * count);
  return Math.abs(mean - (low + high) / 2) <= 3 * standardError + MEAN_TOLERANCE;
}
