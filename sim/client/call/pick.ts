/** From a call to the instance that its next attempt goes to. */
import type { Outbox } from '../../core/machine.ts';
import type { Picking } from '../balance/policy.ts';
import { allows } from '../health/breaker.ts';
import { chooseGroup } from './locality.ts';
import type { Group } from './locality.ts';
import type { Call } from './state.ts';
import { breakerScope } from './upstream.ts';
import type { Upstream } from './upstream.ts';

/** Index of an endpoint, or -1 where there is none. */
export function pick(upstream: Upstream, call: Call, now: number, out: Outbox): number {
  const trial = dueTrial(upstream, now);
  if (trial >= 0) return trial;
  const group = chooseGroup(upstream.groups ?? [], out.draw('zone'));
  if (group === undefined || group.candidates.length === 0) return -1;
  const picking = pickingOf(upstream, group.candidates, now, call.hash, out);
  // A group of its own: what was tried before must not change what the policy remembers of the others.
  const others = untried(group.candidates, call.tried);
  if (others !== group.candidates) {
    picking.candidates = others;
    // Equals nothing, so that whatever was made for a list is made anew.
    picking.version = NaN;
  }
  return upstream.policy.pick(stateOf(upstream, group, out), picking);
}

export function pickingOf(
  upstream: Upstream,
  candidates: readonly number[],
  now: number,
  hash: number,
  out: Outbox,
): Picking {
  return {
    endpoints: upstream.endpoints,
    candidates,
    version: upstream.version,
    healthy: upstream.healthy,
    active: upstream.active,
    activeTotal: upstream.activeTotal,
    weights: upstream.weights,
    equalWeights: upstream.equalWeights,
    now,
    hash,
    draws: out.draw('balance'),
    settings: upstream.config.settings.balance,
  };
}

function stateOf(upstream: Upstream, { key }: Group, out: Outbox): unknown {
  const { states, policy, endpoints, config } = upstream;
  while (states.length <= key) states.push(undefined);
  return (states[key] ??= policy.create(config.settings.balance, endpoints, out.draw('balance')));
}

/** Those that this call has not asked yet, or all where it has asked everybody. */
function untried(candidates: readonly number[], tried: readonly number[]): readonly number[] {
  if (tried.length === 0) return candidates;
  const left = candidates.filter((one) => !tried.includes(one));
  return left.length === 0 || left.length === candidates.length ? candidates : left;
}

/** An instance behind an open breaker whose time is over gets the next request as its trial. */
function dueTrial(upstream: Upstream, now: number): number {
  if (breakerScope(upstream) !== 'instance') return -1;
  const { breakers, listed } = upstream;
  for (const one of listed) {
    if (breakers[one].phase === 'open' && allows(breakers[one], now)) return one;
  }
  return -1;
}
