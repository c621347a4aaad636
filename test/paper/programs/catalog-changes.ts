/** What becomes of rows in the catalog, as the leader applies it. */
import type { NoteKind, ProcessIndex } from '../../../sim/core/machine.ts';
import type { Observer } from '../../../sim/core/observer.ts';
import { rowsOf } from '../../../sim/check/catalog/agents.ts';
import type { NodeRows } from '../../../sim/check/catalog/agents.ts';
import type { CatalogCheck, CatalogService } from '../../../sim/consul/state/rows.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';
import { RaftNote } from '../../../sim/protocol/raft/vocabulary.ts';
import type { Execution } from '../../../sim/run/execution.ts';

export interface Registered {
  readonly service: CatalogService;
  /** Of the service, not of the node. */
  readonly check: CatalogCheck | undefined;
}

type Listener = (id: string, now: Registered | undefined, before: Registered | undefined) => void;

/** Tells of each instance that comes, goes or whose check changes; nodes are named as instances. */
export class CatalogChanges implements Observer {
  readonly wants: readonly NoteKind[] = [RaftNote.applied];
  readonly rows = new Map<string, Registered>();
  private readonly execution: Execution;
  private readonly ids: readonly string[];
  private readonly listener: Listener;

  constructor(execution: Execution, ids: readonly string[], listener: Listener) {
    this.execution = execution;
    this.ids = ids;
    this.listener = listener;
  }

  onNote(_kind: NoteKind, process: ProcessIndex): void {
    const raft = this.execution.simulation.raft(process);
    if (raft?.role !== Role.leader) return;
    for (const id of this.ids) {
      const before = this.rows.get(id);
      const now = registered(rowsOf(raft.fsm as Store, id), id);
      if (now?.service === before?.service && now?.check === before?.check) continue;
      if (now === undefined) this.rows.delete(id);
      else this.rows.set(id, now);
      this.listener(id, now, before);
    }
  }
}

export function observeCatalog(
  execution: Execution,
  ids: readonly string[],
  listener: Listener,
): CatalogChanges {
  const changes = new CatalogChanges(execution, ids, listener);
  execution.world.observe(changes);
  return changes;
}

function registered(rows: NodeRows | null, id: string): Registered | undefined {
  const service = rows?.services.get(id);
  if (service === undefined) return undefined;
  const check = [...rows!.checks.values()].find(({ serviceId }) => serviceId === id);
  return { service, check };
}
