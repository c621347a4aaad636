/** Metrics of a Raft cluster (design §11), in the measured part of a run. */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { LEADERSHIP_NOTES, LeadershipMeasure } from './leadership.ts';
import type { MeasuredPart } from './load.ts';
import { REPLICATION_NOTES, ReplicationMeasure } from './replication.ts';

interface State {
  readonly leadership: unknown;
  readonly replication: unknown;
}

function tableOf(kinds: readonly NoteKind[]): Uint8Array {
  const table = new Uint8Array(Math.max(...LEADERSHIP_NOTES, ...REPLICATION_NOTES) + 1);
  for (const kind of kinds) table[kind] = 1;
  return table;
}

export class RaftMeasure implements Observer {
  readonly wants: readonly NoteKind[] = [...new Set([...LEADERSHIP_NOTES, ...REPLICATION_NOTES])];
  private readonly leadership: LeadershipMeasure;
  private readonly replication: ReplicationMeasure;
  private readonly isServer: readonly boolean[];
  /** Indexed by note kind. */
  private readonly forLeadership = tableOf(LEADERSHIP_NOTES);
  private readonly forReplication = tableOf(REPLICATION_NOTES);

  constructor(
    world: World,
    servers: readonly { readonly process: ProcessIndex }[],
    part: MeasuredPart,
  ) {
    const processes = new Set(servers.map(({ process }) => process));
    this.isServer = world.processes.map(({ index }) => processes.has(index));
    this.leadership = new LeadershipMeasure(world, part);
    this.replication = new ReplicationMeasure(world, part);
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    if (!this.isServer[process]) return;
    if (this.forLeadership[kind] === 1) this.leadership.onNote(kind, process, a);
    if (this.forReplication[kind] === 1) this.replication.onNote(kind, process, a, b, c);
  }

  /** Writes what only the end of a run tells. */
  finish(): void {
    this.leadership.finish();
  }

  save(): unknown {
    const { leadership, replication } = this;
    return { leadership: leadership.save(), replication: replication.save() } satisfies State;
  }

  restore(state: unknown): void {
    const { leadership, replication } = state as State;
    this.leadership.restore(leadership);
    this.replication.restore(replication);
  }
}
