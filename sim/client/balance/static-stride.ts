/**
 * Static stride scheduler of gRPC: weights scaled so that the largest is 65535, and a sequence from a
 * random start that visits everybody in turn and skips an instance in 1 - weight/65535 of its turns.
 * An unknown weight counts as the mean of the known; all equal is plain round robin.
 */
import type { Draws } from '../../core/draws.ts';
import type { Policy } from './policy.ts';

const MAX_WEIGHT = 65535;
const OFFSET = 32767;
const SEQUENCES = 2 ** 32;

export interface Stride {
  sequence: number;
  version: number;
  /** Of the candidates in their order, or null: plain round robin. */
  scaled: readonly number[] | null;
}

export function newStride(draws: Draws): Stride {
  return { sequence: draws.below(SEQUENCES), version: -1, scaled: null };
}

/** Null where fewer than two weights are known, or all are equal. */
export function scaledWeights(weights: readonly number[]): readonly number[] | null {
  const known = weights.filter((weight) => weight > 0);
  if (known.length < 2) return null;
  let [sum, max] = [0, 0];
  for (const weight of known) {
    sum += weight;
    if (weight > max) max = weight;
  }
  const scale = MAX_WEIGHT / max;
  const mean = Math.round((scale * sum) / known.length);
  const scaled = weights.map((weight) => (weight > 0 ? Math.round(scale * weight) : mean));
  return scaled.every((weight) => weight === scaled[0]) ? null : scaled;
}

/** Place of the next one among so many. */
export function nextPlace(stride: Stride, count: number): number {
  const { scaled } = stride;
  for (;;) {
    const sequence = stride.sequence;
    stride.sequence = (sequence + 1) % SEQUENCES;
    const place = sequence % count;
    if (scaled === null) return place;
    const weight = scaled[place];
    const generation = Math.floor(sequence / count);
    if ((weight * generation + place * OFFSET) % MAX_WEIGHT >= MAX_WEIGHT - weight) return place;
  }
}

export const staticStride: Policy<Stride> = {
  source: 'grpc-go:balancer/weightedroundrobin/scheduler.go (staticStrideScheduler.nextIndex)',
  create: (_settings, _endpoints, draws) => newStride(draws),
  pick(state, { candidates, weights, version }) {
    if (state.version !== version) {
      state.version = version;
      state.scaled = scaledWeights(candidates.map((one) => weights[one]));
    }
    return candidates[nextPlace(state, candidates.length)];
  },
  save: (state) => ({ ...state }),
};
