/** Faults that are rules of the network: installing the rule is the fault, removing it the heal. */
import { Transport } from '../core/rules.ts';
import type { RuleAction, Scope, TransportMask } from '../core/rules.ts';
import { betweenScope } from '../core/rules.ts';
import type { LinksSpec, Selector, TrafficSpec } from '../../scenarios/scenario.ts';
import { aimedHosts } from './selectors.ts';
import type { Aim } from './selectors.ts';
import type { Stage } from './verb.ts';

export interface RulesHeld {
  readonly kind: 'rules';
  readonly rule: number;
}

/** Puts a rule in force for some of the traffic in its scope. */
export function addRule(
  traffic: TrafficSpec,
  scope: Scope,
  action: RuleAction,
  stage: Stage,
): RulesHeld {
  const { network } = stage.context.world;
  const rule = network.rules.add({
    fault: stage.fault,
    scope,
    transport: Transport[traffic.transport] as TransportMask,
    classes: classMask(traffic, stage),
    action,
    draws: stage.messageDraws(),
  });
  stage.networkChanged();
  return { kind: 'rules', rule };
}

function classMask({ only }: TrafficSpec, stage: Stage): Uint8Array | null {
  if (only === null) return null;
  const { classes } = stage.context.world;
  const mask = new Uint8Array(classes.length);
  for (const name of only) {
    const index = classes.indexOf(name);
    if (index > 0) mask[index] = 1;
  }
  return mask;
}

export function affectedByRule(held: RulesHeld, stage: Stage): number {
  return stage.context.world.network.rules.affected(held.rule);
}

export function removeRule(held: RulesHeld, stage: Stage): number {
  stage.networkChanged();
  return stage.context.world.network.rules.remove(held.rule);
}

/** Indexes of all hosts, load clients included. */
export function everyHost(stage: Stage): number[] {
  return stage.context.world.hosts.map(({ index }) => index);
}

/** The ordered pairs that a fault on links is about. */
export function linksScope(links: LinksSpec, aim: Aim, stage: Stage): Scope {
  const all = everyHost(stage);
  const hostsOf = (selector: Selector | null): readonly number[] =>
    selector === null ? all : aimedHosts(aim, selector, stage.context);
  return betweenScope(all.length, hostsOf(links.from), hostsOf(links.to), links.bothWays);
}
