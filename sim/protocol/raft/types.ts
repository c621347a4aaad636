/** Data of the Raft machine: log entries, configurations, messages, durable and volatile state. */
import type { InputKind, Outbox, ProcessIndex } from '../../core/machine.ts';
import type { RaftBugs } from './bugs.ts';
import type { ConfigurationChange } from './configuration.ts';
import type { RaftLog } from './log.ts';
import type { Capture, Installation, Snapshot, SnapshotSending } from './snapshot-types.ts';

/** `hashicorp/raft:log.go (LogType)`. */
export const EntryType = { command: 0, noop: 1, barrier: 4, configuration: 5 } as const;
export type EntryType = (typeof EntryType)[keyof typeof EntryType];

/** What a client wants applied; `digest` stands for its content in hashes. */
export interface Command {
  readonly digest: number;
}

export interface Server {
  /** ID and address in one: the index of the peer's process. */
  readonly id: ProcessIndex;
  readonly voter: boolean;
}

export interface Configuration {
  readonly servers: readonly Server[];
  readonly digest: number;
}

/** Immutable; shared by logs, messages, traces and checkpoints. */
export interface Entry {
  readonly index: number;
  readonly term: number;
  readonly type: EntryType;
  readonly data: Command | Configuration | null;
  /** Hash of this entry and all before it: equal prefixes make equal logs. */
  readonly prefix: number;
}

/** Survives a crash. The log store's content is what has been synced. */
export interface RaftDurable {
  /** `CurrentTerm` of the stable store. */
  currentTerm: number;
  /** `LastVoteTerm` and `LastVoteCand`: two keys, two transactions. */
  lastVoteTerm: number;
  lastVoteCandidate: ProcessIndex;
  /** Term in which `lastVoteCandidate` was written; for marks only, no rule reads it. */
  lastVoteCandidateTerm: number;
  readonly log: RaftLog;
  /** Newest first: by term, then by index. */
  snapshots: readonly Snapshot[];
  /** A cluster that starts formed: this server leads, or follows, from the first start. */
  formedLeader: ProcessIndex;
  /** What a formed cluster has committed and applied before the run begins. */
  formedCommit: number;
  /** Number of the upgrade after which the programs are those of another release; none: as built. */
  upgrade?: number;
}

export const Role = { follower: 0, candidate: 1, leader: 2 } as const;
export type Role = (typeof Role)[keyof typeof Role];
export const ROLE_NAMES = ['follower', 'candidate', 'leader'] as const;

/** What the FSM thread drives (`hashicorp/raft:fsm.go`). */
export interface Fsm<S = unknown> {
  create(): S;
  /** Applies a committed command; the result goes to whoever proposed it on the leader. */
  apply(state: S, entry: Entry): unknown;
  /** A copy that nobody changes: a checkpoint, or the image of a snapshot. */
  save(state: S): S;
  /** From the image of a snapshot: without what memory beside the state a copy may hold. */
  restore?(image: S): S;
  /** The FSM thread has applied an entry: time to tell those who wait for changes. */
  onApplied?(state: S, out: Outbox): void;
  /** A snapshot has taken the place of the state. */
  onRestored?(out: Outbox): void;
  /** Size of a snapshot of it. */
  bytes(state: S): number;
  /** Equal states have equal digests. */
  digest(state: S): number;
}

export interface RaftConfig {
  readonly heartbeatMicros: number;
  readonly electionMicros: number;
  readonly leaseMicros: number;
  readonly commitMicros: number;
  readonly maxAppendEntries: number;
  /** The snapshot thread looks after U[interval, 2 interval). */
  readonly snapshotIntervalMicros: number;
  /** Entries since the last snapshot that make a new one worth it. */
  readonly snapshotThreshold: number;
  /** Entries that stay in the log behind a snapshot. */
  readonly trailingLogs: number;
  readonly logStore: 'boltdb' | 'wal';
  readonly preVote: boolean;
  /** Deadline of one RPC, and of a dial. */
  readonly transportMicros: number;
  readonly bugs: RaftBugs;
  readonly fsm: Fsm;
  /** Input of the machine that proposes: `from` is its tag, the body an ApplyResult. */
  readonly applied: InputKind;
  /** What the programs are like after an upgrade, by its number. */
  readonly upgrades?: ReadonlyMap<number, RaftConfig>;
  /** False: a library from before 1.7.0, to which a pre-vote is no request. */
  readonly knowsPreVote?: boolean;
  /** Input that is told of the beginning (1) and end (0) of leadership, in order (`NotifyCh`). */
  readonly leadership?: InputKind;
  /** Configuration in the log of a fresh server, or null for an empty log. */
  readonly initial: Configuration | null;
  /** What fresh servers bootstrap themselves with, or null. */
  readonly bootstrap: Configuration | null;
}

/** How a request to a server of the library may end (`hashicorp/raft:api.go`). */
export const ApplyError = {
  none: 0,
  notLeader: 1,
  leadershipLost: 2,
  store: 3,
  enqueueTimeout: 4,
  /** A change that must not be, or that was asked for on stale knowledge. */
  configuration: 5,
  transferInProgress: 6,
  transferFailed: 7,
} as const;
export type ApplyError = (typeof ApplyError)[keyof typeof ApplyError];

export interface ApplyResult {
  readonly error: ApplyError;
  readonly index: number;
  readonly value: unknown;
}

/** A proposal on its way to the main thread; `tag` names it to the proposer. */
export interface Proposal {
  readonly type: EntryType;
  readonly data: Command | Configuration | null;
  readonly tag: number;
  /** Local monotonic time after which the main thread comes too late for it. */
  readonly enqueueByMicros: number;
}

/** Tags of one machine that proposes; what is above says which machine, 0 being `applied`'s. */
const TAGS_PER_PROPOSER = 2 ** 22;

/** A tag whose answer comes to the first input of that machine, with this number. */
export function proposerTag(machine: number, number: number): number {
  return machine * TAGS_PER_PROPOSER + number;
}

/** The machine that such a tag names, or 0. */
export function proposerOf(tag: number): number {
  return tag < 0 ? 0 : Math.floor(tag / TAGS_PER_PROPOSER);
}

/** What the machine knows the tag by. */
export function proposerNumber(tag: number): number {
  return tag % TAGS_PER_PROPOSER;
}

/** Of a proposal that waits for ever. */
export const NO_LIMIT = 2 ** 52;

export function commandProposal(data: Command, tag: number, enqueueByMicros = NO_LIMIT): Proposal {
  return { type: EntryType.command, data, tag, enqueueByMicros };
}

/** VerifyLeader under way (`hashicorp/raft:future.go (verifyFuture)`). */
export interface Verify {
  readonly id: number;
  readonly tag: number;
  readonly quorum: number;
  /** Local time at which it began. */
  readonly sinceMicros: number;
  votes: number;
  /** Votes in answers to what was sent before it began (B10). */
  early: number;
  /** Votes of servers that have none (B11). */
  nonVoters: number;
  /** It has told the main thread what has come of it, and takes no more votes. */
  decided: boolean;
  /** Whoever asked has an answer. */
  answered: boolean;
}

export interface AppendRequest {
  readonly leader: ProcessIndex;
  readonly term: number;
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly entries: readonly Entry[];
  readonly leaderCommit: number;
}

export interface AppendResponse {
  readonly term: number;
  readonly lastLog: number;
  readonly success: boolean;
  readonly noRetryBackoff: boolean;
}

export interface VoteRequest {
  readonly candidate: ProcessIndex;
  readonly term: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly leadershipTransfer: boolean;
}

/** The original's is empty: nobody reads the term unless B23 is fixed. */
export interface TimeoutNowRequest {
  readonly term: number;
}

/** A leadership transfer under way; while there is one, the leader takes no writes. */
export interface Transfer {
  /** Transfers of a server are counted from 1. */
  readonly number: number;
  readonly tag: number;
  readonly peer: ProcessIndex;
  readonly replication: number;
  readonly leadership: number;
  /**
   * `asking`: the target is brought up to date and told; `waiting`: it campaigns; `draining`: the
   * answer is out, and the goroutine that asks has not ended yet.
   */
  readonly phase: 'asking' | 'waiting' | 'draining';
}

export interface VoteResponse {
  readonly term: number;
  readonly granted: boolean;
}

/** An RPC whose handler waits for the disk. */
export interface PendingRequest {
  readonly exchange: number;
  readonly request: AppendRequest | VoteRequest;
  /** Response fields as they were when the handler began. */
  readonly term: number;
  readonly lastLog: number;
  /** First of the request's entries that is new, as an index into them. */
  firstNew: number;
}

/** Leader's view of one peer (`hashicorp/raft:replication.go (followerReplication)`). */
export interface Replication {
  readonly id: number;
  readonly peer: ProcessIndex;
  /** Number of the leadership that started it. */
  readonly leadership: number;
  /** Term in which it was started: its requests carry this, whatever the server's term is now. */
  readonly term: number;
  nextIndex: number;
  /** Local time at which an answer last came, and at which what it answers was sent. */
  lastContact: number;
  contactSent: number;
  failures: number;
  allowPipeline: boolean;
  /** `stopCh` is closed. */
  stopped: boolean;
  /** Its peer was removed: one best effort up to this index; 0 for none. */
  stopIndex: number;
  /** That effort is under way. */
  lastRound: boolean;
  /** Number of the transfer that waits for the end of this round, or 0. */
  deferred: number;
  /** Last log index that this round of `replicateTo` works towards. */
  targetIndex: number;
  /** Request of the synchronous call under way. */
  sending: AppendRequest | null;
  sendingSince: number;
  /** InstallSnapshot under way. */
  sendingSnapshot: SnapshotSending | null;
  /** Connection of the pipeline, or 0. */
  pipeline: number;
  pipelineNext: number;
  decoding: boolean;
  /** Requests in flight on the pipeline, in order, and when they were sent. */
  sent: AppendRequest[];
  sentSince: number[];
  heartbeatFailures: number;
  heartbeatBacksOff: boolean;
  /** A heartbeat was asked for during the backoff. */
  heartbeatForced: boolean;
  heartbeatSince: number;
  /** Ids of verifications that wait for an answer of this peer. */
  notify: number[];
  /** Lanes of it that still run. */
  lanes: number;
}

export interface Inflight {
  readonly index: number;
  readonly tag: number;
}

/** Exists while the main thread is in the leader loop. */
export interface LeaderState {
  /** Counts the leaderships of this server since its start. */
  readonly number: number;
  /** First index of this term: only from here on may counting replicas commit. */
  startIndex: number;
  /** Ids of running replications, in configuration order. */
  replications: number[];
  /** Voters in configuration order, and their match indexes. */
  voters: ProcessIndex[];
  match: number[];
  commitIndex: number;
  inflight: Inflight[];
  /** Proposals of the batch that the log store is writing. */
  dispatching: readonly Proposal[] | null;
  dispatchLast: number;
  dispatchTerm: number;
  /** Configuration of the entry that the log store is writing. */
  change: Configuration | null;
}

export interface CandidateState {
  /** Names this run of the candidate loop in answers. */
  round: number;
  /** currentTerm + 1 as the loop began. */
  term: number;
  votesNeeded: number;
  preVoting: boolean;
  /** It began with the real election: no pre-vote came before. */
  direct: boolean;
  granted: number;
  refused: number;
  /** What the real election asks of everybody, from the moment its term is stored. */
  request: VoteRequest | null;
}

/** A server in memory. Goroutines share everything here; `loop` is the main thread's own. */
export interface RaftState {
  readonly config: RaftConfig;
  readonly self: ProcessIndex;
  readonly durable: RaftDurable;
  role: Role;
  term: number;
  /** Known leader, or -1. */
  leader: ProcessIndex;
  /** Local monotonic time of the last contact; NEVER before the first. */
  lastContact: number;
  /** Last entry: the log's, or the snapshot's where that is further (hashicorp/raft:state.go). */
  lastIndex: number;
  lastTerm: number;
  /** Cached log tail (`lastLogIndex`); may differ from the store's. */
  lastLogIndex: number;
  lastLogTerm: number;
  /** The last write to the log has failed. */
  logFailed: boolean;
  /** Last snapshot, as `lastSnapshotIndex` of hashicorp/raft:state.go has it. */
  snapshotIndex: number;
  snapshotTerm: number;
  commitIndex: number;
  lastApplied: number;
  latest: Configuration;
  latestIndex: number;
  committed: Configuration;
  committedIndex: number;
  /** Which loop the main thread is in; it looks at `role` only between two inputs. */
  loop: Role;
  candidateRounds: number;
  leaderships: number;
  candidate: CandidateState;
  leaderState: LeaderState | null;
  /** TimeoutNow has made this server a candidate, until its candidate loop ends. */
  transferCandidate: boolean;
  /** Survives the leadership until the goroutines of the transfer have ended. */
  transfer: Transfer | null;
  transfers: number;
  replications: (Replication | undefined)[];
  /** How many proposals the main thread has taken of the request path, refused ones too. */
  proposalsTaken: number;
  /** The same by machine, for all others that propose. */
  proposalsTakenOf: number[];
  /** Membership changes that wait until the configuration is stable. */
  changes: ConfigurationChange[];
  /** Ids of verifications are never used again. */
  verifyCount: number;
  verifies: Verify[];
  /** A few at most: one of the main thread, and those of heartbeats that store a term. */
  pending: PendingRequest[];
  fsm: unknown;
  /** Last index that the FSM thread has applied. */
  fsmIndex: number;
  /** Last applied entry that a snapshot may end with, as the FSM thread counts; 0: none yet. */
  captureIndex: number;
  captureTerm: number;
  capturePrefix: number;
  /** Snapshot that the snapshot thread is taking. */
  capture: Capture | null;
  /** InstallSnapshot that the main thread is busy with. */
  installation: Installation | null;
  /** The FSM thread has restored what it was asked to. */
  restored: boolean;
  /** Why the server cannot start with this disk, or "". */
  unusable: string;
}

/** `lastContact` of a server that never had any. */
export const NEVER = -(2 ** 52);

export function isVoter(configuration: Configuration, id: ProcessIndex): boolean {
  for (const server of configuration.servers) if (server.id === id) return server.voter;
  return false;
}

export function isMember(configuration: Configuration, id: ProcessIndex): boolean {
  for (const server of configuration.servers) if (server.id === id) return true;
  return false;
}

export function quorumSize(configuration: Configuration): number {
  let voters = 0;
  for (const server of configuration.servers) if (server.voter) voters++;
  return Math.floor(voters / 2) + 1;
}
