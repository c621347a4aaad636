/**
 * Which instances a request may go to before the policy picks one: all that are healthy, those of one
 * zone, or in panic everybody. Zones are chosen as Envoy does: by weights that shrink with health
 * (overprovisioned by 1.4), by the share of clients and instances per zone, or the own zone first.
 *
 * Known deviation: Envoy chooses localities by weighted round robin, here by weighted draws.
 */
import type { Draws } from '../../core/draws.ts';
import type { Upstream } from './upstream.ts';

/** Smallest service for which clients look at zones. */
const MIN_CLUSTER_SIZE = 6;

/** Instances that a policy picks among. */
export interface Group {
  /** The policy's state for it: stays when health changes. */
  readonly key: number;
  readonly candidates: readonly number[];
  /** Share of the requests. */
  readonly share: number;
}

/** Groups whose shares add up to 1; none where there is nobody to ask. */
export type Groups = readonly Group[];

export function groupsOf(upstream: Upstream): Groups {
  const { locality } = upstream.config.settings.balance;
  if (upstream.listed.length === 0) return [];
  switch (locality) {
    case 'none':
      return [{ key: 0, candidates: usable(upstream, upstream.listed), share: 1 }];
    case 'zone-aware':
      return zoneAware(upstream);
    case 'weighted':
      return weighted(upstream);
    case 'failover':
      return failover(upstream);
    default:
      return locality satisfies never;
  }
}

/** Draws a group; from one there is nothing to draw. */
export function chooseGroup(groups: Groups, draws: Draws): Group | undefined {
  if (groups.length <= 1) return groups[0];
  let at = draws.unit();
  for (const group of groups) {
    at -= group.share;
    if (at < 0) return group;
  }
  return groups.at(-1);
}

function healthyOf({ healthy }: Upstream, members: readonly number[]): number[] {
  return members.filter((one) => healthy[one]);
}

/** The healthy ones, or in panic all; a policy that looks at health itself always sees all. */
function usable(upstream: Upstream, members: readonly number[]): readonly number[] {
  if (upstream.policy.seesHealth === true) return members;
  const { panic } = upstream.config.settings.balance;
  const healthy = healthyOf(upstream, members);
  const isPanic = healthy.length / members.length < panic;
  return isPanic ? members : healthy;
}

interface Zone {
  readonly name: string;
  readonly key: number;
  readonly members: number[];
  readonly healthy: number;
}

/** In the order in which the list first names them. */
function zonesOf(upstream: Upstream): Zone[] {
  const { endpoints, listed } = upstream;
  const names = [...new Set(endpoints.map(({ zone }) => zone))];
  return names.flatMap((name, at) => {
    const members = listed.filter((one) => endpoints[one].zone === name);
    if (members.length === 0) return [];
    return [{ name, key: at + 1, members, healthy: healthyOf(upstream, members).length }];
  });
}

function shared(upstream: Upstream, zones: readonly Zone[], weights: readonly number[]): Groups {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0) return [{ key: 0, candidates: usable(upstream, upstream.listed), share: 1 }];
  return zones.flatMap(({ key, members }, at) => {
    const candidates = usable(upstream, members);
    if (weights[at] === 0 || candidates.length === 0) return [];
    return [{ key, candidates, share: weights[at] / sum }];
  });
}

/** Available part of so many: health counts 1.4 times, up to all of it. */
function availability(healthy: number, total: number, overprovisioning: number): number {
  return total === 0 ? 0 : Math.min(1, (overprovisioning * healthy) / total);
}

function weighted(upstream: Upstream): Groups {
  const { zoneWeights, overprovisioning, panic } = upstream.config.settings.balance;
  const zones = zonesOf(upstream);
  const healthy = zones.reduce((total, zone) => total + zone.healthy, 0);
  const isPanic = healthy / upstream.listed.length < panic;
  const weights = zones.map((zone) => {
    const part = isPanic ? 1 : availability(zone.healthy, zone.members.length, overprovisioning);
    return (zoneWeights[zone.name] ?? 1) * part;
  });
  return shared(upstream, zones, weights);
}

/** Stays in the own zone as far as its instances reach for its clients; the rest goes where room is. */
function zoneAware(upstream: Upstream): Groups {
  const { zone: own, clientShares, settings } = upstream.config;
  const zones = zonesOf(upstream);
  const total = zones.reduce((sum, { healthy }) => sum + healthy, 0);
  const isPanic = total / upstream.listed.length < settings.balance.panic;
  const local = zones.find(({ name }) => name === own);
  if (upstream.listed.length < MIN_CLUSTER_SIZE || isPanic || !local?.healthy) {
    return [{ key: 0, candidates: usable(upstream, upstream.listed), share: 1 }];
  }
  const room = ({ name, healthy }: Zone): number =>
    Math.max(0, healthy / total - (clientShares.get(name) ?? 0));
  const share = Math.min(1, local.healthy / total / (clientShares.get(own) ?? 1));
  const rest = zones.reduce((sum, zone) => sum + (zone === local ? 0 : room(zone)), 0);
  const weights = zones.map((zone) => {
    if (zone === local) return rest === 0 ? 1 : share;
    return rest === 0 ? 0 : (1 - share) * (room(zone) / rest);
  });
  return shared(upstream, zones, weights);
}

/** Priority 0 is the own zone, 1 all others: what the first cannot take spills over. */
function failover(upstream: Upstream): Groups {
  const { zone: own, settings } = upstream.config;
  const { overprovisioning } = settings.balance;
  const { endpoints, listed } = upstream;
  const levels = [
    listed.filter((one) => endpoints[one].zone === own),
    listed.filter((one) => endpoints[one].zone !== own),
  ];
  const parts = levels.map((members) =>
    availability(healthyOf(upstream, members).length, members.length, overprovisioning),
  );
  const second = Math.min(parts[1], 1 - parts[0]);
  const sum = parts[0] + second;
  const shares =
    sum === 0 ? levels.map(({ length }) => length / listed.length) : [parts[0] / sum, second / sum];
  return levels.flatMap((members, at) => {
    if (shares[at] === 0 || members.length === 0) return [];
    // While both levels together are whole nobody panics; a level below its threshold does.
    const candidates = sum >= 1 ? calm(upstream, members) : usable(upstream, members);
    return candidates.length === 0 ? [] : [{ key: at + 1, candidates, share: shares[at] }];
  });
}

function calm(upstream: Upstream, members: readonly number[]): readonly number[] {
  return upstream.policy.seesHealth === true ? members : healthyOf(upstream, members);
}
