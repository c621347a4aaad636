/**
 * Random subsetting by rendezvous hashing (gRPC A68): a client keeps the k instances with the smallest
 * hash of their address under a seed of its own, so that a change of the list moves few connections.
 */
import type { Draws } from '../../core/draws.ts';
import type { Endpoint } from '../../service/vocabulary.ts';
import { xxh64 } from './xxhash.ts';

/** Indexes of the endpoints that this client keeps, ascending; all where there are no more than k. */
export function subsetOf(endpoints: readonly Endpoint[], size: number, draws: Draws): number[] {
  const seed = (BigInt(draws.below(2 ** 32)) << 32n) | BigInt(draws.below(2 ** 32));
  const all = endpoints.map((_, index) => index);
  if (endpoints.length <= size) return all;
  const scores = endpoints.map(({ name }) => xxh64(name, seed));
  all.sort((a, b) => (scores[a] < scores[b] ? -1 : scores[a] > scores[b] ? 1 : a - b));
  return all.slice(0, size).sort((a, b) => a - b);
}
