/**
 * When tombstones go (`consul:agent/consul/state/tombstone_gc.go`; reference: consul §2.9): the leader
 * keeps them for 15 minutes, rounded up to the next 30 s of its wall clock. A new leader gives all that
 * it finds the whole time again.
 */
import { mix } from '../../core/fingerprint.ts';
import type { Outbox } from '../../core/machine.ts';
import { commandProposal, proposerTag } from '../../protocol/raft/types.ts';
import { APPLY } from '../../protocol/raft/vocabulary.ts';
import type { TombstoneCommand } from '../state/commands.ts';
import type { SessionState } from './state.ts';
import { SESSION_MACHINE, SessionNote, TOMBSTONE_TIMER } from './vocabulary.ts';

export const TOMBSTONE_MICROS = 15 * 60_000_000;
export const TOMBSTONE_STEP_MICROS = 30_000_000;

export function hintTombstones(state: SessionState, index: number, out: Outbox): void {
  if (!state.leads) return;
  const { tombstoneMicros, tombstoneStepMicros } = state.config;
  const rest = (out.wall() + tombstoneMicros) % tombstoneStepMicros;
  const atMicros = out.now() + tombstoneMicros + tombstoneStepMicros - rest;
  const bin = state.bins.find((one) => one.atMicros === atMicros);
  if (bin !== undefined) {
    bin.index = Math.max(bin.index, index);
    return;
  }
  state.bins.push({ atMicros, index });
  if (state.bins.length === 1) setTimer(state, out);
}

function setTimer({ bins }: SessionState, out: Outbox): void {
  if (bins.length > 0) out.timer(TOMBSTONE_TIMER, 0, Math.max(1, bins[0].atMicros - out.now()));
}

export function stopTombstones(state: SessionState, out: Outbox): void {
  state.bins = [];
  out.cancel(TOMBSTONE_TIMER, 0);
}

export function onTombstoneTimer(state: SessionState, out: Outbox): void {
  const due = state.bins.filter(({ atMicros }) => atMicros <= out.now());
  state.bins = state.bins.filter(({ atMicros }) => atMicros > out.now());
  for (const { index } of due) {
    out.note(SessionNote.reaping, index, 0, 0);
    const command: TombstoneCommand = { op: 'reap-tombstones', index, digest: mix(13, index) };
    const tag = proposerTag(SESSION_MACHINE, ++state.proposals);
    // Nobody tries again: the next leader finds them.
    out.post(APPLY, 0, 0, commandProposal(command, tag, out.now() + 30_000_000));
  }
  setTimer(state, out);
}
