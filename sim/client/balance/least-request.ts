/**
 * Least request: of a few instances drawn at random the one with the fewest requests under way, the
 * first drawn among equals. With replacement the same one may be drawn twice, so that of two instances
 * the busier is picked a quarter of the time. Where weights differ, Envoy picks by earliest deadline
 * instead, with weight / (active + 1)^bias taken anew at each pick.
 */
import type { Draws } from '../../core/draws.ts';
import { pow } from '../../core/math.ts';
import type { Picking, Policy } from './policy.ts';

interface State {
  version: number;
  /** Virtual time of the schedule, and when each endpoint's next turn is. */
  clock: number;
  deadlines: number[];
}

export const leastRequest: Policy<State> = {
  source:
    'envoy:source/extensions/load_balancing_policies/least_request/least_request_lb.cc; grpc-go:balancer/leastrequest/leastrequest.go',
  create: (_, endpoints) => ({ version: -1, clock: 0, deadlines: endpoints.map(() => 0) }),
  pick(state, picking) {
    if (!picking.equalWeights) return pickByDeadline(state, picking);
    const { candidates, active, draws, settings } = picking;
    const { choices, replacement } = settings;
    if (!replacement) return leastOfDistinct(candidates, active, choices, draws);
    let best = candidates[draws.below(candidates.length)];
    for (let i = 1; i < choices; i++) {
      const other = candidates[draws.below(candidates.length)];
      if (active[other] < active[best]) best = other;
    }
    return best;
  },
  grow({ deadlines }, endpoints) {
    while (deadlines.length < endpoints.length) deadlines.push(0);
  },
  save: (state) => ({ ...state, deadlines: state.deadlines.slice() }),
};

function leastOfDistinct(
  candidates: readonly number[],
  active: readonly number[],
  choices: number,
  draws: Draws,
): number {
  const left = candidates.slice();
  let best = -1;
  for (let i = 0; i < choices && left.length > 0; i++) {
    const at = draws.below(left.length);
    const one = left[at];
    left[at] = left[left.length - 1];
    left.pop();
    if (best < 0 || active[one] < active[best]) best = one;
  }
  return best;
}

/** Of equal deadlines the one that comes first in the list. */
function pickByDeadline(state: State, picking: Picking): number {
  const { candidates, active, weights, settings, version } = picking;
  const { deadlines } = state;
  const step = (one: number): number => {
    const divisor = settings.bias === 1 ? active[one] + 1 : pow(active[one] + 1, settings.bias);
    return divisor / Math.max(weights[one], Number.MIN_VALUE);
  };
  if (state.version !== version) {
    state.version = version;
    state.clock = 0;
    for (const one of candidates) deadlines[one] = step(one);
  }
  let best = candidates[0];
  for (const one of candidates) if (deadlines[one] < deadlines[best]) best = one;
  state.clock = deadlines[best];
  deadlines[best] = state.clock + step(best);
  return best;
}
