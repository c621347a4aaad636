/** What invariants know the programs of loads by: their machine, and notes about sessions and locks. */
export const LOAD_MACHINE = 3;

/** Observers find the rest in the state. */
export const LockNote = {
  /** The client holds the lock; a: how long it had waited for it, in microseconds. */
  taken: 0x307,
  /** It no longer believes so; a: how long it did, in microseconds; b: a `LockEnd`. */
  ended: 0x308,
  /** A renewal of its session has failed; a: time since the last that did not; b: a `Renewal`. */
  renewalFailed: 0x309,
} as const;

/** What the client makes of a renewal that failed. */
export const Renewal = {
  triedAgain: 0,
  /** It was told that the session is no more. */
  told: 1,
  givenUp: 2,
} as const;
export type Renewal = (typeof Renewal)[keyof typeof Renewal];
