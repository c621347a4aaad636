/**
 * Maglev: each instance has a permutation of the table's places, given by an offset and a skip, and the
 * instances take turns to claim their next free place; one of less weight passes on some turns. The
 * request's hash modulo the size, a prime, is its place.
 */
import { withinBound } from './bounded-load.ts';
import { hashOfKey } from './ring-hash.ts';
import type { Picking, Policy } from './policy.ts';
import { xxh64 } from './xxhash.ts';

export interface Permutation {
  readonly offset: number;
  readonly skip: number;
}

interface State {
  version: number;
  table: Int32Array | null;
  readonly keys: Map<number, number>;
}

export function permutationOf(name: string, size: number): Permutation {
  return {
    offset: Number(xxh64(name) % BigInt(size)),
    skip: Number(xxh64(name, 1n) % BigInt(size - 1)) + 1,
  };
}

/** Owner of each place. Weights are relative; the largest claims at each of its turns. */
export function fillTable(
  permutations: readonly Permutation[],
  weights: readonly number[],
  size: number,
): Int32Array {
  const table = new Int32Array(size).fill(-1);
  const count = permutations.length;
  const places = permutations.map(({ offset }) => offset);
  const targets = weights.map(() => 0);
  const most = Math.max(...weights);
  let filled = 0;
  for (let turn = 1; filled < size; turn++) {
    for (let i = 0; i < count && filled < size; i++) {
      // Whoever weighs half as much claims at every other turn.
      if (turn * weights[i] < targets[i]) continue;
      targets[i] += most;
      let place = places[i];
      while (table[place] >= 0) place = (place + permutations[i].skip) % size;
      table[place] = i;
      places[i] = (place + permutations[i].skip) % size;
      filled++;
    }
  }
  return table;
}

/** In the order of names: who claims first must not depend on the order of the list. */
function tableOf(state: State, picking: Picking): Int32Array {
  const { candidates, endpoints, weights, settings, version } = picking;
  if (state.version !== version || state.table === null) {
    state.version = version;
    const name = (one: number): string => endpoints[one].name;
    const sorted = candidates.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
    const table = fillTable(
      sorted.map((one) => permutationOf(name(one), settings.table)),
      sorted.map((one) => weights[one]),
      settings.table,
    );
    state.table = table.map((place) => sorted[place]);
  }
  return state.table;
}

export const maglev: Policy<State> = {
  source:
    'Eisenbud et al., Maglev (NSDI 2016), §3.4; envoy:source/extensions/load_balancing_policies/maglev/maglev_lb.cc',
  create: () => ({ version: -1, table: null, keys: new Map() }),
  pick(state, picking) {
    const { settings } = picking;
    const hash = hashOfKey(state.keys, picking.hash);
    const first = tableOf(state, picking)[hash % settings.table];
    return settings.bounded === null ? first : withinBound(picking, first, hash);
  },
  save: (state) => ({ ...state, keys: new Map(state.keys) }),
};
