/**
 * What a backend reports of its load with each answer (ORCA, gRFC A51 and A58): requests and errors
 * per second and the busy share of its workers, over its last whole second.
 */
import type { CallAnswer, LoadReport } from './vocabulary.ts';

const WINDOW_MICROS = 1_000_000;

export interface Reporter {
  /** Number of the window under way. */
  window: number;
  answers: number;
  errors: number;
  /** Integral of the busy share over the window so far, in microseconds. */
  busyMicros: number;
  /** Busy share since `sinceMicros`. */
  busy: number;
  sinceMicros: number;
  last: CallAnswer;
}

const NOTHING: LoadReport = { requestsPerSecond: 0, errorsPerSecond: 0, utilisation: 0 };

export function newReporter(): Reporter {
  return {
    window: 0,
    answers: 0,
    errors: 0,
    busyMicros: 0,
    busy: 0,
    sinceMicros: 0,
    last: { report: NOTHING },
  };
}

/** Closes the windows that have ended. */
function roll(reporter: Reporter, now: number): void {
  const window = Math.floor(now / WINDOW_MICROS);
  if (window === reporter.window) return;
  const end = (reporter.window + 1) * WINDOW_MICROS;
  const isNext = window === reporter.window + 1;
  reporter.busyMicros += reporter.busy * (end - reporter.sinceMicros);
  // Of several windows that have passed the last one was quiet.
  reporter.last = {
    report: {
      requestsPerSecond: isNext ? reporter.answers : 0,
      errorsPerSecond: isNext ? reporter.errors : 0,
      utilisation: isNext ? reporter.busyMicros / WINDOW_MICROS : reporter.busy,
    },
  };
  reporter.window = window;
  reporter.answers = 0;
  reporter.errors = 0;
  reporter.busyMicros = 0;
  reporter.sinceMicros = window * WINDOW_MICROS;
}

export function countAnswer(reporter: Reporter, isError: boolean, now: number): void {
  roll(reporter, now);
  reporter.answers++;
  if (isError) reporter.errors++;
}

export function setBusy(reporter: Reporter, busy: number, now: number): void {
  roll(reporter, now);
  reporter.busyMicros += reporter.busy * (now - reporter.sinceMicros);
  reporter.sinceMicros = now;
  reporter.busy = busy;
}

/** What goes with an answer of now. */
export function reportOf(reporter: Reporter, now: number): CallAnswer {
  roll(reporter, now);
  return reporter.last;
}
