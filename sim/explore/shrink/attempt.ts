/** One attempt of a shrinker: a scenario as data, run from its text, as whoever replays it will. */
import { stringify } from 'yaml';
import { loadScenario } from '../../../scenarios/load.ts';
import type { Config } from '../../../scenarios/load.ts';
import { runScenario } from '../../run/run.ts';
import type { Probe } from '../../run/run.ts';
import { failureOf, failureOfError } from '../search/failure.ts';
import type { Failure } from '../search/failure.ts';

/** A run that fails. */
export interface Case {
  /** As it is written in a file. */
  readonly config: Config;
  readonly seed: number;
}

export interface Attempt {
  readonly failure: Failure;
  readonly events: number;
}

/** The failure of the run; null where it passes or is no scenario. */
export function attempt({ config, seed }: Case, probe: Probe): Attempt | null {
  const loaded = loadScenario(stringify(config), { file: 'shrunk.yaml' });
  if (!loaded.ok) return null;
  try {
    const { result } = runScenario(loaded.scenario, {
      seed,
      command: '',
      overrides: {},
      strict: false,
      trace: 'off',
      probe,
    });
    const failure = failureOf(result);
    return failure === null ? null : { failure, events: result.events };
  } catch (error) {
    return { failure: failureOfError(error), events: 0 };
  }
}
