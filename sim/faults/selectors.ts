/** From a selector to hosts, at the moment a fault begins. */
import type { Draws } from '../core/draws.ts';
import type { FaultAction, PartitionShape, Selector } from '../../scenarios/scenario.ts';
import type { FaultContext } from './context.ts';
import { leaderOf, serversIn, votersOf } from './roles.ts';

/** Every selector of an action, in the order in which they are looked up. */
export function selectorsOf(action: FaultAction): readonly Selector[] {
  switch (action.kind) {
    case 'heal':
    case 'ca_outage':
      return [];
    case 'partition':
      return selectorsOfShape(action.shape);
    case 'loss':
    case 'duplicate':
    case 'delay':
    case 'reorder':
    case 'hold':
      return [action.links.from, action.links.to].filter((selector) => selector !== null);
    case 'add':
    case 'remove':
    case 'demote':
    case 'force_leave':
      return [action.hosts, action.leader];
    case 'transfer':
    case 'join':
      return action.to === null ? [action.hosts] : [action.hosts, action.to];
    default:
      return [action.hosts];
  }
}

function selectorsOfShape(shape: PartitionShape): readonly Selector[] {
  switch (shape.kind) {
    case 'isolate':
    case 'bridge':
      return [shape.hosts];
    case 'groups':
      return shape.groups;
    case 'oneway':
      return [shape.from, shape.to];
    case 'between':
      return [shape.first, shape.second];
    default:
      return [];
  }
}

/** Targets, none twice, that each selector of an action turned out to mean. */
export type Aim = ReadonlyMap<Selector, readonly number[]>;

/** Indexes of their hosts. */
export function aimedHosts(aim: Aim, selector: Selector, context: FaultContext): readonly number[] {
  return context.hostsOf(aim.get(selector)!);
}

/**
 * Looks up every selector, or returns null while one of them is nobody. Nothing is drawn in that
 * case, so that asking again later does not shift what is drawn then.
 */
export function takeAim(
  action: FaultAction,
  context: FaultContext,
  draws: () => Draws,
): Aim | null {
  const selectors = selectorsOf(action);
  if (selectors.some((selector) => isNobody(selector, context))) return null;
  return new Map(
    selectors.map((selector) => [selector, [...new Set(resolve(selector, context, draws))]]),
  );
}

function isNobody(selector: Selector, context: FaultContext): boolean {
  switch (selector.kind) {
    case 'hosts':
      return selector.hosts.length === 0;
    case 'leader':
      return leaderOf(context, selector.datacenter) === undefined;
    case 'followers':
      return followersOf(context, selector.datacenter).length === 0;
    case 'voters':
      return votersOf(context, selector.datacenter).length === 0;
    case 'union':
      return selector.parts.every((part) => isNobody(part, context));
    default:
      return randomCount(selector, serversIn(context, selector.datacenter).length) === 0;
  }
}

function resolve(selector: Selector, context: FaultContext, draws: () => Draws): number[] {
  switch (selector.kind) {
    case 'hosts':
      return selector.hosts.map((name) => context.targetOf(name));
    case 'leader': {
      const leader = leaderOf(context, selector.datacenter);
      return leader === undefined ? [] : [leader.host];
    }
    case 'followers':
      return followersOf(context, selector.datacenter);
    case 'voters':
      return votersOf(context, selector.datacenter).map(({ host }) => host);
    case 'union':
      return selector.parts.flatMap((part) => resolve(part, context, draws));
    default: {
      const hosts = serversIn(context, selector.datacenter).map(({ host }) => host);
      return pickSome(hosts, randomCount(selector, hosts.length), draws());
    }
  }
}

function followersOf(context: FaultContext, datacenter?: string): number[] {
  const leader = leaderOf(context, datacenter)?.process;
  return votersOf(context, datacenter)
    .filter(({ process }) => process !== leader)
    .map(({ host }) => host);
}

function randomCount(selector: Selector, servers: number): number {
  switch (selector.kind) {
    case 'random':
      return Math.min(selector.count, servers);
    case 'random-share':
      return Math.min(servers, Math.max(1, Math.round(selector.share * servers)));
    case 'minority':
      return Math.floor((servers - 1) / 2);
    case 'majority':
      return Math.floor(servers / 2) + 1;
    default:
      return 0;
  }
}

/** A random set in ascending order; takes as many draws as it picks. */
export function pickSome(from: readonly number[], count: number, draws: Draws): number[] {
  const left = from.slice();
  const picked: number[] = [];
  while (picked.length < count) picked.push(...left.splice(draws.below(left.length), 1));
  return picked.sort((a, b) => a - b);
}
