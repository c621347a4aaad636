/**
 * Ring hash (Ketama), the same in Envoy and gRPC: every instance has entries on a ring in proportion to
 * its weight, with the hash of `<name>_<number>`, and a request goes to the first entry at or behind its
 * hash. Known deviation: names stand for addresses, and hashes have 52 bits.
 */
import { withinBound } from './bounded-load.ts';
import type { Picking, Policy } from './policy.ts';
import { high52, xxh64 } from './xxhash.ts';

export interface Ring {
  /** Ascending. */
  readonly hashes: Float64Array;
  /** Endpoint of each entry. */
  readonly endpoints: Int32Array;
}

interface State {
  version: number;
  ring: Ring | null;
  /** Hashes of the keys asked for so far. */
  readonly keys: Map<number, number>;
}

/**
 * At least `min` entries, as many more as give the least weight a whole number, at most `max`. What is
 * not whole of the others is carried over to the next.
 */
export function makeRing(
  names: readonly string[],
  weights: readonly number[],
  min: number,
  max: number,
): Ring {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const normalised = weights.map((weight) => weight / sum);
  const least = Math.min(...normalised);
  const scale = Math.min(Math.ceil(least * min) / least, max);
  const entries: { hash: number; endpoint: number }[] = [];
  let [current, target] = [0, 0];
  names.forEach((name, endpoint) => {
    target += scale * normalised[endpoint];
    for (let i = 0; current < target; i++, current++) {
      entries.push({ hash: high52(xxh64(`${name}_${i}`)), endpoint });
    }
  });
  entries.sort((a, b) => a.hash - b.hash || a.endpoint - b.endpoint);
  return {
    hashes: Float64Array.from(entries, ({ hash }) => hash),
    endpoints: Int32Array.from(entries, ({ endpoint }) => endpoint),
  };
}

/** Place of the first entry at or behind the hash; behind the last one comes the first. */
export function placeOf({ hashes }: Ring, hash: number): number {
  let low = 0;
  let high = hashes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hashes[middle] < hash) low = middle + 1;
    else high = middle;
  }
  return low === hashes.length ? 0 : low;
}

export function hashOfKey(keys: Map<number, number>, key: number): number {
  let hash = keys.get(key);
  if (hash === undefined) keys.set(key, (hash = high52(xxh64(`key-${key}`))));
  return hash;
}

function ringOf(
  state: State,
  { candidates, endpoints, weights, settings, version }: Picking,
): Ring {
  if (state.version !== version || state.ring === null) {
    const { min, max } = settings.ring;
    state.version = version;
    state.ring = makeRing(
      candidates.map((one) => endpoints[one].name),
      candidates.map((one) => weights[one]),
      min,
      max,
    );
  }
  return state.ring;
}

export const ringHash: Policy<State> = {
  source:
    'envoy:source/extensions/load_balancing_policies/ring_hash/ring_hash_lb.cc; grpc-go:balancer/ringhash/ring.go',
  create: () => ({ version: -1, ring: null, keys: new Map() }),
  pick(state, picking) {
    const { candidates, settings } = picking;
    const ring = ringOf(state, picking);
    const hash = hashOfKey(state.keys, picking.hash);
    const first = candidates[ring.endpoints[placeOf(ring, hash)]];
    return settings.bounded === null ? first : withinBound(picking, first, hash);
  },
  save: (state) => ({ ...state, keys: new Map(state.keys) }),
};
