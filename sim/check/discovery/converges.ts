/**
 * `discovery.converges`: in the end every client has the list of instances that the catalog gives, by
 * whatever road it learns of them; by DNS, which gives a part of it, nobody whom the catalog would leave
 * out. Who waits out an error is left alone, itself or its agent, whose cache waits up to two minutes.
 */
import type { HealthDiscoveryState } from '../../client/health-discovery.ts';
import type { ResolverState } from '../../client/dns-discovery.ts';
import {
  DISCOVERY_MACHINE,
  DiscoveryNote,
  RESOLVER_MACHINE,
  ResolverNote,
} from '../../service/vocabulary.ts';
import type { ReadsState } from '../../consul/agent/reads/state.ts';
import { READS_MACHINE } from '../../consul/agent/reads/vocabulary.ts';
import type { ServiceInput } from '../../consul/requests/catalog-endpoints.ts';
import { isHealthy, listCheckedInstances } from '../../consul/state/catalog-queries.ts';
import type { Store } from '../../consul/state/store.ts';
import type { Process } from '../../core/process.ts';
import type { CheckContext, Invariant, InvariantCheck, NoteKind } from '../invariant.ts';
import { leadersStore } from '../leader.ts';

class Converges implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [DiscoveryNote.learnt, ResolverNote.resolved];
  /** Lists that clients were given. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(): void {
    this.exercised++;
  }

  pending(): string | null {
    const store = leadersStore(this.context);
    if (store === null) return null;
    const wrong = this.context.world.processes.flatMap((process) => {
      if (process.status !== 'running' || !this.context.concerns(process.index)) return [];
      return [...this.ofHealth(process, store), ...this.ofDns(process, store)];
    });
    if (wrong.length === 0) return null;
    const more = wrong.length > 2 ? ` and ${wrong.length - 2} more clients` : '';
    return `${wrong.slice(0, 2).join('; ')}${more}`;
  }

  private ofHealth({ name, slotByNumber }: Process, store: Store): string[] {
    const state = slotByNumber[DISCOVERY_MACHINE]?.state as HealthDiscoveryState | undefined;
    if (state === undefined || !this.runs(state.config.agent)) return [];
    return state.config.services.flatMap(({ service, passing, query, failsOver }, at) => {
      const { failures, instances } = state.watched[at];
      if (failures > 0 || this.waitsOut(state.config.agent, service)) return [];
      // A prepared query leaves out what is critical in any case.
      const wanted = namesIn(store, service, passing ? 'passing' : query === '' ? 'any' : 'usable');
      const held = instances.map((one) => one.name).sort();
      // Whom it then finds is for the catalogs of other datacenters to say.
      if (failsOver && wanted.length === 0) return [];
      if (held.length === wanted.length && held.every((one, i) => one === wanted[i])) return [];
      return [`${name} knows ${listOf(held)} of ${service}, the catalog ${listOf(wanted)}`];
    });
  }

  private ofDns({ name, slotByNumber }: Process, store: Store): string[] {
    const state = slotByNumber[RESOLVER_MACHINE]?.state as ResolverState | undefined;
    if (state === undefined || !this.runs(state.config.agent)) return [];
    const reads = this.context.world.processes[state.config.agent].slotByNumber[READS_MACHINE]!;
    const { onlyPassing } = (reads.state as ReadsState).config.dns;
    return state.config.services.flatMap(({ service }, at) => {
      const { failures, instances } = state.resolved[at];
      if (failures > 0 || this.waitsOut(state.config.agent, service)) return [];
      const usable = namesIn(store, service, onlyPassing ? 'passing' : 'usable');
      const held = instances.map((one) => one.name);
      const isRight = held.every((one) => usable.includes(one));
      if (isRight && held.length > 0 === usable.length > 0) return [];
      return [`${name} resolves ${service} to ${listOf(held)}, usable are ${listOf(usable)}`];
    });
  }

  /** The agent asks the servers again only later, as it does after failures. */
  private waitsOut(agent: number, service: string): boolean {
    const { now, processes } = this.context.world;
    const { host, slotByNumber } = processes[agent];
    const local = host.clock.monotonic(now);
    const { entries, views } = slotByNumber[READS_MACHINE]!.state as ReadsState;
    const sources = [
      ...[...entries.values()].map(({ request, retryMicros }) => [request.input, retryMicros]),
      ...[...views.values()].map(({ input, retryMicros }) => [input, retryMicros]),
    ] as [ServiceInput, number][];
    return sources.some(([input, until]) => input.service === service && until > local);
  }

  private runs(process: number): boolean {
    return this.context.world.processes[process].status === 'running';
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

/** Instances that the catalog has, in order: those without a critical check, or all passing ones. */
function namesIn(store: Store, service: string, which: 'any' | 'usable' | 'passing'): string[] {
  const { instances } = listCheckedInstances(store, service, null);
  return instances
    .filter((one) => which === 'any' || isHealthy(one, which === 'passing'))
    .map((one) => one.service.id)
    .sort();
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'nobody' : names.join(', ');
}

export const converges: Invariant = {
  name: 'discovery.converges',
  expectation: 'eventually',
  occasional: true,
  statement:
    'In the end every client has the instances that the catalog gives, unless it or its agent waits out an error, ' +
    'and by DNS none that it leaves out.',
  source: 'consul:agent/submatview/materializer.go; consul:agent/cache/cache.go (fetch)',
  create: (context) => new Converges(context),
};
