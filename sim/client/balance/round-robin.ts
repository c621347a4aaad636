/**
 * Round robin: a counter that starts anywhere, modulo the list as it is. When the list changes the
 * counter goes on: positions are remembered, not instances.
 */
import type { Policy } from './policy.ts';

export const roundRobin: Policy<{ next: number }> = {
  source:
    'envoy:docs/root/intro/arch_overview/upstream/load_balancing/load_balancers.rst (Round robin)',
  create: (_, endpoints, draws) => ({ next: draws.below(Math.max(1, endpoints.length)) }),
  pick(state, { candidates }) {
    return candidates[state.next++ % candidates.length];
  },
  save: (state) => ({ ...state }),
};
