/**
 * Delays before retries. `failures` counts from 1 at the first; v = min(cap, base x 2^failures) as in
 * the program behind AWS's article, so that the first v is twice the base. Each formula gets one uniform
 * number, whether it needs it or not.
 */
import type { Draws } from '../../core/draws.ts';
import { pow } from '../../core/math.ts';
import type { BackoffSpec } from '../../../scenarios/services.ts';

export interface Backoff {
  /** Delay before this retry; `previous` is the one before, 0 before the first. */
  micros(spec: BackoffSpec, failures: number, previous: number, unit: number): number;
  readonly source: string;
}

const AWS = 'aws-samples/aws-arch-backoff-simulator:src/backoff_simulator.py';

function doubled({ baseMicros, capMicros, overflows }: BackoffSpec, failures: number): number {
  // P22 (consul-template#1028): the product is not capped before it overflows.
  if (overflows === true) return Math.min(capMicros, baseMicros << Math.min(failures, 31));
  return Math.min(capMicros, baseMicros * pow(2, failures));
}

const GRPC_MULTIPLIER = 1.6;
const GRPC_JITTER = 0.2;
/** `jitterFraction` of Consul's RPC retries: the first wait is the hold time divided by it. */
const CONSUL_FRACTION = 16;

export const BACKOFF: Readonly<Record<BackoffSpec['kind'], Backoff>> = {
  none: { source: AWS, micros: () => 0 },
  fixed: {
    source: 'consul:api/lock.go (DefaultLockRetryTime)',
    micros: ({ baseMicros }) => baseMicros,
  },
  exponential: { source: AWS, micros: doubled },
  'full-jitter': {
    source: AWS,
    micros: (spec, failures, _, unit) => unit * doubled(spec, failures),
  },
  'equal-jitter': {
    source: AWS,
    micros: (spec, failures, _, unit) => (doubled(spec, failures) / 2) * (1 + unit),
  },
  decorrelated: {
    source: AWS,
    micros({ baseMicros, capMicros }, _failures, previous, unit) {
      const from = previous === 0 ? baseMicros : previous;
      return Math.min(capMicros, baseMicros + unit * (3 * from - baseMicros));
    },
  },
  envoy: {
    source: 'envoy:source/common/common/backoff_strategy.cc (JitteredExponentialBackOffStrategy)',
    micros({ baseMicros, capMicros }, failures, _, unit) {
      const top = Math.min(capMicros, (pow(2, failures) - 1) * baseMicros);
      return unit * top;
    },
  },
  grpc: {
    source: 'grpc/proposal:A6-client-retries.md (Exponential Backoff)',
    micros({ baseMicros, capMicros }, failures, _, unit) {
      const nominal = Math.min(baseMicros * pow(GRPC_MULTIPLIER, failures - 1), capMicros);
      return nominal * (1 + GRPC_JITTER * (2 * unit - 1));
    },
  },
  consul: {
    source: 'consul:agent/consul/rpc.go (getWaitTime)',
    // base is rpc_hold_timeout: 437 ms are a sixteenth of 7 s.
    micros({ baseMicros, capMicros }, failures, previous, unit) {
      const top = Math.min(capMicros, (baseMicros / CONSUL_FRACTION) * pow(2, failures - 1));
      return previous + unit * Math.max(0, top - previous);
    },
  },
};

/** Integer microseconds. */
export function drawBackoff(
  spec: BackoffSpec,
  failures: number,
  previous: number,
  draws: Draws,
): number {
  const drawn = draws.unit();
  // P15 (consul#9469): without jitter, who failed together comes back together.
  const unit = spec.rigid === true ? 1 : drawn;
  return Math.round(BACKOFF[spec.kind].micros(spec, failures, previous, unit));
}
