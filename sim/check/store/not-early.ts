/**
 * `session.not-early`: a session with a TTL that its client keeps renewing lives for twice the TTL after
 * the last renewal that a leader answered (reference: server §2.7). A renewal that was asked for as
 * stale may have been answered by anybody, and counts for nothing.
 *
 * The timer that ends a session goes off before the entry is committed. A renewal in between succeeds
 * and does not help: that race is documented. Attempts that have failed and go on after renewals are not
 * (B34).
 */
import { SESSION_MACHINE, SessionNote } from '../../consul/session/vocabulary.ts';
import type { SessionState } from '../../consul/session/state.ts';
import type { RunRecord } from '../linearizability/operation-log.ts';
import type { CheckContext, Invariant, InvariantCheck, ReportDetails } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { fastestPpm } from './clocks.ts';
import type { Applied } from './replay.ts';

interface Renewal {
  readonly callMicros: number;
  readonly endMicros: number;
}

interface Known {
  /** The last ones that were answered, oldest first. */
  readonly renewals: readonly Renewal[];
  /** A client has asked for its end. */
  readonly unwanted: boolean;
  /** Its timer went off last at that time; -1: never. */
  readonly expiredMicros: number;
  /** An attempt to end it has failed since. */
  readonly retried: boolean;
}

interface State {
  readonly exercised: number;
  readonly ppm: number;
  readonly sessions: ReadonlyMap<string, Known>;
  readonly calls: ReadonlyMap<number, number>;
}

const UNKNOWN: Known = { renewals: [], unwanted: false, expiredMicros: -1, retried: false };
/** More renewals than these are not under way while a timer's entry is. */
const KEPT = 4;
const TTL_MULTIPLIER = 2;
const RACE: ReportDetails = {
  status: 'allowed',
  reference: 'consul:agent/consul/session_ttl.go (invalidateSession)',
};

class NotEarly implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [SessionNote.expired, SessionNote.attemptFailed];
  /** Sessions that expired. */
  exercised = 0;
  private ppm = 0;
  private sessions = new Map<string, Known>();
  /** When renewals under way were called, by operation. */
  private calls = new Map<number, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.history.listen((record) => this.onRecord(record));
    context.replay.start((applied) => this.onApplied(applied));
  }

  onSecond(): void {
    if (this.sessions.size > 0) this.ppm = Math.max(this.ppm, fastestPpm(this.context));
  }

  /** a: number of the timer, or of the loop that destroys the session. */
  onNote(kind: NoteKind, process: ProcessIndex, a: number): void {
    const slot = this.context.world.processes[process].slotByNumber[SESSION_MACHINE];
    const { ids, invalidations } = slot!.state as SessionState;
    if (kind === SessionNote.expired) {
      const session = ids[a];
      const expiredMicros = this.context.world.now;
      if (typeof session === 'string') this.know(session, { expiredMicros, retried: false });
      return;
    }
    const loop = invalidations.find(({ number }) => number === a);
    if (loop !== undefined) this.know(loop.session, { retried: true });
  }

  private know(session: string, more: Partial<Known>): void {
    const known = this.sessions.get(session);
    if (known !== undefined) this.sessions.set(session, { ...known, ...more });
  }

  private onRecord({ type, f, op, time, value, session = '', mode }: RunRecord): void {
    if (!f.startsWith('session-')) return;
    if (type === 'invoke') {
      this.calls.set(op, time);
      if (f === 'session-destroy') this.know(session, { unwanted: true });
      return;
    }
    const callMicros = this.calls.get(op);
    this.calls.delete(op);
    if (type !== 'ok' || callMicros === undefined || f === 'session-destroy') return;
    const created = f === 'session-create';
    if (!created && mode === 'stale') return;
    const id = created ? (value as string) : session;
    const known = this.sessions.get(id) ?? UNKNOWN;
    const renewals = [...known.renewals, { callMicros, endMicros: time }].slice(-KEPT);
    this.sessions.set(id, { ...known, renewals });
  }

  private onApplied({ ended, micros, leader }: Applied): void {
    if (ended === undefined) return;
    const known = this.sessions.get(ended.id);
    this.sessions.delete(ended.id);
    if (known === undefined || known.unwanted || ended.ttlMicros === 0) return;
    this.exercised++;
    const last = latest(known.renewals);
    const ppm = Math.max(this.ppm, fastestPpm(this.context));
    const life = Math.floor((TTL_MULTIPLIER * ended.ttlMicros * 1e6) / (1e6 + ppm));
    if (micros >= last + life) return;
    const { expiredMicros, retried } = known;
    // The timer knew of no renewal that had not been answered when it went off.
    const before = latest(known.renewals.filter(({ endMicros }) => endMicros <= expiredMicros));
    const raced = !retried && expiredMicros >= before + life;
    const when = `${inSeconds(micros - last)} after a renewal`;
    const message = `Session ${ended.id} with a TTL of ${inSeconds(ended.ttlMicros)} ended ${when}`;
    this.context.report(message, [leader], raced ? RACE : {});
  }

  save(): unknown {
    const { exercised, ppm, sessions, calls } = this;
    const copies = { sessions: new Map(sessions), calls: new Map(calls) };
    return { exercised, ppm, ...copies } satisfies State;
  }

  restore(state: unknown): void {
    const { exercised, ppm, sessions, calls } = state as State;
    this.exercised = exercised;
    this.ppm = ppm;
    this.sessions = new Map(sessions);
    this.calls = new Map(calls);
  }
}

function latest(renewals: readonly Renewal[]): number {
  return renewals.reduce((last, { callMicros }) => Math.max(last, callMicros), -Infinity);
}

export const notEarly: Invariant = {
  name: 'session.not-early',
  expectation: 'always',
  occasional: true,
  statement:
    'A session with a TTL does not expire before twice the TTL has passed since a leader answered ' +
    'its last renewal.',
  source:
    'consul:agent/consul/session_ttl.go (resetSessionTimerLocked); exception: renewals while the ' +
    'entry is under way',
  create: (context) => new NotEarly(context),
};
