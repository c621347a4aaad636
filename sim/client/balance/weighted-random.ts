/** Weighted random: the first instance whose prefix sum of weights exceeds a uniform draw. */
import { stateless } from './policy.ts';
import type { Policy } from './policy.ts';

export const weightedRandom: Policy<null> = {
  ...stateless,
  source:
    'consul:agent/dns.go (makeARecord: Weights.Passing is the weight of an SRV record, RFC 2782)',
  pick(_, { candidates, weights, draws }) {
    let total = 0;
    for (const one of candidates) total += weights[one];
    const at = draws.unit() * total;
    let sum = 0;
    for (const one of candidates) {
      sum += weights[one];
      if (sum > at) return one;
    }
    // All weights are 0, or the sum is rounded.
    return candidates[candidates.length - 1];
  },
};
