/**
 * InstallSnapshot at the receiver (`hashicorp/raft:raft.go (installSnapshot)`; reference: raft §1.15).
 * The main thread copies the stream to disk and waits for the FSM thread to restore it; heartbeats go
 * on beside it. Nobody asks whether the snapshot is newer than what the server has.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { deleteSuffix, deletePrefix, writeSnapshot, writeTerm } from './durable.ts';
import { stateOfImage } from './fsm.ts';
import { lastIndexOf } from './log.ts';
import { compactTo } from './snapshot.ts';
import type { InstallPart, InstallRequest, InstallResponse, Snapshot } from './snapshot-types.ts';
import {
  setConfigurations,
  setLastContact,
  setLastLog,
  setLastSnapshot,
  setLeader,
  setRole,
  setTerm,
  termAt,
} from './state.ts';
import {
  FSM_RESTORED,
  INSTALL_READ,
  INSTALL_RESTORED,
  INSTALL_STORED,
  INSTALL_TERM_STORED,
  INSTALL_TRIMMED,
} from './steps.ts';
import { Role } from './types.ts';
import type { RaftState } from './types.ts';
import { FSM_RESTORE, MAIN_LANE, RaftNote } from './vocabulary.ts';

/** TCP keepalive of an accepted connection: 15 s of silence, then nine probes 15 s apart. */
const SILENCE_MICROS = 150_000_000;

function installResponse(term: number, success: boolean): InstallResponse {
  return { term, success };
}

export function onInstall(
  state: RaftState,
  exchange: number,
  request: InstallRequest,
  out: Outbox,
): void {
  if (request.term < state.term) {
    out.reply(exchange, installResponse(state.term, false));
    return;
  }
  const { bytes } = request.snapshot;
  state.installation = { exchange, request, term: state.term, leftBytes: bytes };
  if (request.term > state.term) {
    setRole(state, Role.follower, out);
    out.write([writeTerm(request.term)], INSTALL_TERM_STORED, 0);
    return;
  }
  beginCopy(state, out);
}

export function onInstallTermStored(state: RaftState, out: Outbox): void {
  const installation = state.installation!;
  if (out.error !== ErrorCause.none) {
    out.panic('failed to save current term');
    return;
  }
  installation.term = installation.request.term;
  setTerm(state, installation.term, out);
  beginCopy(state, out);
}

/** A candidate of the same term stays one. */
function beginCopy(state: RaftState, out: Outbox): void {
  const { exchange, request } = state.installation!;
  setLeader(state, request.leader, out);
  out.readPart(exchange, SILENCE_MICROS, INSTALL_READ, 0);
}

export function onInstallRead(state: RaftState, part: InstallPart | undefined, out: Outbox): void {
  const installation = state.installation!;
  if (part === undefined || out.error !== ErrorCause.none) {
    failInstall(state, out);
    return;
  }
  installation.leftBytes -= part.bytes;
  if (installation.leftBytes > 0) {
    out.readPart(installation.exchange, SILENCE_MICROS, INSTALL_READ, 0);
    return;
  }
  const { snapshot } = installation.request;
  out.write(writeSnapshot(snapshot, state.config.bugs), INSTALL_STORED, 0);
}

/** The answer is an error, if anybody still waits for it. */
function failInstall(state: RaftState, out: Outbox): void {
  out.fail(state.installation!.exchange, null);
  state.installation = null;
}

export function onInstallStored(state: RaftState, out: Outbox): void {
  if (out.error !== ErrorCause.none) {
    failInstall(state, out);
    return;
  }
  const { snapshot } = state.installation!.request;
  // The snapshot thread may have finished a newer one meanwhile: nothing compares the two (B26).
  if (snapshot.index < state.snapshotIndex) {
    if (!state.config.bugs.B26) {
      finishInstall(state, out);
      return;
    }
    out.mark('B26');
  }
  askToRestore(state, snapshot, INSTALL_RESTORED, out);
}

/** The main thread waits for the FSM thread. */
export function askToRestore(
  state: RaftState,
  snapshot: Snapshot,
  step: number,
  out: Outbox,
): void {
  state.restored = false;
  out.post(FSM_RESTORE, 0, 0, snapshot);
  out.park(step, 0);
}

/** The FSM thread reads the state file and puts it in the place of what it had. */
export function onFsmRestore(snapshot: Snapshot, out: Outbox): void {
  out.write([{ snapshot, bytes: snapshot.bytes, access: 'read' }], FSM_RESTORED, snapshot.index);
}

export function onFsmRestored(state: RaftState, index: number, out: Outbox): void {
  const snapshot = state.durable.snapshots.find((one) => one.index === index);
  if (out.error === ErrorCause.none && snapshot?.intact === true) {
    const { fsm } = state.config;
    state.fsm = stateOfImage(fsm, snapshot.image);
    fsm.onRestored?.(out);
    state.fsmIndex = snapshot.index;
    state.captureIndex = snapshot.index;
    state.captureTerm = snapshot.term;
    state.capturePrefix = snapshot.prefix;
    state.restored = true;
    out.note(RaftNote.restored, snapshot.index, snapshot.prefix, snapshot.digest);
  }
  out.unpark(MAIN_LANE, 0);
}

export function onInstallRestored(state: RaftState, out: Outbox): void {
  if (!state.restored) {
    failInstall(state, out);
    return;
  }
  const { snapshot } = state.installation!.request;
  state.lastApplied = snapshot.index;
  setLastSnapshot(state, snapshot.index, snapshot.term);
  setConfigurations(state, snapshot);
  const { config, durable } = state;
  const last = lastIndexOf(durable.log);
  const wal = config.logStore === 'wal';
  if (!config.bugs.B6 && (wal || conflicts(state, snapshot))) {
    out.write([deleteSuffix(durable.log.firstIndex)], INSTALL_TRIMMED, 1);
    return;
  }
  // A log store that only grows at its end cannot keep what lies before the snapshot's end.
  const to = wal
    ? compactTo(state, last, last, 0)
    : compactTo(state, snapshot.index, state.lastLogIndex, config.trailingLogs);
  if (to > 0) out.write([deletePrefix(to)], INSTALL_TRIMMED, 0);
  else finishInstall(state, out);
}

/** Failing to trim is only logged. `whole`: the log is gone, and the cached tail with it. */
export function onInstallTrimmed(state: RaftState, whole: number, out: Outbox): void {
  if (out.error === ErrorCause.none) {
    const to = whole === 1 ? state.lastLogIndex : state.durable.log.firstIndex - 1;
    out.note(RaftNote.trimmed, to, 0, 0);
    if (whole === 1) setLastLog(state, 0, 0);
  }
  finishInstall(state, out);
}

function finishInstall(state: RaftState, out: Outbox): void {
  const { exchange, request, term } = state.installation!;
  const { index, term: snapshotTerm, digest } = request.snapshot;
  state.installation = null;
  // What the log, or its cached tail, still says there fails every later comparison.
  if (conflicts(state, request.snapshot)) out.mark('B6');
  out.note(RaftNote.installed, index, snapshotTerm, digest);
  out.reply(exchange, installResponse(term, true));
  setLastContact(state, out);
}

/** The log reaches to the snapshot's end, and has something else there, or nothing. */
function conflicts(state: RaftState, { index, term }: Snapshot): boolean {
  return state.lastLogIndex >= index && termAt(state, index) !== term;
}
