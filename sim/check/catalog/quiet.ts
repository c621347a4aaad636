/**
 * Since when nothing has kept an agent from its servers: bounds on what agents bring about count from
 * then. A server that is down or pauses, any rule on the network, a slow host or disk, a change of
 * leadership begin it anew for all; a sync of an agent that found no server for that agent.
 */
import { AgentNote } from '../../consul/agent/specs.ts';
import { KernelNote } from '../../core/observer.ts';
import type { CheckContext, NoteKind, ProcessIndex } from '../invariant.ts';
import { leadersStore } from '../leader.ts';
import { agentProcesses } from './agents.ts';
import type { Store } from '../../consul/state/store.ts';

export const QUIET_NOTES: readonly NoteKind[] = [
  KernelNote.crashed,
  KernelNote.started,
  KernelNote.paused,
  KernelNote.resumed,
  AgentNote.synced,
];

export interface QuietState {
  readonly allSince: number;
  readonly ownSince: readonly (readonly [ProcessIndex, number])[];
}

export class Quiet {
  /** The leader's catalog, or null while the cluster is not quiet. */
  store: Store | null = null;
  private allSince = 0;
  private ownSince = new Map<ProcessIndex, number>();
  private leader = -1;
  private readonly context: CheckContext;
  private readonly agents: ReadonlySet<ProcessIndex>;

  constructor(context: CheckContext) {
    this.context = context;
    this.agents = new Set(agentProcesses(context));
  }

  onNote(
    kind: NoteKind,
    process: ProcessIndex,
    _full: number,
    ok: number,
    unreached: number,
  ): void {
    const { now } = this.context.world;
    if (kind === AgentNote.synced) {
      if (ok === 0 && unreached === 1) this.ownSince.set(process, now);
    } else if (this.agents.has(process)) {
      this.ownSince.set(process, now);
    } else if (this.context.isServer(process)) {
      this.allSince = now;
    }
  }

  /** Once a second, before it is asked. */
  look(): void {
    const { world, servers } = this.context;
    const { network, processes } = world;
    this.store = leadersStore(this.context);
    const leader = this.leaderOf();
    const disturbed =
      this.store === null ||
      leader !== this.leader ||
      network.rules.size > 0 ||
      servers.some(({ process }) => {
        const { status, cpuFactor, ioPaused } = processes[process];
        return status !== 'running' || cpuFactor !== 1 || ioPaused;
      });
    this.leader = leader;
    if (disturbed) this.allSince = world.now;
  }

  private leaderOf(): ProcessIndex {
    const { servers, raft } = this.context;
    return servers.find(({ process }) => raft(process)?.fsm === this.store)?.process ?? -1;
  }

  /** Time for which nothing has disturbed the servers. */
  get sinceAllMicros(): number {
    return this.context.world.now - this.allSince;
  }

  /** Time for which this agent could have done what it had to. */
  forMicros(agent: ProcessIndex): number {
    const since = Math.max(this.allSince, this.ownSince.get(agent) ?? 0);
    return this.context.world.now - since;
  }

  save(): QuietState {
    return { allSince: this.allSince, ownSince: [...this.ownSince] };
  }

  restore({ allSince, ownSince }: QuietState): void {
    this.allSince = allSince;
    this.ownSince = new Map(ownSince);
  }
}
