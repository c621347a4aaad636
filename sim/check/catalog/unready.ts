/**
 * `catalog.unready-hidden`: a service that has checks comes into the catalog with them. Without, it
 * counts as healthy before anybody has looked.
 */
import { AgentNote } from '../../consul/agent/specs.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { leadersStore } from '../leader.ts';
import { agentAt, rowsOf } from './agents.ts';

class UnreadyHidden implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [AgentNote.pushed];
  /** Services with checks that came into the catalog. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_: NoteKind, process: ProcessIndex, a: number): void {
    const { world, report } = this.context;
    const agent = agentAt(world, process);
    const store = leadersStore(this.context);
    if (agent === undefined || store === null) return;
    const id = agent.serviceIds[a];
    const own = [...agent.local.checks.values()].flatMap(({ check, deleted }) =>
      check !== null && !deleted && check.serviceId === id ? [check.id] : [],
    );
    const rows = rowsOf(store, agent.config.node);
    // A leader that has just been elected may be behind.
    if (own.length === 0 || rows?.services.has(id) !== true) return;
    this.exercised++;
    if (own.some((check) => rows.checks.has(check))) return;
    report(`${id} is in the catalog without its checks, and so counts as healthy`, [process]);
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const unreadyHidden: Invariant = {
  name: 'catalog.unready-hidden',
  expectation: 'always',
  occasional: true,
  statement: 'A service that has checks never comes into the catalog without them.',
  source: 'hashicorp/consul:agent/local/state.go (syncService); issue 1955',
  create: (context) => new UnreadyHidden(context),
};
