/**
 * Which open bug of the real programs stands behind a violation (design §6). A branch that holds an
 * open bug marks the world when it changes an outcome; a violation in whose past such a mark lies,
 * and which the bug can bring about, is known. Planted bugs mark too, and explain nothing away.
 */
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import type { ViolationStatus } from './invariant.ts';

interface OpenBug {
  readonly bug: string;
  /** Public place that describes it. */
  readonly reference: string;
  readonly explains: readonly InvariantName[];
}

const LOST_ENTRIES: readonly InvariantName[] = [
  'raft.leader-completeness',
  'raft.state-machine-safety',
  'kv.acknowledged-write-survives',
];

/** What clients see of lost entries: answers that go back, and places in the log given twice. */
const WRONG_ANSWERS: readonly InvariantName[] = [
  'kv.linearizable',
  'kv.consistent-read-linearizable',
  'kv.default-read-fresh',
  'kv.stale-read-bounded',
  'kv.index-monotonic',
  'session.monotonic-reads',
  'session.read-your-writes',
  'session.monotonic-writes',
  'session.writes-follow-reads',
];

/** In the order in which they are blamed. */
const OPEN_BUGS: readonly OpenBug[] = [
  {
    // Term and role change under the main thread's feet: any rule of Raft may fall.
    bug: 'B1',
    reference: 'raft#695',
    explains: [
      'raft.election-safety',
      'raft.leader-append-only',
      'raft.log-matching',
      'raft.term-monotonic',
      'raft.vote-once',
      'raft.vote-recorded',
      'raft.verified-leader',
      'raft.leader-undisturbed',
      ...LOST_ENTRIES,
      ...WRONG_ANSWERS,
    ],
  },
  // A vote without the comparison of logs elects a leader that lacks entries.
  {
    bug: 'B5',
    reference: 'raft#661',
    explains: ['raft.vote-recorded', ...LOST_ENTRIES, ...WRONG_ANSWERS],
  },
  // Whoever has noticed first that nobody leads is elected again, and cannot store anything either.
  { bug: 'B8', reference: 'raft#614', explains: ['raft.leader-can-store'] },
  // What conflicts with a snapshot stays in the log: every later append fails.
  { bug: 'B6', reference: 'raft#697', explains: ['raft.follower-catches-up'] },
  // Heartbeats are back at once, entries only after the backoff.
  {
    bug: 'B33',
    reference: 'consul#1674',
    explains: ['raft.follower-catches-up', 'raft.backoff-ends'],
  },
  // An order of a leader that is gone deposes the one that is there.
  {
    bug: 'B23',
    reference: 'raft:raft.go (timeoutNow)',
    explains: ['raft.leader-undisturbed'],
  },
  { bug: 'B26', reference: 'raft#248', explains: ['raft.snapshot-monotonic'] },
  // Entries that nobody compared are committed with those that were.
  {
    bug: 'B27',
    reference: 'raft:raft.go (appendEntries)',
    explains: [...LOST_ENTRIES, ...WRONG_ANSWERS],
  },
  // An old leader that keeps its lease leads on beside the new one.
  {
    bug: 'B9',
    reference: 'raft:replication.go (heartbeat)',
    explains: ['raft.one-leader', 'raft.one-serving-leader', 'raft.write-recovers'],
  },
  // A leader takes answers from before its time was over, or of servers without a vote, for a quorum.
  {
    bug: 'B10',
    reference: 'raft:future.go (vote)',
    explains: ['raft.one-serving-leader', 'raft.verified-leader', ...WRONG_ANSWERS],
  },
  {
    bug: 'B11',
    reference: 'raft:raft.go (verifyLeader)',
    explains: ['raft.verified-leader', ...WRONG_ANSWERS],
  },
  // Lock-delays are memory of each server, and no part of its snapshots.
  {
    bug: 'B18',
    reference: 'consul:agent/consul/state/delay_ce.go',
    explains: ['kv.lock-delay'],
  },
  // A loop that destroys a session goes on after renewals, and after its leadership.
  {
    bug: 'B34',
    reference: 'consul:agent/consul/session_ttl.go (invalidateSession)',
    explains: ['session.not-early'],
  },
  // Evidence that is forgotten lets older news revive the dead.
  { bug: 'G5', reference: 'memberlist#197', explains: ['gossip.no-resurrection'] },
  // Who speaks in time is not heard in time.
  { bug: 'P2', reference: 'consul#8504', explains: ['check.threshold'] },
  {
    bug: 'P4',
    reference: 'consul:agent/local/state.go (setServiceStateLocked)',
    explains: ['catalog.in-sync', 'catalog.discoverable'],
  },
];

export interface Label {
  readonly status: ViolationStatus;
  readonly reference: string;
}

/** `marks` holds the event of each bug's first mark; `event` is that of the violation. */
export function labelOf(
  invariant: InvariantName,
  marks: ReadonlyMap<string, number>,
  event: number,
): Label {
  for (const { bug, reference, explains } of OPEN_BUGS) {
    const marked = marks.get(bug);
    if (marked === undefined || marked > event || !explains.includes(invariant)) continue;
    return { status: 'known', reference };
  }
  return { status: 'violation', reference: '' };
}
