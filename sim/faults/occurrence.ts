/** One time that a fault happens: `every` and `times` make several of one fault. */
import type { Held } from './verb.ts';

/**
 * `waiting`: nobody to aim at yet. `armed`: aimed, its crash point has not been reached. `in force`
 * until it is undone, or has nothing to undo; then `over`, as are those that found nobody in time.
 */
export type Phase = 'waiting' | 'armed' | 'in force' | 'over';

/** Immutable: each change is a new object, so that a saved run may share them. */
export interface Occurrence {
  readonly id: number;
  /** Place of its fault in the plan. */
  readonly fault: number;
  readonly phase: Phase;
  /** As in the plan; once it has begun, with the hosts it turned out to hit. */
  readonly label: string;
  /** When it began, or since when it waits. */
  readonly beginMicros: number;
  /** When it was over; -1 before. */
  readonly endMicros: number;
  /** When a wait is given up. */
  readonly patienceMicros: number;
  /** The process whose crash point it waits for, or -1. */
  readonly process: number;
  /** It has been in force. */
  readonly happened: boolean;
  /** What it touched in all, once it is over. */
  readonly affected: number;
  /** What it has to undo while it is in force. */
  readonly held: Held | null;
}
