/**
 * How leadership moves: elections, changes of leader, split votes, and how long a cluster is without
 * a leader, or without a commit, when it moves.
 */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import { KernelNote } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { Role } from '../protocol/raft/types.ts';
import type { RaftState } from '../protocol/raft/types.ts';
import { RAFT_MACHINE, RaftNote } from '../protocol/raft/vocabulary.ts';
import type { MeasuredPart } from './load.ts';

export const LEADERSHIP_NOTES: readonly NoteKind[] = [
  RaftNote.becameLeader,
  RaftNote.becameFollower,
  RaftNote.election,
  RaftNote.committed,
  KernelNote.crashed,
  KernelNote.paused,
  KernelNote.resumed,
];

/** Times are virtual microseconds, -1 for none. */
interface State {
  leader: ProcessIndex;
  /** When the leader stopped leading. */
  stopped: number;
  /** Last commit on a leader. */
  lastCommit: number;
  /** Nothing has been committed since the last election was won. */
  commitDue: boolean;
  /** Terms in which servers campaign and nobody has won yet: how many of them do. */
  readonly campaigns: Map<number, number>;
}

export class LeadershipMeasure {
  private state: State = {
    leader: -1,
    stopped: -1,
    lastCommit: -1,
    commitDue: false,
    campaigns: new Map(),
  };
  private readonly world: World;
  private readonly part: MeasuredPart;
  private readonly elections: number;
  private readonly leaderChanges: number;
  private readonly splitVotes: number;
  private readonly failover: number;
  private readonly writeOutage: number;

  constructor(world: World, part: MeasuredPart) {
    const { metrics } = world;
    this.world = world;
    this.part = part;
    this.elections = metrics.id('raft.elections', 'counter');
    this.leaderChanges = metrics.id('raft.leader-changes', 'counter');
    this.splitVotes = metrics.id('raft.split-votes', 'counter');
    this.failover = metrics.id('raft.failover', 'time');
    this.writeOutage = metrics.id('raft.write-outage', 'time');
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number): void {
    const { state } = this;
    switch (kind) {
      case RaftNote.election:
        this.onElection(a);
        return;
      case RaftNote.becameLeader:
        this.onLeader(process, a);
        return;
    }
    if (process !== state.leader) return;
    // A leader that goes on after a pause, still one, had not stopped after all.
    if (kind === KernelNote.resumed) state.stopped = this.leads(process) ? -1 : state.stopped;
    else if (state.stopped < 0) state.stopped = this.world.now;
  }

  onCommitted(process: ProcessIndex): void {
    if (this.leads(process)) this.onCommit();
  }

  private leads(process: ProcessIndex): boolean {
    const raft = this.world.processes[process].slotByNumber[RAFT_MACHINE]?.state;
    return (raft as RaftState | undefined)?.role === Role.leader;
  }

  private measured(micros: number): boolean {
    return micros >= this.part.fromMicros && micros < this.part.untilMicros;
  }

  /** A campaign in a higher term ends those below it. */
  private onElection(term: number): void {
    const { campaigns } = this.state;
    if (this.measured(this.world.now)) this.world.metrics.add(this.elections, 1);
    this.closeCampaigns(term);
    campaigns.set(term, (campaigns.get(term) ?? 0) + 1);
  }

  /** One candidate that cannot win was alone; two that cannot have split the vote. */
  private closeCampaigns(below: number): void {
    const { campaigns } = this.state;
    for (const [term, candidates] of campaigns) {
      if (term >= below) continue;
      campaigns.delete(term);
      if (candidates > 1 && this.measured(this.world.now)) {
        this.world.metrics.add(this.splitVotes, 1);
      }
    }
  }

  private onLeader(process: ProcessIndex, term: number): void {
    const { state } = this;
    const { now, metrics } = this.world;
    state.campaigns.delete(term);
    if (state.leader >= 0) {
      const stopped = state.stopped < 0 ? now : state.stopped;
      if (this.measured(stopped)) metrics.record(this.failover, now - stopped);
      if (process !== state.leader && this.measured(now)) metrics.add(this.leaderChanges, 1);
    }
    state.leader = process;
    state.stopped = -1;
    state.commitDue = true;
  }

  private onCommit(): void {
    const { state } = this;
    const { now, metrics } = this.world;
    if (state.commitDue && state.lastCommit >= 0) {
      const overlaps = now >= this.part.fromMicros && state.lastCommit < this.part.untilMicros;
      if (overlaps) metrics.record(this.writeOutage, now - state.lastCommit);
    }
    state.commitDue = false;
    state.lastCommit = now;
  }

  /** Campaigns that nobody won count, except in the highest term: there somebody still may. */
  finish(): void {
    let highest = 0;
    for (const term of this.state.campaigns.keys()) if (term > highest) highest = term;
    this.closeCampaigns(highest);
  }

  save(): unknown {
    return { ...this.state, campaigns: new Map(this.state.campaigns) } satisfies State;
  }

  restore(state: unknown): void {
    const saved = state as State;
    this.state = { ...saved, campaigns: new Map(saved.campaigns) };
  }
}
