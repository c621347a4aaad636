/**
 * Circuit breakers as the libraries have them. Closed lets everything through, open nothing, half-open
 * a few trials whose results decide. Hystrix, resilience4j and gobreaker guard a service as a whole,
 * Finagle's and linkerd's guard each instance, which then gets no requests while others are left.
 */
import type { Draws } from '../../core/draws.ts';
import { pow } from '../../core/math.ts';
import type { BreakerName, BreakerSpec } from '../../../scenarios/services.ts';

export interface Breaker {
  readonly spec: BreakerSpec;
  phase: 'closed' | 'open' | 'half-open';
  /** End of `open`, local time. */
  untilMicros: number;
  inRow: number;
  /** By second (seconds modulo the length), or the last outcomes (0 and 1). */
  successes: number[];
  failures: number[];
  second: number;
  /** Trials that may still begin, and results so far. */
  trialsLeft: number;
  trialResults: number;
  trialFailures: number;
  /** Times in a row that it opened, for delays that grow. */
  openings: number;
}

export interface BreakerRule {
  readonly source: string;
  readonly scope: 'service' | 'instance';
  /** Length of the window: seconds, or calls. 0: only errors in a row count. */
  readonly window: number;
  readonly windowOf: 'seconds' | 'calls';
  readonly trials: number;
  shouldOpen(breaker: Breaker): boolean;
  /** Whether the trials that have ended open it again; they close it otherwise. */
  trialsFail(breaker: Breaker): boolean;
  openMicros(breaker: Breaker, draws: Draws): number;
}

interface Totals {
  readonly calls: number;
  readonly failures: number;
}

function totals({ successes, failures }: Breaker): Totals {
  const failed = failures.reduce((sum, one) => sum + one, 0);
  return { calls: successes.reduce((sum, one) => sum + one, failed), failures: failed };
}

const anyFailure = ({ trialFailures }: Breaker): boolean => trialFailures > 0;
const constant = ({ spec }: Breaker): number => spec.openMicros;

/** openMicros x 2^(openings - 1) up to `cap`. */
function growing({ spec, openings }: Breaker, capMicros: number): number {
  return Math.min(capMicros, spec.openMicros * pow(2, Math.min(40, openings - 1)));
}

export const BREAKER_RULES: Readonly<Record<BreakerName, BreakerRule>> = {
  hystrix: {
    source:
      'Netflix/Hystrix:hystrix-core/src/main/java/com/netflix/hystrix/HystrixCommandProperties.java',
    scope: 'service',
    window: 10,
    windowOf: 'seconds',
    trials: 1,
    shouldOpen(breaker) {
      const { calls, failures } = totals(breaker);
      return calls >= 20 && failures >= 0.5 * calls;
    },
    trialsFail: anyFailure,
    openMicros: constant,
  },
  resilience4j: {
    source:
      'resilience4j:resilience4j-circuitbreaker/src/main/java/io/github/resilience4j/circuitbreaker/CircuitBreakerConfig.java',
    scope: 'service',
    window: 100,
    windowOf: 'calls',
    trials: 10,
    shouldOpen(breaker) {
      const { calls, failures } = totals(breaker);
      return calls >= 100 && failures >= 0.5 * calls;
    },
    trialsFail: ({ trialFailures, trialResults }) => trialFailures >= 0.5 * trialResults,
    openMicros: constant,
  },
  gobreaker: {
    source: 'sony/gobreaker:gobreaker.go (defaultReadyToTrip, Settings)',
    scope: 'service',
    window: 0,
    windowOf: 'calls',
    trials: 1,
    shouldOpen: ({ inRow }) => inRow > 5,
    trialsFail: anyFailure,
    openMicros: constant,
  },
  finagle: {
    source:
      'twitter/finagle:finagle-core/src/main/scala/com/twitter/finagle/liveness/FailureAccrualPolicy.scala, FailureAccrualFactory.scala',
    scope: 'instance',
    window: 30,
    windowOf: 'seconds',
    trials: 1,
    shouldOpen(breaker) {
      const { calls, failures } = totals(breaker);
      return breaker.inRow >= 5 || (calls >= 5 && calls - failures < 0.8 * calls);
    },
    trialsFail: anyFailure,
    openMicros(breaker, draws) {
      const half = growing(breaker, 300_000_000) / 2;
      return half + draws.unit() * half;
    },
  },
  linkerd: {
    source: 'linkerd/website:linkerd.io/content/2-edge/reference/circuit-breaking.md',
    scope: 'instance',
    window: 0,
    windowOf: 'calls',
    trials: 1,
    shouldOpen: ({ inRow }) => inRow >= 7,
    trialsFail: anyFailure,
    openMicros: (breaker, draws) => growing(breaker, 60_000_000) * (1 + 0.5 * draws.unit()),
  },
};

export function newBreaker(spec: BreakerSpec): Breaker {
  const { window, windowOf } = BREAKER_RULES[spec.kind];
  const zeros = (): number[] =>
    Array.from({ length: windowOf === 'seconds' ? window : 0 }, () => 0);
  return {
    spec,
    phase: 'closed',
    untilMicros: 0,
    inRow: 0,
    successes: zeros(),
    failures: zeros(),
    second: 0,
    trialsLeft: 0,
    trialResults: 0,
    trialFailures: 0,
    openings: 0,
  };
}

export function saveBreaker(breaker: Breaker): Breaker {
  return {
    ...breaker,
    successes: breaker.successes.slice(),
    failures: breaker.failures.slice(),
  };
}

/** Whether a request may go now; a trial is counted by `begin`. */
export function allows(breaker: Breaker, now: number): boolean {
  if (breaker.phase === 'closed') return true;
  if (breaker.phase === 'open') return now >= breaker.untilMicros;
  return breaker.trialsLeft > 0;
}

/** A request goes. */
export function begin(breaker: Breaker): void {
  if (breaker.phase === 'closed') return;
  if (breaker.phase === 'open') {
    const { trials } = BREAKER_RULES[breaker.spec.kind];
    breaker.phase = 'half-open';
    breaker.trialsLeft = trials;
    breaker.trialResults = 0;
    breaker.trialFailures = 0;
  }
  breaker.trialsLeft--;
}

export type Change = 'opened' | 'closed' | null;

/** A request has ended. */
export function onResult(breaker: Breaker, ok: boolean, now: number, draws: Draws): Change {
  const rule = BREAKER_RULES[breaker.spec.kind];
  if (breaker.phase === 'open') return null;
  if (breaker.phase === 'half-open') {
    breaker.trialResults++;
    if (!ok) breaker.trialFailures++;
    if (breaker.trialResults < rule.trials) return null;
    if (rule.trialsFail(breaker)) return open(breaker, now, draws);
    reset(breaker);
    return 'closed';
  }
  count(breaker, rule, ok, now);
  return rule.shouldOpen(breaker) ? open(breaker, now, draws) : null;
}

function open(breaker: Breaker, now: number, draws: Draws): Change {
  breaker.phase = 'open';
  breaker.openings++;
  const rule = BREAKER_RULES[breaker.spec.kind];
  breaker.untilMicros = now + Math.round(rule.openMicros(breaker, draws));
  return 'opened';
}

function reset(breaker: Breaker): void {
  breaker.phase = 'closed';
  breaker.openings = 0;
  breaker.inRow = 0;
  if (BREAKER_RULES[breaker.spec.kind].windowOf === 'calls') {
    breaker.successes = [];
    breaker.failures = [];
  } else {
    breaker.successes.fill(0);
    breaker.failures.fill(0);
  }
}

function count(
  breaker: Breaker,
  { window, windowOf }: BreakerRule,
  ok: boolean,
  now: number,
): void {
  breaker.inRow = ok ? 0 : breaker.inRow + 1;
  if (window === 0) return;
  if (windowOf === 'calls') {
    breaker.successes.push(ok ? 1 : 0);
    breaker.failures.push(ok ? 0 : 1);
    if (breaker.successes.length > window) {
      breaker.successes.shift();
      breaker.failures.shift();
    }
    return;
  }
  const second = Math.floor(now / 1e6);
  for (let at = Math.max(breaker.second + 1, second - window + 1); at <= second; at++) {
    breaker.successes[at % window] = 0;
    breaker.failures[at % window] = 0;
  }
  breaker.second = second;
  (ok ? breaker.successes : breaker.failures)[second % window]++;
}
