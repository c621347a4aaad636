/** What one client knows of one service: its instances, their health as it sees it, its own counters. */
import type { Draws } from '../../core/draws.ts';
import { pow } from '../../core/math.ts';
import type { Endpoint } from '../../service/vocabulary.ts';
import type { CallSettings } from '../../../scenarios/services.ts';
import type { Policy } from '../balance/policy.ts';
import { POLICY_CODE } from '../balance/registry.ts';
import { subsetOf } from '../balance/subset.ts';
import type { Discovery } from '../discovery.ts';
import { BREAKER_RULES, newBreaker, saveBreaker } from '../health/breaker.ts';
import type { Breaker } from '../health/breaker.ts';
import { isEjected, newOutliers, saveOutliers } from '../health/outliers.ts';
import type { Outliers } from '../health/outliers.ts';
import { newBudget, saveBudget } from '../retry/budget.ts';
import type { Budget } from '../retry/budget.ts';
import { groupsOf } from './locality.ts';
import type { Groups } from './locality.ts';

export interface UpstreamConfig {
  /** Its place among the caller's upstreams. */
  readonly index: number;
  readonly settings: CallSettings;
  readonly discovery: Discovery;
  /** Calls go through the proxy beside the caller. */
  readonly proxied: boolean;
  /** Zone of this client, "" where there are none. */
  readonly zone: string;
  /** Share of this service's clients in each zone. */
  readonly clientShares: ReadonlyMap<string, number>;
}

export interface Upstream {
  readonly config: UpstreamConfig;
  readonly policy: Policy;
  /** All ever listed; indexes stay. */
  endpoints: Endpoint[];
  /** Those of the present list, in its order; a subset where one is asked for. */
  listed: number[];
  /** By endpoint. */
  active: number[];
  weights: number[];
  healthy: boolean[];
  listedSince: number[];
  equalWeights: boolean;
  activeTotal: number;
  calls: number;
  retries: number;
  /** Bumped when lists, health or weights change. */
  version: number;
  groups: Groups | null;
  /** Of the policy, by group of instances. */
  states: unknown[];
  outliers: Outliers | null;
  /** One for the service, or one for each endpoint. */
  breakers: Breaker[];
  budget: Budget | null;
}

export function newUpstream(config: UpstreamConfig): Upstream {
  const { balance, outliers, retry } = config.settings;
  return {
    config,
    policy: POLICY_CODE[balance.policy],
    endpoints: [],
    listed: [],
    active: [],
    weights: [],
    healthy: [],
    listedSince: [],
    equalWeights: true,
    activeTotal: 0,
    calls: 0,
    retries: 0,
    version: 0,
    groups: null,
    states: [],
    outliers: outliers === null ? null : newOutliers(outliers, 0),
    breakers: [],
    budget: retry === null || retry.budget === null ? null : newBudget(retry.budget),
  };
}

export function breakerScope({ config }: Upstream): 'service' | 'instance' | null {
  const { breaker } = config.settings;
  return breaker === null ? null : BREAKER_RULES[breaker.kind].scope;
}

/** A list of instances has come: those known before keep what was learnt of them. */
export function onInstances(
  upstream: Upstream,
  list: readonly Endpoint[],
  now: number,
  draws: Draws,
): void {
  const { endpoints, config } = upstream;
  const { settings } = config;
  const wasEmpty = endpoints.length === 0;
  const indexes = list.map((one) => {
    const known = endpoints.findIndex(({ process }) => process === one.process);
    if (known >= 0) {
      endpoints[known] = one;
      return known;
    }
    addEndpoint(upstream, one, now);
    return endpoints.length - 1;
  });
  const { subset } = settings.balance;
  upstream.listed =
    subset === null ? indexes : subsetOf(list, subset, draws).map((at) => indexes[at]);
  if (!wasEmpty) {
    for (const state of upstream.states) {
      if (state !== undefined) upstream.policy.grow?.(state, endpoints, settings.balance);
    }
  }
  refreshWeights(upstream, now);
  onHealthChanged(upstream);
}

function addEndpoint(upstream: Upstream, endpoint: Endpoint, now: number): void {
  const { breaker } = upstream.config.settings;
  upstream.endpoints.push(endpoint);
  upstream.active.push(0);
  upstream.healthy.push(true);
  // What was there from the start has long warmed up.
  upstream.listedSince.push(upstream.version === 0 ? -Infinity : now);
  upstream.weights.push(endpoint.weight);
  upstream.outliers?.hosts.push(newOutliers(upstream.outliers.spec, 1).hosts[0]);
  const scope = breakerScope(upstream);
  if (breaker !== null && (scope === 'instance' || upstream.breakers.length === 0)) {
    upstream.breakers.push(newBreaker(breaker));
  }
}

/** Weights with slow start, which raises a new instance's bit by bit. */
export function refreshWeights(upstream: Upstream, now: number): void {
  const { slowStart } = upstream.config.settings.balance;
  const { endpoints, weights, listedSince, listed } = upstream;
  for (const one of listed) {
    const { weight } = endpoints[one];
    weights[one] =
      slowStart === null ? weight : weight * startFactor(slowStart, now - listedSince[one]);
  }
  upstream.equalWeights = listed.every((one) => weights[one] === weights[listed[0]]);
}

/** max(min_weight, (age / window)^(1 / aggression)), 1 at the end of the window. */
export function startFactor(
  spec: { readonly windowMicros: number; readonly aggression: number; readonly minWeight: number },
  ageMicros: number,
): number {
  if (ageMicros >= spec.windowMicros) return 1;
  const share = Math.max(ageMicros, 1) / spec.windowMicros;
  return Math.max(spec.minWeight, pow(share, 1 / spec.aggression));
}

/** Somebody is warming up: weights change while time passes. */
export function isWarming({ config, listed, listedSince }: Upstream, now: number): boolean {
  const { slowStart } = config.settings.balance;
  return (
    slowStart !== null && listed.some((one) => now - listedSince[one] < slowStart.windowMicros)
  );
}

/** Ejections, breakers or the list have changed. */
export function onHealthChanged(upstream: Upstream): void {
  const { endpoints, healthy, outliers, breakers } = upstream;
  const perInstance = breakerScope(upstream) === 'instance';
  for (let one = 0; one < endpoints.length; one++) {
    const isOpen = perInstance && breakers[one].phase !== 'closed';
    healthy[one] = !isOpen && !(outliers !== null && isEjected(outliers, one));
  }
  upstream.version++;
  upstream.groups = groupsOf(upstream);
}

export function saveUpstream(upstream: Upstream): Upstream {
  const { policy, states, outliers, breakers, budget } = upstream;
  return {
    ...upstream,
    endpoints: upstream.endpoints.slice(),
    listed: upstream.listed.slice(),
    active: upstream.active.slice(),
    weights: upstream.weights.slice(),
    healthy: upstream.healthy.slice(),
    listedSince: upstream.listedSince.slice(),
    states: states.map((state) => (state === undefined ? undefined : policy.save(state))),
    outliers: outliers && saveOutliers(outliers),
    breakers: breakers.map(saveBreaker),
    budget: budget && saveBudget(budget),
  };
}
