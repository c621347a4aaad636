/** A failure that was kept as a file, run again: does it still show, and of what is it the same run? */
import { loadScenario } from '../../scenarios/load.ts';
import type { Config, NotLoaded } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Missed } from '../run/decisions.ts';
import { scenarioHash } from '../run/manifest.ts';
import { runScenario } from '../run/run.ts';
import type { Probe, RunOutcome } from '../run/run.ts';
import { VERSION } from '../run/version.ts';
import type { Recording } from './recording.ts';
import { failureOf } from './search/failure.ts';
import type { Failure } from './search/failure.ts';

export interface Replayable {
  readonly file: string;
  readonly scenario: Scenario;
  readonly config: Config;
  readonly recording: Recording;
}

export interface Replayed {
  readonly outcome: RunOutcome;
  readonly failure: Failure | null;
  /** It violates what it was kept for. */
  readonly shows: boolean;
  /** What is not as it was when it was kept, in sentences. */
  readonly differences: readonly string[];
  /** Decisions that did not have their say. */
  readonly missed: readonly Missed[];
}

/** Null for a scenario that records no failure. */
export function readReplayable(
  text: string,
  file: string,
  overrides: readonly string[],
): Replayable | NotLoaded | null {
  const loaded = loadScenario(text, { file, overrides });
  if (!loaded.ok) return loaded;
  const { scenario, written } = loaded;
  const recording = written['replay'] as Recording | undefined;
  if (recording === undefined) return null;
  const { replay: _replay, ...config } = written;
  return { file, scenario, config, recording };
}

export function replay({ file, scenario, recording }: Replayable, probe: Probe): Replayed {
  const { seed, violates } = recording;
  const outcome = runScenario(scenario, {
    seed,
    command: `lictor replay ${file}`,
    overrides: {},
    strict: false,
    probe,
  });
  const failure = failureOf(outcome.result);
  const shows = failure !== null && [failure.invariant, ...failure.others].includes(violates);
  return {
    outcome,
    failure,
    shows,
    differences: differencesOf(scenario, recording),
    missed: outcome.missed,
  };
}

function differencesOf(scenario: Scenario, { version, scenario: hash }: Recording): string[] {
  const differences: string[] = [];
  if (version !== undefined && version !== VERSION) {
    differences.push(`it was recorded with version ${version}, this is ${VERSION}`);
  }
  if (hash !== undefined && hash !== scenarioHash(scenario)) {
    differences.push('the scenario means something else than when it was recorded');
  }
  return differences;
}
