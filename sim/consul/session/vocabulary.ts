/** Lanes, inputs and notes of the machine that keeps time for the state store. */
import type { InputSpec, LaneSpec, NoteSpec } from '../../core/machine.ts';

export const SESSION_MACHINE = 9;

/** Raft's answers; the first input of every machine that proposes. */
export const ANSWERED = 0x901;
/** Leadership is established (1) or revoked (0); body: the last index. */
export const ESTABLISHED = 0x902;
/** A session is to get its whole time again; body: the session. */
export const RESET_SESSION = 0x903;
/** A session was destroyed by request: its timer goes; body: its id. */
export const CLEAR_SESSION = 0x904;
/** Tombstones were made under an index, which is the key. */
export const TOMBSTONES_MADE = 0x905;
export const SESSION_TIMER = 0x906;
export const RETRY_TIMER = 0x907;
export const TOMBSTONE_TIMER = 0x908;
export const CALL_TIMER = 0x909;

/** All of it is short, and nothing waits: goroutines that wait are records of the state. */
export const SESSION_LANES: readonly LaneSpec[] = [
  { name: 'timers', channels: [{ name: 'events', capacity: 0 }] },
];

export const SESSION_INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { name: 'raft answer', lane: 0, channel: 0 },
  { name: 'leadership established', lane: 0, channel: 0 },
  { name: 'reset session timer', lane: 0, channel: 0 },
  { name: 'clear session timer', lane: 0, channel: 0 },
  { name: 'tombstones made', lane: 0, channel: 0 },
  { name: 'session timer', lane: 0, channel: 0 },
  { name: 'session retry', lane: 0, channel: 0 },
  { name: 'tombstone timer', lane: 0, channel: 0 },
  { name: 'enqueue timeout', lane: 0, channel: 0 },
];

/** a: number of the session's timer on this server. */
export const SessionNote = {
  /** The time of a session is over: a: its number. */
  expired: 0x901,
  /** An attempt to destroy it has failed; b: attempts so far, c: error of Raft. */
  attemptFailed: 0x902,
  /** It is given up after six attempts. */
  givenUp: 0x903,
  /** Tombstones up to an index are to be reaped; a: index. */
  reaping: 0x904,
} as const;

export const SESSION_NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'session expires', text: (a) => `timer=${a}` },
  { name: 'session not destroyed', text: (a, b, c) => `loop=${a} attempts=${b} error=${c}` },
  { name: 'session given up', text: (a) => `loop=${a}` },
  { name: 'reap tombstones', text: (a) => `up to=${a}` },
];
