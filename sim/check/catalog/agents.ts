/** Agents of a world, what each of them holds, and what the catalog of the leader holds of its node. */
import { AGENT_MACHINE } from '../../consul/agent/inputs.ts';
import { scaleFactor } from '../../consul/agent/scale.ts';
import type { AgentState } from '../../consul/agent/state.ts';
import { listNodeChecks, listNodeServices } from '../../consul/state/catalog-queries.ts';
import type { CatalogCheck, CatalogService } from '../../consul/state/rows.ts';
import type { Store } from '../../consul/state/store.ts';
import type { World } from '../../core/world.ts';
import type { CheckContext, ProcessIndex } from '../invariant.ts';

/** Processes of the datacenter with an agent, in their order. */
export function agentProcesses({
  world,
  concerns,
}: Pick<CheckContext, 'world' | 'concerns'>): readonly ProcessIndex[] {
  return world.processes.flatMap(({ index, slotByNumber }) =>
    slotByNumber[AGENT_MACHINE] === undefined || !concerns(index) ? [] : [index],
  );
}

/** Live memory of an agent; undefined while it does not run. */
export function agentAt(world: World, process: ProcessIndex): AgentState | undefined {
  const { status, slotByNumber } = world.processes[process];
  if (status !== 'running') return undefined;
  return slotByNumber[AGENT_MACHINE]?.state as AgentState | undefined;
}

export interface NodeRows {
  readonly services: ReadonlyMap<string, CatalogService>;
  readonly checks: ReadonlyMap<string, CatalogCheck>;
}

/** Null: the catalog does not know the node. */
export function rowsOf(store: Store, node: string): NodeRows | null {
  const found = listNodeServices(store, node, null);
  if (found.node === undefined) return null;
  const { checks } = listNodeChecks(store, node, null);
  return {
    services: new Map(found.services.map((row) => [row.id, row])),
    checks: new Map(checks.map((row) => [row.id, row])),
  };
}

const FULL_MICROS = 60_000_000;
const RETRY_MICROS = 15_000_000;
const SPREAD_MICROS = 3_000_000;
/** For the requests of a sync. */
const SLACK_MICROS = 10_000_000;

/**
 * Longest time to the end of the next full sync that can succeed: its base and random part, of which
 * only the latter grows with the pool, a retry of one that failed before, and the spread.
 */
export function syncBoundMicros({ config }: AgentState): number {
  const scale = scaleFactor(config.poolNodes);
  const random = scale * (FULL_MICROS + RETRY_MICROS + SPREAD_MICROS);
  return FULL_MICROS + RETRY_MICROS + random + SLACK_MICROS;
}
