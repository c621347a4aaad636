/**
 * A leader's duties: one goroutine listens for the beginning and end of leadership and runs the leader
 * loop (loop.ts) in between, never two of them (`consul:agent/consul/leader.go (monitorLeadership)`;
 * reference: consul §2.6).
 */
import type { Machine, Outbox, ProcessIndex, View } from '../../core/machine.ts';
import { advance, begin, describe } from '../../core/procedure.ts';
import { ApplyError, EntryType, NO_LIMIT } from '../../protocol/raft/types.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import { APPLY } from '../../protocol/raft/vocabulary.ts';
import type { MemberStatus } from '../membership/members.ts';
import { raftOf } from '../membership/server.ts';
import { LEAVE_TAGS, beginLeave, goOnLeaving, leaveProcedure } from './leave.ts';
import { CHECKPOINT_MICROS, leaderLoop } from './loop.ts';
import type { LeaderConfig, LeaderState } from './state.ts';
import * as Kind from './vocabulary.ts';
import { LeaderNote } from './vocabulary.ts';

/** `consul:agent/consul/server.go (reconcileChSize)`. */
const CHANGES_MAX = 256;
const NOBODY = -1;

function create(config: LeaderConfig, self: ProcessIndex): LeaderState {
  return {
    config,
    self,
    loops: 0,
    loop: null,
    monitored: false,
    awaiting: false,
    notifications: [],
    changes: [],
    ready: false,
    reconciles: false,
    calls: 0,
    proposals: 0,
    calling: false,
    answer: null,
    leave: null,
    left: false,
  };
}

/** Notifications are taken in order; while the loop is ending they wait. */
function onLeadership(state: LeaderState, leads: number, out: Outbox): void {
  if (state.config.bugs.B29 && state.loop !== null && !state.loop.listens) return;
  state.notifications.push(leads);
  takeNotifications(state, out);
}

function takeNotifications(state: LeaderState, out: Outbox): void {
  while (!state.awaiting && state.notifications.length > 0) {
    const leads = state.notifications.shift() === 1;
    if (leads === state.monitored) {
      out.note(LeaderNote.unexpected, leads ? 1 : 0, 0, 0);
    } else if (leads) {
      state.monitored = true;
      startLoop(state, out);
    } else if (state.loop === null) {
      // It has ended by itself.
      state.monitored = false;
    } else {
      state.awaiting = true;
      out.post(Kind.STOP, 0, 0, null);
    }
  }
}

function startLoop(state: LeaderState, out: Outbox): void {
  state.loop = begin({
    number: ++state.loops,
    established: false,
    listens: false,
    stopping: false,
    due: false,
    left: [],
    member: null,
    whole: false,
    unknown: [],
    transfers: 0,
    reasserts: false,
  });
  out.spawn(Kind.LOOP_LANE, 0);
  out.post(Kind.MEMBER_WAITS, 0, 0, null);
}

function onLoopEnded(state: LeaderState, out: Outbox): void {
  if (!state.awaiting) return;
  state.awaiting = false;
  state.monitored = false;
  takeNotifications(state, out);
}

/** The loop's select, and what follows from an answer of Raft. */
function goOn(state: LeaderState, out: Outbox): void {
  const { loop } = state;
  if (loop === null || !advance(leaderLoop, { state, out }, loop)) return;
  state.loop = null;
  out.exit();
}

function onChanged(
  state: LeaderState,
  process: ProcessIndex,
  status: MemberStatus,
  out: Outbox,
): void {
  if (state.changes.length >= CHANGES_MAX) {
    out.note(LeaderNote.dropped, process, status, 0);
    return;
  }
  state.changes.push({ process, status });
  out.post(Kind.MEMBER_WAITS, 0, 0, null);
}

function onAnswered(state: LeaderState, call: number, result: ApplyResult, out: Outbox): void {
  if (call >= LEAVE_TAGS) {
    state.leave!.answer = result;
    out.unpark(Kind.LEAVE_LANE, 0);
    return;
  }
  if (!state.calling || call !== state.calls) return;
  finishCall(state, result, out);
}

function finishCall(state: LeaderState, result: ApplyResult, out: Outbox): void {
  state.calling = false;
  state.answer = result;
  out.cancel(Kind.CALL_TIMER, 0);
  out.unpark(Kind.LOOP_LANE, 0);
}

/** Raft has not even taken it: the call gives up, whatever becomes of the proposal. */
function onCallTimer(state: LeaderState, out: Outbox): void {
  const taken = raftOf(out).proposalsTakenOf[Kind.LEADER_MACHINE] ?? 0;
  if (!state.calling || taken >= state.proposals) return;
  finishCall(state, { error: ApplyError.enqueueTimeout, index: 0, value: null }, out);
}

/** An entry of its own, by which the log stores of all servers are compared. */
function onCheckpoint(out: Outbox): void {
  out.timer(Kind.CHECKPOINT, 0, CHECKPOINT_MICROS);
  const proposal = { type: EntryType.barrier, data: null, tag: NOBODY, enqueueByMicros: NO_LIMIT };
  out.post(APPLY, 0, 0, proposal);
}

function onInput(
  state: LeaderState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case Kind.ANSWERED:
      onAnswered(state, from, body as ApplyResult, out);
      return;
    case Kind.LEADERSHIP:
      onLeadership(state, from, out);
      return;
    case Kind.LOOP_ENDED:
      onLoopEnded(state, out);
      return;
    case Kind.MEMBER_CHANGED:
      onChanged(state, from, body as MemberStatus, out);
      return;
    case Kind.CALL_TIMER:
      onCallTimer(state, out);
      return;
    case Kind.CHECKPOINT:
      onCheckpoint(out);
      return;
    case Kind.LEAVE:
      beginLeave(state, out);
      return;
    case Kind.POOL_LEFT:
      out.unpark(Kind.LEAVE_LANE, 0);
      return;
    case Kind.STOP:
      state.loop!.stopping = true;
      break;
    case Kind.INTERVAL:
      state.loop!.due = true;
      break;
    case Kind.REASSERT:
      state.loop!.reasserts = state.loop!.established;
      break;
  }
  goOn(state, out);
}

function view({ loop, ready, changes, leave }: LeaderState): View {
  return {
    loop: loop === null ? 'no leader loop' : describe(leaderLoop, loop),
    ready,
    changes: changes.length,
    leave: leave === null ? null : describe(leaveProcedure, leave),
  };
}

export const leaderMachine: Machine<LeaderState, null> = {
  name: 'leader',
  number: Kind.LEADER_MACHINE,
  lanes: Kind.LEADER_LANES,
  inputs: Kind.LEADER_INPUTS,
  notes: Kind.LEADER_NOTES,
  create,
  onStart: () => {},
  onInput,
  onResume: (state, _step, _argument, _body, out) =>
    out.lane === Kind.LEAVE_LANE ? goOnLeaving(state, out) : goOn(state, out),
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (state) => ({
    ...state,
    loop:
      state.loop === null
        ? null
        : { ...state.loop, left: state.loop.left.slice(), unknown: state.loop.unknown.slice() },
    leave: state.leave === null ? null : { ...state.leave },
    notifications: state.notifications.slice(),
    changes: state.changes.slice(),
  }),
  saveDurable: () => null,
};
