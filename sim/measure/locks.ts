/**
 * What becomes of locks and sessions: how long clients wait for a lock and keep it, and how long a
 * session lives after the last renewal that was answered when its time is over on the leader.
 */
import type { KvLoadState } from '../client/kv-load.ts';
import { LockNote } from '../client/lock/state.ts';
import { LOAD_MACHINE, LoadNote } from '../client/operation.ts';
import { SESSION_MACHINE, SessionNote } from '../consul/session/vocabulary.ts';
import type { SessionState } from '../consul/session/state.ts';
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { Role } from '../protocol/raft/types.ts';
import type { RaftState } from '../protocol/raft/types.ts';
import { RAFT_MACHINE } from '../protocol/raft/vocabulary.ts';
import type { MeasuredPart } from './load.ts';

export class LockMeasure implements Observer {
  readonly wants: readonly NoteKind[] = [
    LockNote.taken,
    LockNote.ended,
    LoadNote.succeeded,
    SessionNote.expired,
  ];
  /** When each session was last made or renewed. */
  private renewed = new Map<string, number>();
  private readonly world: World;
  private readonly part: MeasuredPart;
  private readonly expiry: number;

  constructor(world: World, part: MeasuredPart) {
    this.world = world;
    this.part = part;
    this.expiry = world.metrics.id('session.expiry', 'time');
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number): void {
    if (kind === SessionNote.expired) this.onExpired(process, a);
    else if (kind === LoadNote.succeeded) this.onSucceeded(process, a);
    else this.record(process, kind === LockNote.taken ? 'lock-wait' : 'lock-hold', a);
  }

  private clientOf(process: ProcessIndex): KvLoadState {
    return this.world.processes[process].slotByNumber[LOAD_MACHINE]!.state as KvLoadState;
  }

  private onSucceeded(process: ProcessIndex, slot: number): void {
    const { f, session, answer } = this.clientOf(process).operations[slot]!;
    if (!answer!.applied) return;
    if (f === 'session-renew') this.renewed.set(session, this.world.now);
    else if (f === 'session-create') this.renewed.set(answer!.value as string, this.world.now);
  }

  private onExpired(process: ProcessIndex, timer: number): void {
    const { slotByNumber } = this.world.processes[process];
    if ((slotByNumber[RAFT_MACHINE]!.state as RaftState).role !== Role.leader) return;
    const session = (slotByNumber[SESSION_MACHINE]!.state as SessionState).ids[timer];
    if (typeof session !== 'string') return;
    const since = this.renewed.get(session);
    if (since === undefined) return;
    this.renewed.delete(session);
    if (this.isMeasured()) this.world.metrics.record(this.expiry, this.world.now - since);
  }

  private record(process: ProcessIndex, metric: 'lock-wait' | 'lock-hold', micros: number): void {
    if (!this.isMeasured()) return;
    const { load } = this.clientOf(process).config;
    const { metrics } = this.world;
    metrics.record(metrics.id(`${load}.${metric}`, 'time'), micros);
  }

  private isMeasured(): boolean {
    const { now } = this.world;
    return now >= this.part.fromMicros && now < this.part.untilMicros;
  }

  save(): unknown {
    return new Map(this.renewed);
  }

  restore(state: unknown): void {
    this.renewed = new Map(state as ReadonlyMap<string, number>);
  }
}
