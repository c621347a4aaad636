/** Data of the textbook Raft machine; logs, terms and votes are those of `protocol/raft`. */
import type { ProcessIndex } from '../../core/machine.ts';
import type { Entry, Inflight, Proposal, RaftConfig, RaftState } from '../raft/types.ts';

/** What the paper leaves to whoever runs it. */
export interface PaperConfig extends RaftConfig {
  /** Election timeouts are drawn from [min, max]. */
  readonly electionMicrosMin: number;
  readonly electionMicrosMax: number;
  /** Time between two rounds of appends of an idle leader, and until anything is sent again. */
  readonly heartbeatIntervalMicros: number;
}

/** Arguments of AppendEntries; a heartbeat is one without entries. */
export interface AppendEntries {
  readonly term: number;
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly entries: readonly Entry[];
  readonly leaderCommit: number;
}

/** The answer says which request it is for: messages may be late, and twice. */
export interface AppendAnswer {
  readonly term: number;
  readonly success: boolean;
  readonly prevIndex: number;
  /** Last index that the request compared; the receiver's log agrees up to there if it succeeded. */
  readonly matched: number;
}

/** Arguments of RequestVote, and of the pre-vote request. */
export interface RequestVote {
  readonly term: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
}

export interface VoteAnswer {
  /** Current term of the voter. */
  readonly term: number;
  /** Term that was asked for. */
  readonly asked: number;
  readonly granted: boolean;
}

/** What a leader knows of another server. */
export interface Progress {
  readonly peer: ProcessIndex;
  nextIndex: number;
  matchIndex: number;
  /** An append with entries waits for its answer. */
  waiting: boolean;
}

/** What goes on once the disk has stored what it is about. */
export type Continuation =
  | { readonly kind: 'adopted'; readonly term: number }
  | { readonly kind: 'campaign' }
  | {
      readonly kind: 'vote';
      readonly from: ProcessIndex;
      readonly request: RequestVote;
      readonly granted: boolean;
      /** Number of the rule that refuses (raft §1.6), or 0. */
      readonly rule: number;
    }
  | {
      readonly kind: 'append';
      readonly from: ProcessIndex;
      readonly request: AppendEntries;
      /** First of its entries that is new; none: their number. */
      readonly firstNew: number;
    }
  | { readonly kind: 'proposals'; readonly proposals: readonly Proposal[]; readonly last: number };

export interface PaperState extends RaftState {
  readonly config: PaperConfig;
  /** Other servers, in configuration order; of use while we lead. */
  progress: Progress[];
  /** Own proposals that wait for their commit, ascending. */
  inflight: Inflight[];
  /** Asks for pre-votes, not yet for votes. */
  preVoting: boolean;
  /** Term that this candidacy asks for. */
  asking: number;
  /** Who has granted it, ourselves included; who has answered at all. */
  granted: ProcessIndex[];
  answered: ProcessIndex[];
  /** The write under way: one at a time, since the machine has one thread. */
  continuation: Continuation | null;
}
