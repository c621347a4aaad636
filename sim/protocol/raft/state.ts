/** The only writers of a server's shared state, each with the note that tells about it. */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { entryAt } from './durable.ts';
import { stateOfImage } from './fsm.ts';
import { entryIn, lastIndexOf } from './log.ts';
import type { Snapshot } from './snapshot-types.ts';
import { EntryType, NEVER, Role } from './types.ts';
import type {
  Configuration,
  Entry,
  PendingRequest,
  RaftConfig,
  RaftDurable,
  RaftState,
} from './types.ts';
import { RaftNote } from './vocabulary.ts';

const EMPTY: Configuration = { servers: [], digest: 0 };

/**
 * Memory of a server that has just started: what the disk says, as a follower that has never had
 * contact (reference: raft §1.16). Entries are not applied until a leader's commit index covers them.
 */
export function createRaftState(
  built: RaftConfig,
  self: ProcessIndex,
  durable: RaftDurable,
): RaftState {
  const config = built.upgrades?.get(durable.upgrade ?? 0) ?? built;
  const last = durable.log.entries.at(-1);
  const snapshot = durable.snapshots.find(({ intact }) => intact);
  const state: RaftState = {
    config,
    self,
    durable,
    role: Role.follower,
    term: durable.currentTerm,
    leader: -1,
    lastContact: NEVER,
    lastIndex: 0,
    lastTerm: 0,
    lastLogIndex: last?.index ?? 0,
    lastLogTerm: last?.term ?? 0,
    logFailed: false,
    snapshotIndex: 0,
    snapshotTerm: 0,
    commitIndex: 0,
    lastApplied: snapshot?.index ?? 0,
    latest: EMPTY,
    latestIndex: 0,
    committed: EMPTY,
    committedIndex: 0,
    loop: Role.follower,
    candidateRounds: 0,
    leaderships: 0,
    candidate: {
      round: 0,
      term: 0,
      votesNeeded: 0,
      preVoting: false,
      direct: false,
      granted: 0,
      refused: 0,
      request: null,
    },
    leaderState: null,
    transferCandidate: false,
    transfer: null,
    transfers: 0,
    replications: [],
    proposalsTaken: 0,
    proposalsTakenOf: [],
    changes: [],
    verifyCount: 0,
    verifies: [],
    pending: [],
    fsm: snapshot === undefined ? config.fsm.create() : stateOfImage(config.fsm, snapshot.image),
    fsmIndex: snapshot?.index ?? 0,
    captureIndex: 0,
    captureTerm: 0,
    capturePrefix: 0,
    capture: null,
    installation: null,
    restored: false,
    unusable: '',
  };
  setLastSnapshot(state, snapshot?.index ?? 0, snapshot?.term ?? 0);
  if (snapshot !== undefined) setConfigurations(state, snapshot);
  else if (durable.snapshots.length > 0) state.unusable = 'failed to load any existing snapshots';
  scanLog(state);
  return state;
}

/** Configurations behind the snapshot; the library panics where one of these entries is missing. */
function scanLog(state: RaftState): void {
  const { log } = state.durable;
  for (let index = state.snapshotIndex + 1; index <= lastIndexOf(log); index++) {
    const entry = entryIn(log, index);
    if (entry === undefined) {
      state.unusable ||= `failed to get log at index ${index}`;
      return;
    }
    adoptConfiguration(state, entry);
  }
}

/** Any change of state clears the known leader, even one to the same state. */
export function setRole(state: RaftState, role: Role, out: Outbox): void {
  setLeader(state, -1, out);
  if (state.role === role) return;
  state.role = role;
  const kind =
    role === Role.leader
      ? RaftNote.becameLeader
      : role === Role.candidate
        ? RaftNote.becameCandidate
        : RaftNote.becameFollower;
  out.note(kind, state.term, state.lastIndex, 0);
}

export function setLeader(state: RaftState, leader: ProcessIndex, out: Outbox): void {
  if (state.leader === leader) return;
  state.leader = leader;
  out.note(RaftNote.leaderKnown, leader, 0, 0);
}

/** The term in memory, after its write. */
export function setTerm(state: RaftState, term: number, out: Outbox): void {
  if (state.term === term) return;
  const old = state.term;
  // A heartbeat and the main thread each stored a term, the older one last.
  if (term < old && state.config.bugs.B1) out.mark('B1');
  state.term = term;
  out.note(RaftNote.term, term, old, 0);
}

export function setLastContact(state: RaftState, out: Outbox): void {
  state.lastContact = out.now();
}

export function setLastLog(state: RaftState, index: number, term: number): void {
  state.lastLogIndex = index;
  state.lastLogTerm = term;
  setLastEntry(state);
}

export function setLastSnapshot(state: RaftState, index: number, term: number): void {
  state.snapshotIndex = index;
  state.snapshotTerm = term;
  setLastEntry(state);
}

/** `hashicorp/raft:state.go (getLastEntry)`. */
function setLastEntry(state: RaftState): void {
  const inLog = state.lastLogIndex >= state.snapshotIndex;
  state.lastIndex = inLog ? state.lastLogIndex : state.snapshotIndex;
  state.lastTerm = inLog ? state.lastLogTerm : state.snapshotTerm;
}

/** A snapshot's configuration is committed. */
export function setConfigurations(state: RaftState, snapshot: Snapshot): void {
  state.latest = snapshot.configuration;
  state.latestIndex = snapshot.configurationIndex;
  commitConfiguration(state);
}

export function setCommitIndex(state: RaftState, index: number, out: Outbox): void {
  if (index === state.commitIndex) return;
  const old = state.commitIndex;
  state.commitIndex = index;
  out.note(RaftNote.committed, index, old, 0);
}

/** A configuration entry takes effect when it is appended; the one before counts as committed. */
export function adoptConfiguration(state: RaftState, entry: Entry): void {
  if (entry.type !== EntryType.configuration) return;
  state.committed = state.latest;
  state.committedIndex = state.latestIndex;
  state.latest = entry.data as Configuration;
  state.latestIndex = entry.index;
}

/** On the leader, which has had the one before committed. */
export function setLatestConfiguration(
  state: RaftState,
  configuration: Configuration,
  index: number,
  out: Outbox,
): void {
  state.latest = configuration;
  state.latestIndex = index;
  out.note(RaftNote.reconfigured, index, votersIn(configuration), configuration.servers.length);
}

function votersIn({ servers }: Configuration): number {
  return servers.filter(({ voter }) => voter).length;
}

export function commitConfiguration(state: RaftState): void {
  state.committed = state.latest;
  state.committedIndex = state.latestIndex;
}

/** The entries from `index` on are gone: a configuration among them was never committed. */
export function rollBackConfiguration(state: RaftState, index: number): void {
  if (index > state.latestIndex) return;
  state.latest = state.committed;
  state.latestIndex = state.committedIndex;
}

/** The request of this exchange, whose write has ended. */
export function takePending(state: RaftState, exchange: number): PendingRequest {
  const { pending } = state;
  let at = 0;
  while (pending[at].exchange !== exchange) at++;
  const found = pending[at];
  const last = pending.pop()!;
  if (last !== found) pending[at] = last;
  return found;
}

/** Term of the entry at `index` as the log store has it, or -1. */
export function termAt(state: RaftState, index: number): number {
  if (index === state.lastIndex) return state.lastTerm;
  return entryAt(state.durable, index)?.term ?? -1;
}
