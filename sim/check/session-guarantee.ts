/**
 * The four session guarantees (Terry et al. 1994), one invariant each, judged answer by answer; what
 * is compared with what is said in `session-guarantees/client-sessions.ts`.
 */
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import type { RunRecord } from './linearizability/operation-log.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind } from './invariant.ts';
import { inSeconds } from './invariant.ts';
import { allowance } from './session-guarantees/consul-modes.ts';
import type { OpenOperation } from './session-guarantees/client-sessions.ts';
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

class SessionCheck implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Answers that came after something to compare them with. */
  exercised = 0;
  private readonly context: CheckContext;
  private readonly rule: Rule;

  constructor(context: CheckContext, rule: Rule) {
    this.context = context;
    this.rule = rule;
    const { earlier, later } = rule;
    const onAnswer = (record: RunRecord, index: number, open: OpenOperation): void => {
      if (open[earlier] >= 0) this.compare(record, index, open.callMicros, open[earlier]);
    };
    context.sessions.listen(later === 'read' ? { onRead: onAnswer } : { onWrite: onAnswer });
  }

  onNote(): void {}

  private compare(record: RunRecord, index: number, callMicros: number, before: number): void {
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
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
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
