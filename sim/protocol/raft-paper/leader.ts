/** Leaders: heartbeats, replication, commit (Raft paper §5.3, §5.4.2, §8, figure 2). */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { quorumIndex } from '../raft/commitment.ts';
import { entryAt, makeEntry, prefixAt, writeEntries } from '../raft/durable.ts';
import { processLogs, respond } from '../raft/fsm.ts';
import { entriesBetween } from '../raft/log.ts';
import {
  commitConfiguration,
  setCommitIndex,
  setLastLog,
  setLeader,
  setRole,
} from '../raft/state.ts';
import { ApplyError, EntryType, Role } from '../raft/types.ts';
import type { Entry, Proposal } from '../raft/types.ts';
import {
  APPEND,
  APPLY,
  ELECTION_TIMER,
  HEARTBEAT,
  HEARTBEAT_TIMER,
  RaftNote,
} from '../raft/vocabulary.ts';
import { adoptTerm, othersOf, store } from './roles.ts';
import type { AppendAnswer, AppendEntries, PaperState, Progress } from './types.ts';

/** §8: the entry of its own term with which a leader finds out what is committed. */
const NOOP: readonly Proposal[] = [];

export function becomeLeader(state: PaperState, out: Outbox): void {
  setRole(state, Role.leader, out);
  setLeader(state, state.self, out);
  out.cancel(ELECTION_TIMER, 0);
  const nextIndex = state.lastIndex + 1;
  state.progress = othersOf(state).map((peer) => {
    return { peer, nextIndex, matchIndex: 0, waiting: false };
  });
  onHeartbeatDue(state, out);
  dispatch(state, NOOP, out);
}

/** Keeps followers from electing, and repeats what has not been answered. */
export function onHeartbeatDue(state: PaperState, out: Outbox): void {
  for (const one of state.progress) send(state, one, out);
  out.timer(HEARTBEAT_TIMER, 0, state.config.heartbeatIntervalMicros);
}

/** Everything from the peer's next index on, as far as one message holds. */
function send(state: PaperState, one: Progress, out: Outbox): void {
  const { nextIndex } = one;
  const last = Math.min(state.lastIndex, nextIndex + state.config.maxAppendEntries - 1);
  const prevIndex = nextIndex - 1;
  const request: AppendEntries = {
    term: state.term,
    prevIndex,
    prevTerm: entryAt(state.durable, prevIndex)?.term ?? 0,
    entries: entriesBetween(state.durable.log, nextIndex, last)!,
    leaderCommit: state.commitIndex,
  };
  one.waiting = request.entries.length > 0;
  out.datagram(one.peer, one.waiting ? APPEND : HEARTBEAT, request);
}

/** Stores first, then replicates: a proposal and up to so many more that wait already. */
export function onProposal(state: PaperState, first: Proposal, out: Outbox): void {
  state.proposalsTaken++;
  if (state.role !== Role.leader) {
    respond(state, first.tag, ApplyError.notLeader, 0, null, out);
    return;
  }
  const proposals = [first];
  for (let i = 0; i < state.config.maxAppendEntries; i++) {
    const next = out.receive(APPLY) as Proposal | undefined;
    if (next === undefined) break;
    state.proposalsTaken++;
    proposals.push(next);
  }
  dispatch(state, proposals, out);
}

function dispatch(state: PaperState, proposals: readonly Proposal[], out: Outbox): void {
  const { term, lastIndex } = state;
  const entries: Entry[] = [];
  let prefix = prefixAt(state.durable, lastIndex);
  const append = (type: EntryType, data: Entry['data']): void => {
    const entry = makeEntry(prefix, lastIndex + entries.length + 1, term, type, data);
    prefix = entry.prefix;
    entries.push(entry);
  };
  if (proposals === NOOP) append(EntryType.noop, null);
  for (const { data, tag } of proposals) {
    append(EntryType.command, data);
    state.inflight.push({ index: lastIndex + entries.length, tag });
  }
  const last = lastIndex + entries.length;
  out.note(RaftNote.dispatched, lastIndex + 1, last, term);
  store(state, [writeEntries(entries)], { kind: 'proposals', proposals, last }, out);
}

export function onProposalsStored(state: PaperState, last: number, out: Outbox): void {
  const first = state.lastIndex + 1;
  setLastLog(state, last, state.term);
  out.note(RaftNote.appended, first, last, 1);
  for (const one of state.progress) if (!one.waiting) send(state, one, out);
  advanceCommit(state, out);
}

export function onAppendAnswer(
  state: PaperState,
  from: ProcessIndex,
  answer: AppendAnswer,
  out: Outbox,
): void {
  if (answer.term > state.term) {
    adoptTerm(state, answer.term, out);
    return;
  }
  if (state.role !== Role.leader || answer.term < state.term) return;
  const one = state.progress.find(({ peer }) => peer === from)!;
  if (answer.success) {
    one.matchIndex = Math.max(one.matchIndex, answer.matched);
    one.nextIndex = Math.max(one.nextIndex, one.matchIndex + 1);
    advanceCommit(state, out);
  } else if (answer.prevIndex !== one.nextIndex - 1) {
    // The answer to something that has been sent again since.
    return;
  } else {
    one.nextIndex = Math.max(1, one.nextIndex - 1);
    out.note(RaftNote.rejected, from, one.nextIndex, 0);
  }
  one.waiting = false;
  if (one.matchIndex < state.lastIndex) send(state, one, out);
}

/** Only an entry of the current term is committed by counting; those before it come along (§5.4.2). */
function advanceCommit(state: PaperState, out: Outbox): void {
  const matches = state.progress.map(({ matchIndex }) => matchIndex);
  const index = quorumIndex([...matches, state.lastIndex]);
  if (index <= state.commitIndex || entryAt(state.durable, index)?.term !== state.term) return;
  setCommitIndex(state, index, out);
  if (state.latestIndex <= index) commitConfiguration(state);
  processLogs(state, index, out, state.inflight);
  state.inflight = state.inflight.filter((one) => one.index > index);
}
