/** Random: every instance is as likely as any other, whatever its weight. */
import { stateless } from './policy.ts';
import type { Policy } from './policy.ts';

export const random: Policy<null> = {
  ...stateless,
  source: 'envoy:docs/root/intro/arch_overview/upstream/load_balancing/load_balancers.rst (Random)',
  pick: (_, { candidates, draws }) => candidates[draws.below(candidates.length)],
};
