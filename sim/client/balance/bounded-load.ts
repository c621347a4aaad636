/**
 * Bounded load for consistent hashing: an instance whose requests under way exceed its share of the
 * total times the factor is passed over for another in a random order that belongs to the request's
 * hash; where all are over, the least so is taken. Envoy shuffles with a Mersenne twister, here the
 * sequence is another.
 */
import type { Picking } from './policy.ts';

const MODULUS = 2147483647;

/** The first choice, or whoever comes next within its bound. */
export function withinBound(picking: Picking, first: number, hash: number): number {
  const { candidates, active, activeTotal, weights, settings } = picking;
  let sum = 0;
  for (const one of candidates) sum += weights[one];
  const slotsTotal = Math.ceil((activeTotal + 1) * settings.bounded!);
  const overload = (one: number): number =>
    active[one] / Math.max(1, Math.ceil(slotsTotal * (weights[one] / sum)));
  let best = first;
  let least = overload(first);
  if (least <= 1) return first;
  const order = candidates.slice();
  let seed = hash % MODULUS;
  for (let i = 0; i < order.length; i++) {
    seed = (seed * 48271 + 11) % MODULUS;
    const j = i + (seed % (order.length - i));
    [order[i], order[j]] = [order[j], order[i]];
    const load = overload(order[i]);
    if (load <= 1) return order[i];
    if (load < least) [best, least] = [order[i], load];
  }
  return best;
}
