/** Snapshots and what is under way with them (reference: raft §1.15). */
import type { ProcessIndex } from '../../core/machine.ts';
import type { Configuration } from './types.ts';

/** Immutable; shared by disks, messages and checkpoints (`hashicorp/raft:snapshot.go (SnapshotMeta)`). */
export interface Snapshot {
  /** Last entry that it holds, its term, and the hash of the log up to it. */
  readonly index: number;
  readonly term: number;
  readonly prefix: number;
  readonly configuration: Configuration;
  readonly configurationIndex: number;
  /** Size of the state file. */
  readonly bytes: number;
  /** What the state machine held; restoring copies it. */
  readonly image: unknown;
  /** Stands for the image in comparisons. */
  readonly digest: number;
  /** The checksum agrees with the state file. */
  readonly intact: boolean;
  /** It would survive a loss of power. */
  readonly synced: boolean;
}

/** Goes before the parts of the state file. */
export interface InstallRequest {
  readonly leader: ProcessIndex;
  readonly term: number;
  readonly snapshot: Snapshot;
}

export interface InstallPart {
  readonly bytes: number;
}

export interface InstallResponse {
  readonly term: number;
  readonly success: boolean;
}

/** Leader: one InstallSnapshot to one peer, on a connection of its own. */
export interface SnapshotSending {
  readonly snapshot: Snapshot;
  readonly sinceMicros: number;
  connection: number;
  leftBytes: number;
  /** The answer has come, or the stream is over. */
  ended: boolean;
  answer: InstallResponse | null;
}

/** Receiver: the snapshot that the main thread copies and restores. */
export interface Installation {
  readonly exchange: number;
  readonly request: InstallRequest;
  /** Term for the answer. */
  term: number;
  leftBytes: number;
}

/** What the FSM thread hands to the snapshot thread, and the main thread adds to. */
export interface Capture {
  readonly index: number;
  readonly term: number;
  readonly prefix: number;
  readonly bytes: number;
  readonly image: unknown;
  readonly digest: number;
  configuration: Configuration | null;
  configurationIndex: number;
}
