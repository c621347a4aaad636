/**
 * Power of two choices, as Finagle does it: of two different instances the healthier one, of equally
 * healthy ones the less loaded, of equally loaded ones the first drawn. An unhealthy winner is drawn
 * again, up to four draws; a fifth is taken whatever its health.
 */
import { stateless } from './policy.ts';
import type { Picking, Policy } from './policy.ts';

const DRAWS = 4;

/** The better of two, by a load of the caller's choice. */
export function pickOfTwo(picking: Picking, load: (endpoint: number) => number): number {
  const { candidates, healthy } = picking;
  let picked = candidates[0];
  for (let i = 0; i <= DRAWS; i++) {
    picked = drawTwo(picking, load);
    if (healthy[picked]) break;
  }
  return picked;
}

function drawTwo(
  { candidates, healthy, draws }: Picking,
  load: (endpoint: number) => number,
): number {
  if (candidates.length === 1) return candidates[0];
  const at = draws.below(candidates.length);
  let other = draws.below(candidates.length - 1);
  if (other >= at) other++;
  const [first, second] = [candidates[at], candidates[other]];
  if (healthy[first] !== healthy[second]) return healthy[first] ? first : second;
  return load(first) <= load(second) ? first : second;
}

export const p2c: Policy<null> = {
  ...stateless,
  source:
    'twitter/finagle:finagle-core/src/main/scala/com/twitter/finagle/loadbalancer/p2c/P2CPick.scala',
  seesHealth: true,
  pick: (_, picking) => pickOfTwo(picking, (endpoint) => picking.active[endpoint]),
};
