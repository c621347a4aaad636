/**
 * What each client has read and written so far, for all session guarantees at once: a session is a
 * client, and operations are compared of which one ended before the other was called. Reads are
 * compared key by key with the index of what they saw, writes by their place in the Raft log. A
 * write of unknown outcome has no place, and is compared with nothing.
 */
import type { RunRecord } from '../linearizability/operation-log.ts';

/** Indexes are -1 where there is nothing yet. */
interface Newest {
  read: number;
  write: number;
}

interface Session extends Newest {
  readonly keys: Map<string, Newest>;
}

/** An operation under way, and the newest that its client had read and written when it began. */
export interface OpenOperation extends Readonly<Newest> {
  readonly callMicros: number;
}

/** Told of every answer that has an index, and of the operation as it was when it began. */
export interface AnswerListener {
  onRead?(record: RunRecord, index: number, open: OpenOperation): void;
  onWrite?(record: RunRecord, index: number, open: OpenOperation): void;
}

interface State {
  readonly sessions: readonly (readonly [string | number, Session])[];
  readonly open: ReadonlyMap<number, OpenOperation>;
  readonly deleted: ReadonlySet<string>;
}

export class ClientSessions {
  private sessions = new Map<string | number, Session>();
  private open = new Map<number, OpenOperation>();
  /** Keys that somebody has tried to delete: of these, nothing is an answer like others. */
  private deleted = new Set<string>();
  private readonly listeners: AnswerListener[] = [];

  listen(listener: AnswerListener): void {
    this.listeners.push(listener);
  }

  onRecord(record: RunRecord): void {
    if (this.listeners.length === 0) return;
    const session = this.sessionOf(record.process);
    const isRead = record.f === 'get';
    // Reads are compared within the key, writes within the client.
    const newest = isRead ? newestOf(session, record.key) : session;
    if (record.f === 'delete') this.deleted.add(record.key);
    if (record.type === 'invoke') this.begin(record, newest);
    else this.end(record, isRead, session);
  }

  private begin({ op, time }: RunRecord, { read, write }: Newest): void {
    if (read >= 0 || write >= 0) this.open.set(op, { callMicros: time, read, write });
  }

  private end(record: RunRecord, isRead: boolean, session: Session): void {
    const open = this.open.get(record.op);
    if (open !== undefined) this.open.delete(record.op);
    const index = record.type === 'ok' ? indexOf(record, isRead, this.deleted.has(record.key)) : -1;
    if (index < 0) return;
    if (open !== undefined) this.tell(record, isRead, index, open);
    const key = newestOf(session, record.key);
    if (isRead) {
      if (index > session.read) session.read = index;
      if (index > key.read) key.read = index;
    } else {
      if (index > session.write) session.write = index;
      // A deletion of what is not there is in the log, and yet no version of the key.
      if (index > key.write && record.f !== 'delete') key.write = index;
    }
  }

  private tell(record: RunRecord, isRead: boolean, index: number, open: OpenOperation): void {
    for (const listener of this.listeners) {
      if (isRead) listener.onRead?.(record, index, open);
      else listener.onWrite?.(record, index, open);
    }
  }

  private sessionOf(process: string | number): Session {
    let session = this.sessions.get(process);
    if (session === undefined) {
      session = { read: -1, write: -1, keys: new Map() };
      this.sessions.set(process, session);
    }
    return session;
  }

  save(): unknown {
    return {
      sessions: copy(this.sessions),
      open: new Map(this.open),
      deleted: new Set(this.deleted),
    } satisfies State;
  }

  restore(state: unknown): void {
    const { sessions, open, deleted } = state as State;
    this.deleted = new Set(deleted);
    this.sessions = new Map(copy(sessions));
    this.open = new Map(open);
  }
}

function newestOf({ keys }: Session, key: string): Newest {
  let newest = keys.get(key);
  if (newest === undefined) keys.set(key, (newest = { read: -1, write: -1 }));
  return newest;
}

function copy(sessions: Iterable<readonly [string | number, Session]>) {
  return Array.from(sessions, ([client, { read, write, keys }]) => {
    const copied = Array.from(keys, ([key, newest]) => [key, { ...newest }] as const);
    return [client, { read, write, keys: new Map(copied) }] as const;
  });
}

/**
 * Place of a write in the log; version that a read saw; -1: not known. A key that was never there
 * answers 0; one that may have been deleted answers the index of the table, as old as the deletion
 * at least.
 */
function indexOf(record: RunRecord, isRead: boolean, mayBeDeleted: boolean): number {
  const { index, leaderIndex, value } = record;
  if (!isRead) return leaderIndex ?? index ?? -1;
  return value === null && !mayBeDeleted ? 0 : (index ?? -1);
}
