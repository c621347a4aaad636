/** Where the inputs and steps of snapshots go: three threads take part in them. */
import type { Outbox } from '../../core/machine.ts';
import {
  onFsmRestore,
  onFsmRestored,
  onInstall,
  onInstallRead,
  onInstallRestored,
  onInstallStored,
  onInstallTermStored,
  onInstallTrimmed,
} from './install.ts';
import {
  onConfigurations,
  onFsmSnapshot,
  onSnapshotCaptured,
  onSnapshotConfigured,
  onSnapshotStored,
  onSnapshotTimer,
  onSnapshotTrimmed,
} from './snapshot.ts';
import type { InstallPart, InstallRequest, InstallResponse, Snapshot } from './snapshot-types.ts';
import * as Step from './steps.ts';
import {
  onInstallAnswer,
  onInstallAnswered,
  onInstallOpened,
  onInstallSent,
} from './send-snapshot.ts';
import type { RaftState } from './types.ts';
import * as Kind from './vocabulary.ts';

export function onSnapshotInput(
  state: RaftState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case Kind.INSTALL:
      onInstall(state, from, body as InstallRequest, out);
      return;
    case Kind.INSTALL_ANSWER:
      onInstallAnswer(state, body as InstallResponse | undefined, out);
      return;
    case Kind.SNAPSHOT_TIMER:
      onSnapshotTimer(state, out);
      return;
    case Kind.FSM_SNAPSHOT:
      onFsmSnapshot(state, out);
      return;
    case Kind.CONFIGURATIONS:
      onConfigurations(state, out);
      return;
    case Kind.FSM_RESTORE:
      onFsmRestore(body as Snapshot, out);
  }
}

export function onSnapshotResume(
  state: RaftState,
  step: number,
  argument: number,
  body: unknown,
  out: Outbox,
): void {
  switch (step) {
    case Step.SNAPSHOT_CAPTURED:
      onSnapshotCaptured(state, out);
      return;
    case Step.SNAPSHOT_CONFIGURED:
      onSnapshotConfigured(state, out);
      return;
    case Step.SNAPSHOT_STORED:
      onSnapshotStored(state, out);
      return;
    case Step.SNAPSHOT_TRIMMED:
      onSnapshotTrimmed(state, argument, out);
      return;
    case Step.INSTALL_TERM_STORED:
      onInstallTermStored(state, out);
      return;
    case Step.INSTALL_READ:
      onInstallRead(state, body as InstallPart | undefined, out);
      return;
    case Step.INSTALL_STORED:
      onInstallStored(state, out);
      return;
    case Step.INSTALL_RESTORED:
      onInstallRestored(state, out);
      return;
    case Step.INSTALL_TRIMMED:
      onInstallTrimmed(state, argument, out);
      return;
    case Step.INSTALL_OPENED:
      onInstallOpened(state, body, out);
      return;
    case Step.INSTALL_SENT:
      onInstallSent(state, out);
      return;
    case Step.INSTALL_ANSWERED:
      onInstallAnswered(state, out);
      return;
    case Step.FSM_RESTORED:
      onFsmRestored(state, argument, out);
  }
}
