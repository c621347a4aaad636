/**
 * `catalog.discoverable` and `catalog.no-resurrection`: what programs have asked of their agents, and
 * what comes of it. A registered instance that lives and passes its checks is found; what was taken
 * back does not return.
 */
import type { ProgramState } from '../../client/program.ts';
import { PROGRAM_MACHINE } from '../../service/vocabulary.ts';
import { AgentNote } from '../../consul/agent/specs.ts';
import type { AgentState, ServiceSpec } from '../../consul/agent/state.ts';
import { isHealthy, listCheckedInstances } from '../../consul/state/catalog-queries.ts';
import type { Store } from '../../consul/state/store.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex, ReportDetails } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import { agentAt, agentProcesses, rowsOf, syncBoundMicros } from './agents.ts';
import { QUIET_NOTES, Quiet } from './quiet.ts';
import type { QuietState } from './quiet.ts';

const { registered, deregistered } = AgentNote;
const FORGETFUL = { status: 'allowed', reference: 'agents §1.9' } as const;

interface Saved {
  readonly exercised: number;
  readonly quiet: QuietState;
  readonly since: readonly (readonly [string, number])[];
  readonly gone: readonly (readonly [ProcessIndex, readonly string[]])[];
}

abstract class Wishes implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [...QUIET_NOTES, registered, deregistered];
  exercised = 0;
  /** Since when something has been otherwise than it was wished. */
  protected since = new Map<string, number>();
  /** What was taken back, by agent. */
  protected gone = new Map<ProcessIndex, Set<string>>();
  protected readonly quiet: Quiet;
  protected readonly agents: readonly ProcessIndex[];
  protected readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    this.quiet = new Quiet(context);
    this.agents = agentProcesses(context);
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    if (kind !== registered && kind !== deregistered) {
      this.quiet.onNote(kind, process, a, b, c);
      return;
    }
    const id = agentAt(this.context.world, process)!.serviceIds[a];
    const gone = this.gone.get(process) ?? new Set();
    this.gone.set(process, gone);
    if (kind === deregistered) gone.add(id);
    else gone.delete(id);
  }

  onSecond(): void {
    if (this.agents.length === 0) return;
    this.quiet.look();
    const { store } = this.quiet;
    for (const process of this.agents) {
      const agent = agentAt(this.context.world, process);
      if (agent !== undefined && store !== null) this.look(process, agent, store);
    }
  }

  protected abstract look(process: ProcessIndex, agent: AgentState, store: Store): void;

  /** It is as it should not be; for how long it may be so. */
  protected hold(
    process: ProcessIndex,
    agent: AgentState,
    what: string,
    details: ReportDetails = {},
  ): void {
    const { now } = this.context.world;
    const key = `${process} ${what}`;
    const begun = this.since.get(key) ?? now;
    this.since.set(key, begun);
    const bound = syncBoundMicros(agent);
    if (Math.min(now - begun, this.quiet.forMicros(process)) <= bound) return;
    this.context.report(`${what} for ${inSeconds(bound)}`, [process], details);
  }

  protected release(process: ProcessIndex, what: string): void {
    this.since.delete(`${process} ${what}`);
  }

  save(): unknown {
    const gone = [...this.gone].map(([process, ids]) => [process, [...ids]] as const);
    const { exercised, quiet, since } = this;
    return { exercised, quiet: quiet.save(), since: [...since], gone } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, quiet, since, gone } = state as Saved;
    this.exercised = exercised;
    this.quiet.restore(quiet);
    this.since = new Map(since);
    this.gone = new Map(gone.map(([process, ids]) => [process, new Set(ids)]));
  }
}

class Discoverable extends Wishes {
  protected look(process: ProcessIndex, agent: AgentState, store: Store): void {
    for (const spec of agent.config.services) {
      if (this.runs(spec)) this.seek(process, agent, store, spec);
    }
    // Programs register themselves, with the agent on their host.
    for (const { index, slotByNumber } of this.context.world.processes[process].host.processes) {
      const state = slotByNumber[PROGRAM_MACHINE]?.state as ProgramState | undefined;
      if (state === undefined || index === process) continue;
      state.config.services.forEach((spec, at) => {
        if (state.registered[at] && this.runs(spec)) this.seek(process, agent, store, spec);
      });
    }
  }

  private runs({ program }: ServiceSpec): boolean {
    return this.context.world.processes[program].status === 'running';
  }

  /** An instance whose checks are passing is found; what its agent has lost is missed, too. */
  private seek(
    process: ProcessIndex,
    agent: AgentState,
    store: Store,
    { service: { id, service }, denied }: ServiceSpec,
  ): void {
    if (denied || this.gone.get(process)?.has(id) === true) return;
    const entries = [...agent.local.checks.values()].filter(
      ({ check, deleted }) => check !== null && !deleted,
    );
    const own = entries.filter(({ check }) => ['', id].includes(check!.serviceId));
    const passing = own.every(({ check }) => check!.status === 'passing');
    const what = `nobody finds ${id}, which lives and passes its checks`;
    if (!passing) {
      this.release(process, what);
      return;
    }
    this.exercised++;
    const { instances } = listCheckedInstances(store, service, null);
    const found = instances.find(
      (one) => one.service.id === id && one.service.node === agent.config.node,
    );
    if (found !== undefined && isHealthy(found, true)) this.release(process, what);
    else this.hold(process, agent, what, agent.config.persists ? {} : FORGETFUL);
  }
}

class NoResurrection extends Wishes {
  protected look(process: ProcessIndex, agent: AgentState, store: Store): void {
    const gone = this.gone.get(process);
    if (gone === undefined || gone.size === 0) return;
    const rows = rowsOf(store, agent.config.node);
    for (const id of gone) {
      this.exercised++;
      const what = `${id} is in the catalog, though it was taken out of it`;
      // The configuration brings back what it names with the next start.
      const named = agent.config.services.some(({ service }) => service.id === id);
      if (!named && rows?.services.has(id) === true) this.hold(process, agent, what);
      else this.release(process, what);
    }
  }
}

export const discoverable: Invariant = {
  name: 'catalog.discoverable',
  expectation: 'always',
  occasional: true,
  statement:
    'With servers in reach, a registered instance that lives and passes its checks is found, at the ' +
    'latest after the next full sync and one retry.',
  source: 'hashicorp/consul:agent/agent.go (persistService, loadServices); issue 7513',
  create: (context) => new Discoverable(context),
};

export const noResurrection: Invariant = {
  name: 'catalog.no-resurrection',
  expectation: 'always',
  occasional: true,
  statement:
    'A service that was deregistered through its agent does not stay in, or return to, the catalog.',
  source: 'hashicorp/consul:agent/agent.go (purgeService); issues 3122, 7513',
  create: (context) => new NoResurrection(context),
};
