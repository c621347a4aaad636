/** `check.runners`: whoever runs a check runs one that is registered. */
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { agentAt, agentProcesses } from '../catalog/agents.ts';

class Runners implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Runners that were looked at. */
  exercised = 0;
  private readonly agents: readonly ProcessIndex[];
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    this.agents = agentProcesses(context);
  }

  onNote(): void {}

  onSecond(): void {
    const { world, report } = this.context;
    for (const process of this.agents) {
      const agent = agentAt(world, process);
      if (agent === undefined) continue;
      for (const id of agent.runners.keys()) {
        this.exercised++;
        const entry = agent.local.checks.get(id);
        if (entry?.deleted === false) continue;
        report(`${id} is run, and is not registered`, [process]);
      }
    }
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const runners: Invariant = {
  name: 'check.runners',
  expectation: 'always',
  occasional: true,
  statement: 'An agent runs the checks that are registered with it, and no others.',
  source: 'hashicorp/consul:agent/agent.go (cancelCheckMonitors); PR 14935',
  create: (context) => new Runners(context),
};
