/** How an agent's caches wait after errors (`consul:agent/cache/cache.go (backOffWait)`). */
import type { Draws } from '../../../core/draws.ts';

/** `CacheRefreshBackoffMin` and `CacheRefreshMaxWait`. */
export const FREE_FAILURES = 3;
const BACKOFF_MICROS_MAX = 60_000_000;
const SECOND = 1_000_000;

/** None after the first three failures, then v + U[0, v) with v = 2, 4, 8, ... up to 60 s. */
export function drawBackoff(failures: number, draws: () => Draws): number {
  if (failures <= FREE_FAILURES) return 0;
  const doublings = Math.min(failures - FREE_FAILURES, 30);
  const micros = Math.min((1 << doublings) * SECOND, BACKOFF_MICROS_MAX);
  return micros + draws().below(micros);
}
