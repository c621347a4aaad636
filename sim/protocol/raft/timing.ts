/** Formulas of hashicorp/raft's timers and backoffs (reference: raft §1.2, §1.9). */
import type { Outbox } from '../../core/machine.ts';

/** `hashicorp/raft:replication.go`. */
export const FAILURE_WAIT_MICROS = 10_000;
export const FAILURE_SCALE_MAX = 12;
/** `hashicorp/raft:raft.go`: the lease is never checked more often. */
export const LEASE_CHECK_MICROS_MIN = 10_000;

/** U[x, 2x) (`hashicorp/raft:util.go (randomTimeout)`). */
export function drawTimeout(out: Outbox, purpose: string, micros: number): number {
  return micros + out.draw(purpose).below(micros);
}

/** `hashicorp/raft:util.go (backoff)`: doubles from the third failure on. */
export function backoffMicros(base: number, round: number, limit: number): number {
  let micros = base;
  for (let power = Math.min(round, limit); power > 2; power--) micros *= 2;
  return micros;
}

/** `hashicorp/raft:util.go (cappedExponentialBackoff)`. */
export function cappedBackoffMicros(
  base: number,
  round: number,
  limit: number,
  cap: number,
): number {
  let micros = base;
  for (let power = Math.min(round, limit); power > 2; power--) {
    if (micros > cap) return cap;
    micros *= 2;
  }
  return Math.min(micros, cap);
}
