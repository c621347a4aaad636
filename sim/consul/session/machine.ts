/**
 * What a server times for the state store: sessions that expire and tombstones that go (reference:
 * consul §2.7, §2.9). Only the leader does, from the moment that its leader loop says so; but a
 * renewal that asked for a stale answer starts a timer wherever it was answered.
 */
import type { Machine, Outbox, View } from '../../core/machine.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import { raftOf } from '../membership/server.ts';
import { startLostDelays } from '../state/lock-delay.ts';
import type { Session } from '../state/rows.ts';
import type { Store } from '../state/store.ts';
import { createSessionState, saveSessionState } from './state.ts';
import type { SessionConfig, SessionState } from './state.ts';
import {
  clearAllTimers,
  clearTimer,
  onAnswered,
  onCallTimer,
  onRetryTimer,
  onSessionTimer,
  resetTimer,
  startAllTimers,
} from './timers.ts';
import { hintTombstones, onTombstoneTimer, stopTombstones } from './tombstones.ts';
import * as Kind from './vocabulary.ts';

/** In the order of `consul:agent/consul/leader.go (establishLeadership, revokeLeadership)`. */
function onEstablished(state: SessionState, lastIndex: number, out: Outbox): void {
  state.leads = true;
  hintTombstones(state, lastIndex, out);
  startAllTimers(state, out);
  startLostDelays(raftOf(out).fsm as Store, out);
}

function onRevoked(state: SessionState, out: Outbox): void {
  state.leads = false;
  stopTombstones(state, out);
  clearAllTimers(state, out);
}

function onInput(
  state: SessionState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case Kind.ANSWERED:
      onAnswered(state, from, body as ApplyResult, out);
      return;
    case Kind.ESTABLISHED:
      if (from === 1) onEstablished(state, body as number, out);
      else onRevoked(state, out);
      return;
    case Kind.RESET_SESSION:
      resetTimer(state, body as Session, out);
      return;
    case Kind.CLEAR_SESSION:
      clearTimer(state, body as string, out);
      return;
    case Kind.TOMBSTONES_MADE:
      hintTombstones(state, from, out);
      return;
    case Kind.SESSION_TIMER:
      onSessionTimer(state, from, out);
      return;
    case Kind.RETRY_TIMER:
      onRetryTimer(state, from, out);
      return;
    case Kind.TOMBSTONE_TIMER:
      onTombstoneTimer(state, out);
      return;
    case Kind.CALL_TIMER:
      onCallTimer(state, out);
  }
}

function view({ numbers, invalidations, bins }: SessionState): View {
  return { timers: numbers.size, invalidations: invalidations.length, tombstones: bins.length };
}

export const sessionMachine: Machine<SessionState, null> = {
  name: 'sessions',
  number: Kind.SESSION_MACHINE,
  lanes: Kind.SESSION_LANES,
  inputs: Kind.SESSION_INPUTS,
  notes: Kind.SESSION_NOTES,
  create: (config: SessionConfig, self) => createSessionState(config, self),
  onStart: () => {},
  onInput,
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: saveSessionState,
  saveDurable: () => null,
};
