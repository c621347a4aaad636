/** What a client of locks remembers. */
import type { Sampler } from '../../core/distribution.ts';
import type { ReadMode } from '../../consul/requests/request.ts';
import type { SessionBehavior } from '../../consul/state/rows.ts';

export interface LockConfig {
  readonly ttlMicros: number;
  readonly lockDelayMicros: number;
  readonly behavior: SessionBehavior;
  /** Checks of the node that end the session. */
  readonly checks: readonly string[];
  /** Names of the nodes of the servers, by process. */
  readonly nodes: readonly string[];
  /** How long it keeps a lock, and how long it rests before the next one. */
  readonly hold: Sampler;
  readonly rest: Sampler;
  /** Shares of its turns that end with the session destroyed, or with silence until it expires. */
  readonly destroys: number;
  readonly silent: number;
  readonly renewals: ReadMode;
  readonly bugs: LockBugs;
}

/** Planted bugs of the clients. */
export interface LockBugs {
  /** consul#912: a renewal that fails is the last one. */
  readonly P16: boolean;
  /** consul#1843: who cannot see whether it holds the lock goes on. */
  readonly P17: boolean;
}

export { LockNote, Renewal } from '../../service/loads.ts';

export const LockEnd = {
  released: 0,
  destroyed: 1,
  /** It renews no more, and tells nobody. */
  silent: 2,
  /** It was told, or has not renewed its session for too long. */
  lost: 3,
} as const;
export type LockEnd = (typeof LockEnd)[keyof typeof LockEnd];

export type LockPhase =
  | 'resting'
  | 'creating'
  | 'looking'
  | 'waiting'
  | 'acquiring'
  | 'holding'
  | 'releasing'
  | 'destroying';

export interface LockState {
  readonly config: LockConfig;
  phase: LockPhase;
  /** "": none. */
  session: string;
  /** Local time at which the last renewal that succeeded was sent. */
  renewedMicros: number;
  /** Local time of the last evidence that it holds the lock. */
  seenMicros: number;
  /** A renewal is under way. */
  renewing: boolean;
  key: string;
  wantedMicros: number;
  takenMicros: number;
  /** The last acquire was refused although nobody holds the key, as far as is known. */
  refused: boolean;
  /** Index that the next look at the key waits for a higher one of; 0: it does not wait. */
  index: number;
  /** Looks of earlier turns are not heeded. */
  turn: number;
}
