/**
 * `kv.acknowledged-write-survives`: the promise that clients rely on. A write that was acknowledged
 * is committed at its index, and every later leader holds it there.
 */
import { EntryType, Role } from '../protocol/raft/types.ts';
import { entryIn } from '../protocol/raft/log.ts';
import type { RaftLog } from '../protocol/raft/log.ts';
import type { Command } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { AcknowledgedWrite } from './acknowledged.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import { inSeconds } from './invariant.ts';
import { firstShared, sameEntry, scanWindows } from './scan.ts';

/** Acknowledged writes that one scan looks at: each costs more than comparing two logs. */
const SCAN_WRITES_MAX = 2048;

function holds(log: RaftLog, { index, digest }: AcknowledgedWrite): boolean {
  if (index < log.firstIndex) return true;
  const entry = entryIn(log, index);
  if (entry === undefined || entry.type !== EntryType.command) return false;
  return (entry.data as Command).digest === digest;
}

class AcknowledgedWriteSurvives implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.becameLeader];
  /** Acknowledgements compared with what was committed, and leaders that had writes to hold. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.acknowledged.listen({ onAcknowledged: (write) => this.onAcknowledged(write) });
  }

  private onAcknowledged(write: AcknowledgedWrite): void {
    const { committed, name, report } = this.context;
    this.exercised++;
    if (holds(committed.log, write)) return;
    const found = entryIn(committed.log, write.index) === undefined ? 'nothing' : 'another entry';
    const what = `The write that ${name(write.process)} was told is at index ${write.index}`;
    report(`${what} was not committed there: ${found} is`, [write.process]);
  }

  /** Prefixes tell at once whether the new leader holds all that was acknowledged. */
  onNote(_kind: NoteKind, process: ProcessIndex): void {
    const { acknowledged, committed, durable, raft } = this.context;
    const state = raft(process);
    if (state === undefined || state.role !== Role.leader) return;
    const last = Math.min(acknowledged.highest, committed.lastBefore(state.term));
    if (last === 0) return;
    this.exercised++;
    const { log } = durable(process);
    if (last < firstShared(log, committed.log)) return;
    if (!sameEntry(entryIn(log, last), entryIn(committed.log, last))) {
      this.scan(process, state.term, 0, acknowledged.writes.length);
    }
  }

  onSecond(): void {
    const { acknowledged, raft, servers, world } = this.context;
    const windows = scanWindows(acknowledged.writes.length, world.now, SCAN_WRITES_MAX);
    for (const { process } of servers) {
      const state = raft(process);
      if (state === undefined || state.role !== Role.leader) continue;
      for (const { from, to } of windows) this.scan(process, state.term, from, to);
    }
  }

  /** Looks for acknowledged writes in [from, to), in their order, that the leader has lost. */
  private scan(process: ProcessIndex, term: number, from: number, to: number): void {
    const { acknowledged, committed, durable, name, report } = this.context;
    const { log } = durable(process);
    // What its own term committed is its own doing, so it must hold that as well.
    const last = committed.lastBefore(term + 1);
    let first: AcknowledgedWrite | undefined;
    let lost = 0;
    for (let i = from; i < to; i++) {
      const write = acknowledged.writes[i];
      if (write.index > last || holds(log, write)) continue;
      first ??= write;
      lost++;
    }
    if (first === undefined) return;
    const more = lost === 1 ? '' : ` and ${lost - 1} more`;
    const what = `without the write at index ${first.index}, acknowledged at`;
    const when = `${inSeconds(first.micros)}${more}`;
    report(`${name(process)} leads term ${term} ${what} ${when}`, [process, first.process]);
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const acknowledgedWriteSurvives: Invariant = {
  name: 'kv.acknowledged-write-survives',
  expectation: 'always',
  statement: 'A write that a client was told has succeeded is committed and never lost.',
  source: 'Raft paper, §8; what leader completeness and state-machine safety are for',
  create: (context) => new AcknowledgedWriteSurvives(context),
};
