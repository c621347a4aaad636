/** What each host was doing: down, paused, and in which role a server was. */
import type { NoteKind, ProcessIndex } from '../../core/machine.ts';
import { KernelNote } from '../../core/observer.ts';
import type { World } from '../../core/world.ts';
import type { RaftState } from '../../protocol/raft/types.ts';
import { RAFT_MACHINE, RaftNote } from '../../protocol/raft/vocabulary.ts';
import type { Doubt } from './members.ts';
import type { Note, NoteCollector } from './notes.ts';
import { loadOf } from './operations.ts';

/** Hosts that get a lane; servers come first. */
const LANES_MAX = 40;

export type LaneState = 'follower' | 'candidate' | 'leader' | 'running' | 'down' | 'paused';

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly state: LaneState;
  /** Of a server; 0 of others. */
  readonly term: number;
}

export interface HostLane {
  readonly name: string;
  readonly kind: 'server' | 'other';
  readonly spans: readonly Span[];
  /** How many members of the pool doubt it, over time; empty when nobody ever did. */
  readonly doubts: readonly Doubt[];
}

export interface Leadership {
  readonly host: string;
  readonly from: number;
  readonly to: number;
  readonly term: number;
}

/** An election that was won. */
export interface Election {
  readonly event: number;
  readonly time: number;
  readonly host: string;
  readonly term: number;
}

interface Lane {
  readonly process: ProcessIndex;
  readonly server: boolean;
  readonly spans: Span[];
  since: number;
  role: LaneState;
  down: boolean;
  paused: number;
  term: number;
  /** Null: no word of a term yet. */
  firstTerm: number | null;
}

export class LaneCollector implements NoteCollector {
  readonly wants: readonly NoteKind[] = [
    KernelNote.started,
    KernelNote.crashed,
    KernelNote.paused,
    KernelNote.resumed,
    KernelNote.panicked,
    RaftNote.becameFollower,
    RaftNote.becameCandidate,
    RaftNote.becameLeader,
    RaftNote.term,
  ];
  /** In the order of time, without those that a run begins with. */
  readonly elections: Election[] = [];
  private readonly world: World;
  private readonly lanes: (Lane | undefined)[];

  constructor(world: World) {
    this.world = world;
    this.lanes = world.processes.map(({ slotByNumber }, process) => {
      if (loadOf(world, process) !== undefined) return undefined;
      const server = slotByNumber[RAFT_MACHINE] !== undefined;
      const role = server ? 'follower' : 'running';
      const lane = { process, server, spans: [], since: 0, down: true, paused: 0 };
      return { ...lane, role, term: 0, firstTerm: null };
    });
  }

  take({ kind, process, event, time, a, b }: Note): void {
    const lane = this.lanes[process];
    if (lane === undefined) return;
    const before = stateOf(lane);
    const { term } = lane;
    // The first word of a term also tells the one before.
    if (kind > RAFT_MACHINE << 8) lane.firstTerm ??= kind === RaftNote.term ? b : a;
    this.change(lane, kind, a);
    if (kind === RaftNote.becameLeader && event > 0) {
      const host = this.world.processes[process]!.host.name;
      this.elections.push({ event, time, host, term: a });
    }
    if (stateOf(lane) === before && lane.term === term) return;
    if (time > lane.since) lane.spans.push({ from: lane.since, to: time, state: before, term });
    lane.since = time;
  }

  private change(lane: Lane, kind: NoteKind, a: number): void {
    switch (kind) {
      case KernelNote.started:
        lane.down = false;
        lane.paused = 0;
        lane.role = lane.server ? 'follower' : 'running';
        return;
      case KernelNote.crashed:
      case KernelNote.panicked:
        lane.down = true;
        return;
      case KernelNote.paused:
        lane.paused++;
        return;
      case KernelNote.resumed:
        lane.paused = Math.max(0, lane.paused - 1);
        return;
      case RaftNote.becameFollower:
        lane.role = 'follower';
        break;
      case RaftNote.becameCandidate:
        lane.role = 'candidate';
        break;
      case RaftNote.becameLeader:
        lane.role = 'leader';
        break;
    }
    lane.term = a;
  }

  /** Servers, and of the other hosts those of which there is something to see. */
  finish(
    endMicros: number,
    doubts: ReadonlyMap<ProcessIndex, readonly Doubt[]>,
  ): { readonly shown: HostLane[]; readonly quiet: number } {
    const all = this.lanes.flatMap((lane) => (lane === undefined ? [] : [lane]));
    const lanes = all.map((lane): HostLane => ({
      name: this.world.processes[lane.process]!.name,
      kind: lane.server ? 'server' : 'other',
      spans: this.spansOf(lane, endMicros),
      doubts: doubts.get(lane.process) ?? [],
    }));
    const servers = lanes.filter(({ kind }) => kind === 'server');
    const others = lanes.filter(({ kind, spans, doubts: found }) => {
      return kind === 'other' && (spans.length > 1 || found.length > 0);
    });
    const shown = [...servers, ...others].slice(0, LANES_MAX);
    return { shown, quiet: lanes.length - shown.length };
  }

  /** A leader that is paused or down leads nobody. */
  leadership(endMicros: number): Leadership[] {
    const found = this.lanes.flatMap((lane): Leadership[] => {
      if (lane === undefined || !lane.server) return [];
      const host = this.world.processes[lane.process]!.host.name;
      return this.spansOf(lane, endMicros)
        .filter(({ state }) => state === 'leader')
        .map(({ from, to, term }) => ({ host, from, to, term }));
    });
    return found.sort((left, right) => left.from - right.from || left.term - right.term);
  }

  private spansOf(lane: Lane, endMicros: number): Span[] {
    const { spans, since, term, firstTerm, server } = lane;
    const last: Span = { from: since, to: endMicros, state: stateOf(lane), term };
    const all = endMicros > since ? [...spans, last] : spans;
    if (!server) return all;
    const held = this.world.processes[lane.process]!.slotByNumber[RAFT_MACHINE]!.state;
    const first = firstTerm ?? (held as Partial<RaftState> | null)?.term ?? 0;
    return all.map((span) => (span.term === 0 ? { ...span, term: first } : span));
  }
}

function stateOf({ down, paused, role }: Lane): LaneState {
  if (down) return 'down';
  return paused > 0 ? 'paused' : role;
}
