/** Scenarios for tests of whole runs: from files of the library, or from a few lines. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatIssue, loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { Execution } from '../../sim/run/execution.ts';
import type { ExecutionOptions } from '../../sim/run/execution.ts';
import { runScenario } from '../../sim/run/run.ts';
import type { RunOptions, RunOutcome } from '../../sim/run/run.ts';

const LIBRARY = new URL('../../scenarios/', import.meta.url);

/** Throws with every problem of the text. */
export function parse(text: string, file = 'test.yaml', overrides: string[] = []): Scenario {
  const loaded = loadScenario(text, { file, overrides });
  if (loaded.ok) return loaded.scenario;
  throw new Error(loaded.issues.map((issue) => formatIssue(issue)).join('\n'));
}

/** A scenario of the library by its path there, such as `basic/leader-crash`. */
export function bundled(name: string, overrides: string[] = []): Scenario {
  const file = `${name}.yaml`;
  return parse(readFileSync(fileURLToPath(new URL(file, LIBRARY)), 'utf8'), file, overrides);
}

/** Paths of all scenarios in one folder of the library, in the order of their names. */
export function bundledIn(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, LIBRARY))
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => `${folder}/${file.slice(0, -'.yaml'.length)}`);
}

export function run(scenario: Scenario, options: Partial<RunOptions> = {}): RunOutcome {
  return runScenario(scenario, {
    seed: 1,
    command: 'lictor run test.yaml --seed 1',
    overrides: {},
    strict: false,
    ...options,
  });
}

/** A run that has begun, for tests that look inside. */
export function begin(
  scenario: Scenario,
  seed = 1,
  options: ExecutionOptions = { trace: 'full', observers: true },
): Execution {
  const execution = new Execution(scenario, seed, options);
  execution.start();
  return execution;
}

/** Handles everything up to this time; the clock of the world stays at the last event. */
export function advance(execution: Execution, untilMicros: number): void {
  while (execution.world.deadlines.nextEventTime() <= untilMicros && execution.step());
}
