/**
 * How anti-entropy spreads with the size of the pool (reference: agents §1.2;
 * `consul:agent/ae/ae.go (scaleFactor, staggerFn)`, `consul:lib/cluster.go (RandomStagger)`).
 */
import type { Draws } from '../../core/draws.ts';

/** Members up to which nothing is scaled. */
const SCALE_THRESHOLD = 128;
const THRESHOLD_LOG2 = 7;

/**
 * Factor of the random parts for a pool of `nodes` members in whatever state: 1 up to 128, 2 up to
 * 256, and one more for each doubling.
 */
export function scaleFactor(nodes: number): number {
  if (nodes <= SCALE_THRESHOLD) return 1;
  return ceilLog2(nodes) - THRESHOLD_LOG2 + 1;
}

/** Exact for every integer up to 2^31. */
function ceilLog2(n: number): number {
  return 32 - Math.clz32(n - 1);
}

/** Uniform in [0, duration): Go's RandomStagger, 0 for an empty range. One draw. */
export function drawStagger(draws: Draws, durationMicros: number): number {
  return draws.between(0, durationMicros);
}
