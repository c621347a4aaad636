/** What a server remembers beside the state store: timers of sessions, and tombstones to be reaped. */
import type { ProcessIndex } from '../../core/machine.ts';

export interface SessionBugs {
  /** open: a new leader knows of no lock-delay that it has not started itself. */
  readonly B18: boolean;
  /** open: attempts to destroy a session outlive the leadership, and what renewed it since. */
  readonly B34: boolean;
}

export interface SessionConfig {
  readonly bugs: SessionBugs;
  /** How long tombstones stay, and the step to which that is rounded up. */
  readonly tombstoneMicros: number;
  readonly tombstoneStepMicros: number;
}

/** A goroutine that destroys a session whose time is over (`invalidateSession`). */
export interface Invalidation {
  readonly number: number;
  readonly session: string;
  attempts: number;
  /** How many proposals this machine had made with the attempt under way; 0: it sleeps. */
  proposal: number;
}

/** Tombstones that go at one time: all up to an index. */
export interface TombstoneBin {
  /** Local time. */
  readonly atMicros: number;
  index: number;
}

export interface SessionState {
  readonly config: SessionConfig;
  readonly self: ProcessIndex;
  /** Number of each session that has a timer, and its id by number. */
  numbers: Map<string, number>;
  ids: (string | null)[];
  free: number[];
  invalidations: Invalidation[];
  invalidationCount: number;
  /** Proposals made; numbers of answers. */
  proposals: number;
  /** Proposals that somebody waits for, in order: their enqueueing has a limit. */
  waiting: { readonly proposal: number; readonly byMicros: number }[];
  /** Leadership is established: tombstones are timed here. */
  leads: boolean;
  bins: TombstoneBin[];
}

export function createSessionState(config: SessionConfig, self: ProcessIndex): SessionState {
  return {
    config,
    self,
    numbers: new Map(),
    ids: [],
    free: [],
    invalidations: [],
    invalidationCount: 0,
    proposals: 0,
    waiting: [],
    leads: false,
    bins: [],
  };
}

export function saveSessionState(state: SessionState): SessionState {
  return {
    ...state,
    numbers: new Map(state.numbers),
    ids: state.ids.slice(),
    free: state.free.slice(),
    invalidations: state.invalidations.map((one) => ({ ...one })),
    waiting: state.waiting.slice(),
    bins: state.bins.map((bin) => ({ ...bin })),
  };
}
