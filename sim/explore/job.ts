/** One job: load the scenario, run it, and bring back what reports and folders need. */
import type { Config } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { LimitReached } from '../core/limits.ts';
import { verifyDeterminism } from '../run/determinism.ts';
import { EXIT } from '../run/result.ts';
import { runScenario } from '../run/run.ts';
import type { Probe, RunOutcome } from '../run/run.ts';
import type { Job } from './campaign.ts';
import { loadDrawn, loadWritten } from './drawn.ts';
import type { LoadedSource } from './drawn.ts';
import { eventTableOf } from './event-table.ts';
import { pictureOf } from './picture/picture.ts';
import { commandOf, overrideMap } from './plan.ts';
import type { JobOptions, Plan, Source } from './plan.ts';
import type { Difference, RunFiles, RunRecord } from './record.ts';
import { savedScenario } from './saved-scenario.ts';
import { distributionsOf } from './statistics/pool.ts';
import { storyOf } from './story.ts';
import { transcriptOf } from './transcript.ts';

/** Runs the jobs of one plan, in one thread; each scenario is loaded once. */
export class JobRunner {
  private readonly plan: Plan;
  private readonly probe: Probe;
  private readonly loaded = new Map<number, LoadedSource>();

  constructor(plan: Plan, probe: Probe) {
    this.plan = plan;
    this.probe = probe;
  }

  run({ source: index, seed }: Job): RunRecord {
    const { sources, options } = this.plan;
    const source = sources[index]!;
    const { scenario, config, drawn } = loadDrawn(source, this.load(index, source), seed);
    const command = commandOf(source, seed, options);
    const difference = options.verifyDeterminism ? differenceOf(scenario, seed) : null;
    const outcome = runScenario(scenario, {
      seed,
      command,
      overrides: overrideMap([...drawn, ...source.overrides]),
      strict: options.strict,
      probe: this.probe,
      ...(options.maxEvents === null ? {} : { maxEvents: options.maxEvents }),
    });
    const { world } = outcome;
    const exitCode = difference === null ? outcome.result.exitCode : EXIT.nondeterminism;
    return {
      kind: 'run',
      source: index,
      seed,
      scenario: scenario.name,
      command,
      exitCode,
      result: { ...outcome.result, exitCode },
      distributions: distributionsOf(world.metrics),
      story: storyOf(world, outcome.result),
      transcript: options.transcript === 'none' ? [] : transcriptOf(outcome, options),
      difference,
      files:
        options.keep || exitCode !== EXIT.pass ? filesOf(outcome, scenario, config, options) : null,
    };
  }

  private load(index: number, source: Source): LoadedSource {
    const known = this.loaded.get(index);
    if (known !== undefined) return known;
    const result = loadWritten(source);
    this.loaded.set(index, result);
    return result;
  }
}

/** Null also where a limit ends the comparison: the run itself then says which. */
function differenceOf(scenario: Scenario, seed: number): Difference | null {
  try {
    const found = verifyDeterminism(scenario, seed);
    return found.same ? null : found;
  } catch (error) {
    if (error instanceof LimitReached) return null;
    throw error;
  }
}

function filesOf(
  outcome: RunOutcome,
  scenario: Scenario,
  config: Config,
  options: JobOptions,
): RunFiles {
  return {
    history: outcome.history.lines(),
    transcript: transcriptOf(outcome, options),
    scenario: savedScenario(config, outcome.plan),
    events: options.events ? eventTableOf(outcome.world) : null,
    picture: options.pictures
      ? pictureOf(outcome.world, scenario, outcome.result.violations)
      : null,
  };
}
