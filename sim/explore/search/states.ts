/**
 * Which abstract states a run comes through: how the servers stand to each other, without names and
 * absolute numbers. A search that knows them can tell a run that went somewhere new.
 */
import { mix } from '../../core/fingerprint.ts';
import type { NoteKind } from '../../core/machine.ts';
import { KernelNote } from '../../core/observer.ts';
import type { Observer } from '../../core/observer.ts';
import type { World } from '../../core/world.ts';
import { isVoter } from '../../protocol/raft/types.ts';
import type { RaftDurable, RaftState } from '../../protocol/raft/types.ts';
import { RAFT_MACHINE, RaftNote } from '../../protocol/raft/vocabulary.ts';

/** More states than this are not counted: a run that has so many is not told apart by more. */
const STATES_MAX = 4096;

const STATUS = { down: 0, running: 1, stopped: 2, suspended: 3 } as const;

/** An observer that collects the states of one run. */
export class AbstractStates implements Observer {
  readonly wants: readonly NoteKind[] = [
    RaftNote.becameFollower,
    RaftNote.becameCandidate,
    RaftNote.becameLeader,
    RaftNote.term,
    RaftNote.voted,
    RaftNote.truncated,
    RaftNote.leaseLost,
    RaftNote.reconfigured,
    RaftNote.snapshot,
    RaftNote.installed,
    KernelNote.started,
    KernelNote.crashed,
    KernelNote.paused,
    KernelNote.resumed,
  ];
  private readonly world: World;
  private readonly servers: readonly number[];
  private seen = new Set<number>();
  private last = 0;

  constructor(world: World, servers: readonly number[]) {
    this.world = world;
    this.servers = servers;
  }

  /** Ascending. */
  states(): number[] {
    return [...this.seen].sort((left, right) => left - right);
  }

  onNote(): void {
    this.look();
  }

  onSecond(): void {
    this.look();
  }

  private look(): void {
    if (this.seen.size >= STATES_MAX) return;
    const state = this.stateOfAll();
    if (state === this.last) return;
    this.seen.add(state);
    this.last = state;
  }

  /** The servers in an order that does not depend on their names. */
  private stateOfAll(): number {
    const alive = this.servers.map((process) => this.memoryOf(process));
    const terms = ranks(alive.map((state) => state?.term ?? -1));
    const ends = ranks(alive.map((state) => state?.lastIndex ?? -1));
    const commits = ranks(alive.map((state) => state?.commitIndex ?? -1));
    const parts = this.servers.map((process, at) => {
      const relation = terms[at]! * 64 + ends[at]! * 8 + commits[at]!;
      return mix(relation, this.stateOfOne(process, alive[at]));
    });
    return parts.sort((left, right) => left - right).reduce(mix, parts.length);
  }

  private memoryOf(process: number): RaftState | undefined {
    const one = this.world.processes[process]!;
    if (one.status === 'down') return undefined;
    return one.slotByNumber[RAFT_MACHINE]?.state as RaftState | undefined;
  }

  private stateOfOne(process: number, state: RaftState | undefined): number {
    const one = this.world.processes[process]!;
    const slot = one.slotByNumber[RAFT_MACHINE]!;
    const durable = slot.durable as RaftDurable;
    let hash = mix(STATUS[one.status], durable.snapshots.length > 0 ? 1 : 0);
    if (state === undefined) return hash;
    const changing = state.latestIndex === state.committedIndex ? 0 : 1;
    const voted = durable.lastVoteTerm === state.term ? 1 : 0;
    const flags =
      changing +
      voted * 2 +
      (isVoter(state.latest, process) ? 4 : 0) +
      (state.transfer === null ? 0 : 8) +
      (state.transferCandidate ? 16 : 0) +
      (state.installation === null ? 0 : 32) +
      (state.capture === null ? 0 : 64) +
      (state.leader >= 0 ? 128 : 0) +
      (state.role === state.loop ? 0 : 256);
    hash = mix(hash, state.role * 1024 + flags);
    return mix(hash, Math.min(state.latest.servers?.length ?? 0, 9));
  }

  save(): unknown {
    return { seen: new Set(this.seen), last: this.last };
  }

  restore(saved: unknown): void {
    const { seen, last } = saved as { seen: ReadonlySet<number>; last: number };
    this.seen = new Set(seen);
    this.last = last;
  }
}

/** Place of each among the distinct values, 0 for the least; equal ones share a place. */
function ranks(values: readonly number[]): number[] {
  const distinct = [...new Set(values)].sort((left, right) => left - right);
  return values.map((value) => Math.min(7, distinct.indexOf(value)));
}
