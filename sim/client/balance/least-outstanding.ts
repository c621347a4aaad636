/** Least outstanding: the fewest requests of this client under way; among equals a random one. */
import { stateless } from './policy.ts';
import type { Policy } from './policy.ts';

export const leastOutstanding: Policy<null> = {
  ...stateless,
  source:
    'twitter/finagle:finagle-core/src/main/scala/com/twitter/finagle/loadbalancer/HeapBalancer.scala',
  pick(_, { candidates, active, draws }) {
    let least = Infinity;
    let ties = 0;
    for (let i = 0; i < candidates.length; i++) {
      const load = active[candidates[i]];
      if (load < least) {
        least = load;
        ties = 1;
      } else if (load === least) ties++;
    }
    let nth = draws.below(ties);
    for (let i = 0; i < candidates.length; i++) {
      if (active[candidates[i]] === least && nth-- === 0) return candidates[i];
    }
    return -1;
  },
};
