/**
 * `catalog.converges` and `catalog.in-sync`: what an agent holds, and what the catalog holds of its
 * node. Both compare the two every few seconds; they differ in what counts and for how long it may.
 */
import { isSameCheck, isSameService } from '../../consul/agent/definitions.ts';
import type { AgentState } from '../../consul/agent/state.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import { agentAt, agentProcesses, rowsOf, syncBoundMicros } from './agents.ts';
import type { NodeRows } from './agents.ts';
import { QUIET_NOTES, Quiet } from './quiet.ts';
import type { QuietState } from './quiet.ts';

/** Service and check that leaders write. */
const CONSUL_SERVICE = 'consul';
const SERF_HEALTH = 'serfHealth';
/** Agents that are looked at in one second; bounds are minutes. */
const AGENTS_A_SECOND = 200;
/** What is in flight in both directions, with a leader that has just been elected. */
const IN_SYNC_MICROS = 5_000_000;

interface Law {
  /** Of what differs, what counts. */
  counts(agent: AgentState, item: string, difference: Difference): boolean;
  boundMicros(agent: AgentState): number;
  sentence(item: string, difference: Difference): string;
}

/** `marked`: the agent takes it for in sync. */
interface Difference {
  readonly what: 'missing' | 'other' | 'left over';
  readonly marked: boolean;
}

interface Saved {
  readonly exercised: number;
  readonly quiet: QuietState;
  readonly since: readonly (readonly [string, number])[];
}

class Drift implements InvariantCheck {
  readonly wants = QUIET_NOTES;
  /** Items compared while the agent could reach its servers. */
  exercised = 0;
  /** Since when an item of an agent has differed. */
  private since = new Map<string, number>();
  private readonly quiet: Quiet;
  private readonly agents: readonly ProcessIndex[];
  private readonly context: CheckContext;
  private readonly law: Law;

  constructor(context: CheckContext, law: Law) {
    this.context = context;
    this.law = law;
    this.quiet = new Quiet(context);
    this.agents = agentProcesses(context);
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    this.quiet.onNote(kind, process, a, b, c);
  }

  onSecond(): void {
    const { agents, quiet, context } = this;
    if (agents.length === 0) return;
    quiet.look();
    const rounds = Math.ceil(agents.length / AGENTS_A_SECOND);
    const second = Math.round(context.world.now / 1e6);
    for (let at = second % rounds; at < agents.length; at += rounds) this.look(agents[at]);
  }

  private look(process: ProcessIndex): void {
    const { quiet, context, law, since } = this;
    const agent = agentAt(context.world, process);
    const found = new Map<string, Difference>();
    if (agent !== undefined && quiet.store !== null) {
      const rows = rowsOf(quiet.store, agent.config.node);
      for (const [item, one] of differences(agent, rows)) {
        if (law.counts(agent, item, one)) found.set(`${process} ${item}`, one);
      }
      this.exercised += agent.local.services.size;
    }
    for (const key of since.keys()) {
      if (key.startsWith(`${process} `) && !found.has(key)) since.delete(key);
    }
    for (const [key, one] of found) this.weigh(process, agent!, key, one);
  }

  private weigh(process: ProcessIndex, agent: AgentState, key: string, one: Difference): void {
    const { world, report } = this.context;
    const begun = this.since.get(key) ?? world.now;
    this.since.set(key, begun);
    const bound = this.law.boundMicros(agent);
    const lasted = Math.min(world.now - begun, this.quiet.forMicros(process));
    if (lasted <= bound) return;
    const item = key.slice(key.indexOf(' ') + 1);
    const { node } = agent.config;
    report(`${node}: ${this.law.sentence(item, one)} for ${inSeconds(bound)}`, [process]);
  }

  save(): unknown {
    const { exercised, quiet, since } = this;
    return { exercised, quiet: quiet.save(), since: [...since] } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, quiet, since } = state as Saved;
    this.exercised = exercised;
    this.quiet.restore(quiet);
    this.since = new Map(since);
  }
}

/** What the two sides do not agree on, but for what servers refuse this agent. */
function differences(
  { local, denied, config }: AgentState,
  rows: NodeRows | null,
): Map<string, Difference> {
  const found = new Map<string, Difference>();
  for (const [id, { service, inSync, deleted }] of local.services) {
    if (denied.has(id) || service === null || deleted) continue;
    const row = rows?.services.get(id);
    if (row === undefined) found.set(`service ${id}`, { what: 'missing', marked: inSync });
    else if (!isSameService(service, row)) {
      found.set(`service ${id}`, { what: 'other', marked: inSync });
    }
  }
  for (const [id, { check, inSync, deleted, deferred }] of local.checks) {
    if (check === null || deleted || denied.has(check.serviceId)) continue;
    const row = rows?.checks.get(id);
    const marked = inSync;
    if (row === undefined) found.set(`check ${id}`, { what: 'missing', marked });
    else if (!isSameCheck(check, row, !deferred && config.checkUpdateMicros > 0)) {
      found.set(`check ${id}`, { what: 'other', marked });
    }
  }
  for (const id of rows?.services.keys() ?? []) {
    const known = local.services.get(id);
    if (id === CONSUL_SERVICE || (known !== undefined && !known.deleted)) continue;
    found.set(`service ${id}`, { what: 'left over', marked: known === undefined });
  }
  for (const id of rows?.checks.keys() ?? []) {
    const known = local.checks.get(id);
    if (id === SERF_HEALTH || (known !== undefined && !known.deleted)) continue;
    found.set(`check ${id}`, { what: 'left over', marked: known === undefined });
  }
  return found;
}

const WORDS = {
  missing: 'has not been in the catalog',
  other: 'has been another in the catalog',
  'left over': 'has been left over in the catalog',
} as const;

export const converges: Invariant = {
  name: 'catalog.converges',
  expectation: 'always',
  occasional: true,
  statement:
    'With servers in reach, the catalog is what an agent says of its node, at the latest after the ' +
    'next full sync and one retry.',
  source: 'hashicorp/consul:agent/ae/ae.go; agent/local/state.go (SyncFull)',
  create: (context) =>
    new Drift(context, {
      counts: () => true,
      boundMicros: syncBoundMicros,
      sentence: (item, { what }) => `${item} ${WORDS[what]}`,
    }),
};

export const inSync: Invariant = {
  name: 'catalog.in-sync',
  expectation: 'always',
  occasional: true,
  statement: 'What an agent takes for in sync with the catalog is there, as it says it.',
  source: 'hashicorp/consul:agent/local/state.go (setServiceStateLocked, SyncChanges)',
  create: (context) =>
    new Drift(context, {
      counts: (_, __, { what, marked }) => marked && what !== 'left over',
      boundMicros: () => IN_SYNC_MICROS,
      sentence: (item, { what }) => `${item} counts as in sync, and ${WORDS[what]}`,
    }),
};
