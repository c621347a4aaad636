/** What a caller keeps in memory, and the numbers of its inputs. */
import { CALL_START } from '../../service/vocabulary.ts';
import type { CallOutcome } from '../../service/vocabulary.ts';
import type { Upstream, UpstreamConfig } from './upstream.ts';

export const CallerInput = {
  order: CALL_START,
  answered: 0x0c02,
  retry: 0x0c03,
  hedge: 0x0c04,
  sweep: 0x0c05,
  instances: 0x0c06,
} as const;

/** Without outlier detection: how often weights that grow with time are looked at. */
export const SWEEP_MICROS = 1_000_000;

export interface CallerConfig {
  readonly upstreams: readonly UpstreamConfig[];
}

/** One call under way. */
export interface Call {
  readonly id: number;
  readonly upstream: number;
  /** Of whoever ordered it. */
  readonly tag: number;
  readonly done: number;
  readonly hash: number;
  readonly startedMicros: number;
  /** Local time; Infinity: it has none. */
  readonly deadlineMicros: number;
  /** Attempts begun, and those whose answers it waits for. */
  attempts: number;
  open: number;
  /** Endpoints asked so far; empty where nothing depends on them. */
  tried: number[];
  previousBackoff: number;
  /** Error of the last attempt that failed. */
  error: number;
}

export interface Attempt {
  /** Slot of its call. */
  readonly call: number;
  /** Number of its call: the slot may have another by now. */
  readonly id: number;
  readonly upstream: number;
  readonly endpoint: number;
  readonly startedMicros: number;
  readonly isRetry: boolean;
}

export interface CallerState {
  readonly config: CallerConfig;
  upstreams: Upstream[];
  started: number;
  calls: (Call | null)[];
  freeCalls: number[];
  attempts: (Attempt | null)[];
  freeAttempts: number[];
}

export const SUCCESS: CallOutcome = { error: 0 };
