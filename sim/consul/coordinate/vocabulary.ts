/** Lanes, inputs and notes of the machine that gathers coordinates on a server. */
import type { InputSpec, LaneSpec, NoteSpec } from '../../core/machine.ts';

export const COORDINATE_MACHINE = 10;

/** Raft's answers; the first input of every machine that proposes. */
export const ANSWERED = 0xa01;
/** A coordinate has come by Coordinate.Update; it is the body. */
export const UPDATE = 0xa02;
export const FLUSH_TIMER = 0xa03;
/** The server's own coordinate is due. */
export const SEND_TIMER = 0xa04;

/** All of it is short: the goroutine that waits for Raft is a record of the state. */
export const COORDINATE_LANES: readonly LaneSpec[] = [
  { name: 'coordinates', channels: [{ name: 'events', capacity: 0 }] },
];

export const COORDINATE_INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { name: 'raft answer', lane: 0, channel: 0 },
  { name: 'coordinate update', lane: 0, channel: 0 },
  { name: 'coordinate flush', lane: 0, channel: 0 },
  { name: 'own coordinate due', lane: 0, channel: 0 },
];

export const CoordinateNote = {
  /** Coordinates go to Raft; a: how many. */
  flushed: 0xa01,
  /** There were too many at once; a: how many are lost. */
  dropped: 0xa02,
  /** Raft has not taken a batch; a: its error, b: how many coordinates are lost with it. */
  failed: 0xa03,
} as const;

export const COORDINATE_NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'flush coordinates', detail: 1, text: (a) => `coordinates=${a}` },
  { name: 'drop coordinates', text: (a) => `coordinates=${a}` },
  { name: 'coordinates not applied', text: (a, b) => `error=${a} coordinates=${b}` },
];
