/** Runs the trials of a search in one thread; each scenario is loaded once. */
import type { Scenario } from '../../../scenarios/scenario.ts';
import type { Config } from '../../../scenarios/load.ts';
import type { Faults } from '../../faults/controller.ts';
import { EXIT } from '../../run/result.ts';
import { runScenario } from '../../run/run.ts';
import type { Probe, RunOutcome } from '../../run/run.ts';
import { loadDrawn, loadWritten } from '../drawn.ts';
import type { LoadedSource } from '../drawn.ts';
import { savedScenario } from '../saved-scenario.ts';
import { failureOf, failureOfError } from './failure.ts';
import type { SearchPlan } from './plan.ts';
import { decisionItems, Priorities } from './priorities.ts';
import { withSwarm, writtenFaults } from './plan.ts';
import { AbstractStates } from './states.ts';
import type { Trial, TrialRecord } from './trial.ts';

export class TrialRunner {
  private readonly plan: SearchPlan;
  private readonly probe: Probe;
  private readonly loaded = new Map<number, LoadedSource>();

  constructor(plan: SearchPlan, probe: Probe) {
    this.plan = plan;
    this.probe = probe;
  }

  run(trial: Trial): TrialRecord {
    const { scenario, written } = this.load(trial);
    const seen: { states?: AbstractStates; faults?: Faults; priorities?: Priorities } = {};
    const arranged = this.arranged(scenario, trial);
    let outcome: RunOutcome;
    try {
      outcome = runScenario(arranged, {
        seed: trial.seed,
        command: '',
        overrides: {},
        strict: false,
        trace: 'off',
        probe: this.probe,
        prepare: ({ world, simulation, faults }) => {
          const servers = simulation.servers.map(({ process }) => process);
          seen.states = new AbstractStates(world, servers);
          seen.faults = faults;
          world.observe(seen.states);
          if (this.plan.strategy !== 'pct') return;
          seen.priorities = new Priorities(arranged, trial.seed, () => world.now);
          world.decisions = seen.priorities;
        },
      });
    } catch (error) {
      const plan = seen.faults?.plan() ?? [];
      return { ...brokenRecord(trial, error), scenario: savedScenario(written, plan) };
    }
    const { result, plan: faults } = outcome;
    const failure = failureOf(result);
    return {
      trial,
      exitCode: result.exitCode,
      failure,
      events: result.events,
      simulatedSeconds: result.simulatedSeconds,
      states: seen.states?.states() ?? [],
      faults: faults.slice(writtenFaults(scenario)),
      scenario:
        failure === null ? '' : savedScenario(withDecisions(written, seen.priorities), faults),
    };
  }

  /** In the cluster that the seed, or the one whose schedule it takes over, has drawn. */
  private load({ source: index, seed, schedule }: Trial): LoadedSource {
    const source = this.plan.sources[index]!;
    let base = this.loaded.get(index);
    if (base === undefined) this.loaded.set(index, (base = loadWritten(source)));
    if (this.plan.strategy === 'random') return base;
    return loadDrawn(source, base, schedule?.clusterSeed ?? seed);
  }

  private arranged(scenario: Scenario, { schedule }: Trial): Scenario {
    if (schedule === null) return withSwarm(scenario, this.plan.strategy);
    const written = scenario.faults.filter(({ kind }) => kind !== 'swarm');
    const first = writtenFaults(scenario) + 1;
    const drawn = schedule.faults.map((fault, at) => ({ ...fault, number: first + at }));
    return { ...scenario, faults: [...written, ...drawn] };
  }
}

/** A trial that ended in an error of the program itself. */
export function brokenRecord(trial: Trial, error: unknown): TrialRecord {
  return {
    trial,
    exitCode: EXIT.internal,
    failure: failureOfError(error),
    events: 0,
    simulatedSeconds: 0,
    states: [],
    faults: [],
    scenario: '',
  };
}

/** A failure that priorities have brought about needs what they decided. */
function withDecisions(written: Config, priorities: Priorities | undefined): Config {
  const decisions = priorities?.decisions() ?? [];
  return decisions.length === 0 ? written : { ...written, decisions: decisionItems(decisions) };
}
