/**
 * The four session guarantees (Terry et al. 1994), one invariant each, judged answer by answer. A
 * session is a client; of its operations those are compared of which one ended before the other was
 * called. Reads are compared key by key with the index of what they saw, writes by their place in
 * the Raft log. A write of unknown outcome has no place, and is compared with nothing.
 */
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import type { RunRecord } from './linearizability/operation-log.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind } from './invariant.ts';
import { inSeconds } from './invariant.ts';
import { allowance } from './session-guarantees/consul-modes.ts';
import type { SessionGuarantee } from './session-guarantees/sessions.ts';

type Kind = 'read' | 'write';

interface Rule {
  readonly earlier: Kind;
  readonly later: Kind;
  /** What a client did that it must not, with the two indexes in it. */
  sentence(later: number, earlier: number): string;
}

const RULES: Readonly<Record<SessionGuarantee, Rule>> = {
  'monotonic-reads': {
    earlier: 'read',
    later: 'read',
    sentence: (later, earlier) => `read ${stateAt(later)} after it had read ${stateAt(earlier)}`,
  },
  'read-your-writes': {
    earlier: 'write',
    later: 'read',
    sentence: (later, earlier) => `read ${stateAt(later)} after its write at index ${earlier}`,
  },
  'monotonic-writes': {
    earlier: 'write',
    later: 'write',
    sentence: (later, earlier) => `wrote at index ${later} after its write at index ${earlier}`,
  },
  'writes-follow-reads': {
    earlier: 'read',
    later: 'write',
    sentence: (later, earlier) => `wrote at index ${later} after it had read ${stateAt(earlier)}`,
  },
};

/** An operation under way. */
interface Open {
  readonly callMicros: number;
  /** The newest that its client had seen when it began; -1: nothing. */
  readonly before: number;
}

interface State {
  readonly exercised: number;
  readonly newest: readonly (readonly [string | number, ReadonlyMap<string, number>])[];
  readonly open: ReadonlyMap<number, Open>;
}

/** Stands for all keys where writes are compared across them. */
const EVERY_KEY = '';

class SessionCheck implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Answers that came after something to compare them with. */
  exercised = 0;
  private readonly context: CheckContext;
  private readonly rule: Rule;
  /** Newest index by client and key. */
  private newest = new Map<string | number, Map<string, number>>();
  private open = new Map<number, Open>();

  constructor(context: CheckContext, rule: Rule) {
    this.context = context;
    this.rule = rule;
    context.history.listen((record) => this.onRecord(record));
  }

  onNote(): void {}

  private onRecord(record: RunRecord): void {
    const { type, f, op, time } = record;
    const { earlier, later } = this.rule;
    const kind: Kind = f === 'get' ? 'read' : 'write';
    if (type === 'invoke') {
      if (kind !== later) return;
      const before = this.newest.get(record.process)?.get(this.scope(record)) ?? -1;
      if (before >= 0) this.open.set(op, { callMicros: time, before });
      return;
    }
    const index = type === 'ok' ? indexOf(record, kind) : -1;
    if (kind === later) {
      const open = this.open.get(op);
      this.open.delete(op);
      if (open !== undefined && index >= 0) this.compare(record, index, open);
    }
    if (kind === earlier && index >= 0) this.see(record, index);
  }

  /** Writes are compared within the client, reads within the key too. */
  private scope({ key }: RunRecord): string {
    return this.rule.later === 'read' ? key : EVERY_KEY;
  }

  private see(record: RunRecord, index: number): void {
    let keys = this.newest.get(record.process);
    if (keys === undefined) this.newest.set(record.process, (keys = new Map<string, number>()));
    const scope = this.scope(record);
    if (index > (keys.get(scope) ?? -1)) keys.set(scope, index);
  }

  private compare(record: RunRecord, index: number, { callMicros, before }: Open): void {
    const { process, key, mode, time } = record;
    const { later, sentence } = this.rule;
    this.exercised++;
    // A second write has a place of its own, even one that changes nothing.
    if (later === 'read' ? index >= before : index > before) return;
    const message = `Client ${process} ${sentence(index, before)}, of ${key}`;
    const { report, windows } = this.context;
    const reference =
      later === 'read'
        ? allowance(mode ?? 'default', { callMicros, returnMicros: time }, windows.windows())
        : undefined;
    const when = `called at ${inSeconds(callMicros)}`;
    if (reference === undefined) report(`${message}, ${when}`, []);
    else report(`${message}, ${when}`, [], { status: 'allowed', reference });
  }

  save(): unknown {
    const newest = Array.from(this.newest, ([client, keys]) => [client, new Map(keys)] as const);
    return { exercised: this.exercised, newest, open: new Map(this.open) } satisfies State;
  }

  restore(state: unknown): void {
    const { exercised, newest, open } = state as State;
    this.exercised = exercised;
    this.newest = new Map(newest.map(([client, keys]) => [client, new Map(keys)]));
    this.open = new Map(open);
  }
}

/** Place of a write in the log; version that a read saw, 0 for an absent key; -1: not known. */
function indexOf({ index, leaderIndex, value }: RunRecord, kind: Kind): number {
  if (kind === 'write') return leaderIndex ?? index ?? -1;
  return value === null ? 0 : (index ?? -1);
}

function stateAt(index: number): string {
  return index === 0 ? 'nothing' : `index ${index}`;
}

const STATEMENTS: Readonly<Record<SessionGuarantee, string>> = {
  'monotonic-reads': 'A client never reads an older value of a key than it has read before.',
  'read-your-writes': 'A client never reads an older value of a key than it has written.',
  'monotonic-writes': 'The writes of a client take effect in the order in which it made them.',
  'writes-follow-reads': 'A write takes effect after all that its client had read before.',
};

function guarantee(name: InvariantName & `session.${SessionGuarantee}`): Invariant {
  const which = name.slice('session.'.length) as SessionGuarantee;
  return {
    name,
    expectation: 'always',
    statement: STATEMENTS[which],
    source:
      'Terry et al., Session Guarantees for Weakly Consistent Replicated Data (1994)' +
      (RULES[which].later === 'read' ? '; exceptions: consul#54, consul#2644, stale mode' : ''),
    create: (context) => new SessionCheck(context, RULES[which]),
  };
}

export const monotonicReads = guarantee('session.monotonic-reads');
export const readYourWrites = guarantee('session.read-your-writes');
export const monotonicWrites = guarantee('session.monotonic-writes');
export const writesFollowReads = guarantee('session.writes-follow-reads');
