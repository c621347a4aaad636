/** Data of a leader's duties, and its calls to Raft, of which it waits for one at a time. */
import type { InputKind, Outbox, ProcessIndex } from '../../core/machine.ts';
import type { Progress } from '../../core/procedure.ts';
import { proposerTag } from '../../protocol/raft/types.ts';
import type { ApplyResult, Command, EntryType } from '../../protocol/raft/types.ts';
import type { ConfigurationChange } from '../../protocol/raft/configuration.ts';
import { APPLY, CHANGE, TRANSFER } from '../../protocol/raft/vocabulary.ts';
import type { MemberStatus } from '../membership/members.ts';
import type { CatalogPort } from './catalog-port.ts';
import type { Leave } from './leave.ts';
import { CALL_TIMER, GO_ON, LEADER_MACHINE } from './vocabulary.ts';

export interface LeaderBugs {
  /** plant: the loop ends when it cannot get its barrier (consul#3545). */
  readonly B28: boolean;
  /** plant: what is said of leadership while the loop waits for Raft is lost (consul#2896). */
  readonly B29: boolean;
}

export interface LeaderConfig {
  readonly catalog: CatalogPort;
  /** Told 1 when leadership is established and 0 when it is revoked, in this order; body: last index. */
  readonly told: readonly InputKind[];
  /** The log store is verified: one entry a minute. */
  readonly verifies: boolean;
  readonly bugs: LeaderBugs;
}

export interface MemberChange {
  readonly process: ProcessIndex;
  readonly status: MemberStatus;
}

/** The leader loop's own. */
export interface Loop extends Progress {
  readonly number: number;
  /** establishLeadership has succeeded, and nothing was revoked since. */
  established: boolean;
  /** reconcileCh is read: the first reconcile of this round has succeeded. */
  listens: boolean;
  stopping: boolean;
  /** The interval is over. */
  due: boolean;
  /** Members that are still to be reconciled in this pass, and the one at hand. */
  left: MemberChange[];
  member: MemberChange | null;
  /** This pass is about every member. */
  whole: boolean;
  /** Of the catalog, what nobody in the pool knows. */
  unknown: Command[];
  transfers: number;
  reasserts: boolean;
}

export interface LeaderState {
  readonly config: LeaderConfig;
  readonly self: ProcessIndex;
  loops: number;
  /** Null while no loop runs. */
  loop: Loop | null;
  /** `weAreLeaderCh`: the loop runs, or is still ending. */
  monitored: boolean;
  /** Leadership was lost: the monitor waits for the end of the loop. */
  awaiting: boolean;
  /** Notifications of leadership that came meanwhile. */
  notifications: number[];
  /** `reconcileCh`. */
  changes: MemberChange[];
  /** The flag that consistent reads wait for. */
  ready: boolean;
  /** Autopilot may change the configuration. */
  reconciles: boolean;
  /** Calls to Raft are counted; the last one is under way while there is no answer. */
  calls: number;
  /** Of them, those that went through the channel of proposals. */
  proposals: number;
  calling: boolean;
  answer: ApplyResult | null;
  /** A graceful leave under way, or over. */
  leave: Leave | null;
  left: boolean;
}

/** `consul:agent/consul/rpc.go (enqueueLimit)`, for whatever the leader writes. */
const ENQUEUE_MICROS = 30_000_000;

function begin(state: LeaderState, out: Outbox): number {
  state.calling = true;
  state.answer = null;
  out.park(GO_ON, 0);
  return proposerTag(LEADER_MACHINE, ++state.calls);
}

/** Proposes an entry; the loop goes on with the answer, or when nobody has taken it in time. */
export function propose(
  state: LeaderState,
  type: EntryType,
  data: Command | null,
  out: Outbox,
  withinMicros = ENQUEUE_MICROS,
): void {
  const tag = begin(state, out);
  state.proposals++;
  out.timer(CALL_TIMER, 0, withinMicros);
  out.post(APPLY, 0, 0, { type, data, tag, enqueueByMicros: out.now() + withinMicros });
}

/** Asks for another configuration; such a request waits for as long as it takes. */
export function change(
  state: LeaderState,
  wanted: Omit<ConfigurationChange, 'tag' | 'previousIndex'>,
  out: Outbox,
): void {
  const tag = begin(state, out);
  out.post(CHANGE, 0, 0, { ...wanted, previousIndex: 0, tag } satisfies ConfigurationChange);
}

export function transfer(state: LeaderState, out: Outbox): void {
  const tag = begin(state, out);
  out.post(TRANSFER, 0, tag, -1);
}
