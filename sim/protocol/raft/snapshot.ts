/**
 * The snapshot thread: looks at intervals whether enough has been appended, has the FSM thread capture
 * the state and the main thread name the configuration, writes the snapshot and trims the log
 * (`hashicorp/raft:snapshot.go (runSnapshots, takeSnapshot, compactLogs)`; reference: raft §1.15).
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { deletePrefix, writeSnapshot } from './durable.ts';
import { lastIndexOf } from './log.ts';
import type { Capture, Snapshot } from './snapshot-types.ts';
import { setLastSnapshot } from './state.ts';
import {
  SNAPSHOT_CAPTURED,
  SNAPSHOT_CONFIGURED,
  SNAPSHOT_STORED,
  SNAPSHOT_TRIMMED,
} from './steps.ts';
import { drawTimeout } from './timing.ts';
import { Role } from './types.ts';
import type { Configuration, RaftState } from './types.ts';
import {
  CONFIGURATIONS,
  FSM_SNAPSHOT,
  RaftNote,
  SNAPSHOT_LANE,
  SNAPSHOT_TIMER,
} from './vocabulary.ts';

export function armSnapshotTimer(state: RaftState, out: Outbox): void {
  const delay = drawTimeout(out, 'snapshot-timer', state.config.snapshotIntervalMicros);
  out.timer(SNAPSHOT_TIMER, 0, delay);
}

export function onSnapshotTimer(state: RaftState, out: Outbox): void {
  if (!shouldSnapshot(state)) {
    armSnapshotTimer(state, out);
    return;
  }
  out.post(FSM_SNAPSHOT, 0, 0, null);
  out.park(SNAPSHOT_CAPTURED, 0);
}

/**
 * The log store of a server whose log was removed says 0, and the difference is unsigned: such a
 * server snapshots at every look (`hashicorp/raft:snapshot.go (shouldSnapshot)`).
 */
function shouldSnapshot({ durable, config, snapshotIndex }: RaftState): boolean {
  const { log } = durable;
  const last = log.entries.length === 0 ? 0 : lastIndexOf(log);
  return last < snapshotIndex || last - snapshotIndex >= config.snapshotThreshold;
}

/** The FSM thread captures what it has applied; nothing where that is nothing since its start. */
export function onFsmSnapshot(state: RaftState, out: Outbox): void {
  const { captureIndex: index, captureTerm: term, capturePrefix: prefix } = state;
  const { fsm } = state.config;
  if (index > 0) {
    state.capture = {
      index,
      term,
      prefix,
      bytes: fsm.bytes(state.fsm),
      image: fsm.save(state.fsm),
      digest: fsm.digest(state.fsm),
      configuration: null,
      configurationIndex: 0,
    };
    out.note(RaftNote.captured, index, term, state.capture.digest);
  }
  out.unpark(SNAPSHOT_LANE, 0);
}

export function onSnapshotCaptured(state: RaftState, out: Outbox): void {
  if (state.capture === null) {
    armSnapshotTimer(state, out);
    return;
  }
  out.post(CONFIGURATIONS, 0, 0, null);
  out.park(SNAPSHOT_CONFIGURED, 0);
}

/** The main thread's answer; late where that thread is busy, and none while it hands over. */
export function onConfigurations(state: RaftState, out: Outbox): void {
  const { capture } = state;
  const refuses = state.loop === Role.leader && state.transfer !== null;
  if (capture !== null && !refuses) {
    capture.configuration = state.committed;
    capture.configurationIndex = state.committedIndex;
  }
  out.unpark(SNAPSHOT_LANE, 0);
}

export function onSnapshotConfigured(state: RaftState, out: Outbox): void {
  const capture = state.capture!;
  // A snapshot cannot say that the configuration is newer than what it ends with.
  if (capture.configuration === null || capture.index < capture.configurationIndex) {
    giveUp(state, out);
    return;
  }
  const snapshot = snapshotOf(capture, capture.configuration);
  out.write(writeSnapshot(snapshot, state.config.bugs), SNAPSHOT_STORED, 0);
}

function snapshotOf(
  { index, term, prefix, configurationIndex, bytes, image, digest }: Capture,
  configuration: Configuration,
): Snapshot {
  const captured = { index, term, prefix, bytes, image, digest };
  return { ...captured, configuration, configurationIndex, intact: true, synced: true };
}

export function onSnapshotStored(state: RaftState, out: Outbox): void {
  const { index, term, digest } = state.capture!;
  if (out.error !== ErrorCause.none) {
    giveUp(state, out);
    return;
  }
  // The main thread may have installed a newer one meanwhile (B26).
  if (index >= state.snapshotIndex) {
    setLastSnapshot(state, index, term);
  } else if (state.config.bugs.B26) {
    out.mark('B26');
    setLastSnapshot(state, index, term);
  }
  out.note(RaftNote.snapshot, index, term, digest);
  const to = compactTo(state, index, state.lastLogIndex, state.config.trailingLogs);
  if (to > 0) out.write([deletePrefix(to)], SNAPSHOT_TRIMMED, to);
  else giveUp(state, out);
}

export function onSnapshotTrimmed(state: RaftState, to: number, out: Outbox): void {
  if (out.error === ErrorCause.none) out.note(RaftNote.trimmed, to, 0, 0);
  giveUp(state, out);
}

/** Back to the select, however far it has come. */
function giveUp(state: RaftState, out: Outbox): void {
  state.capture = null;
  armSnapshotTimer(state, out);
}

/** Last index to remove from the log behind a snapshot, or 0. */
export function compactTo(
  { durable }: RaftState,
  snapshotIndex: number,
  lastLogIndex: number,
  trailingLogs: number,
): number {
  if (lastLogIndex <= trailingLogs) return 0;
  const to = Math.min(snapshotIndex, lastLogIndex - trailingLogs);
  const { log } = durable;
  return log.entries.length === 0 || log.firstIndex > to ? 0 : to;
}
