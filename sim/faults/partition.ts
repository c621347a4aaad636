/** Partition and heal: messages between some hosts are dropped until the end. */
import { betweenScope, groupScope, pairScope } from '../core/rules.ts';
import type { Scope } from '../core/rules.ts';
import type { PartitionShape, Selector } from '../../scenarios/scenario.ts';
import { joinNames } from './label.ts';
import { serversIn } from './roles.ts';
import { addRule, affectedByRule, everyHost, removeRule } from './rules.ts';
import type { RulesHeld } from './rules.ts';
import type { Aim } from './selectors.ts';
import { aimedHosts, pickSome } from './selectors.ts';
import type { ActionOf, Stage, Verb } from './verb.ts';

/** A scope, and who was drawn where the shape draws. */
interface Cut {
  readonly scope: Scope;
  readonly label?: string;
}

export const partition: Verb<ActionOf<'partition'>, RulesHeld> = {
  begin(action, aim, stage) {
    const { scope, label } = cutOf(action.shape, aim, stage);
    const held = addRule(action.traffic, scope, { kind: 'drop', probability: 1 }, stage);
    return label === undefined ? { held } : { held, label };
  },
  affected: affectedByRule,
  end: removeRule,
};

function cutOf(shape: PartitionShape, aim: Aim, stage: Stage): Cut {
  const all = everyHost(stage);
  const hosts = all.length;
  const aimed = (selector: Selector): readonly number[] => aimedHosts(aim, selector, stage.context);
  switch (shape.kind) {
    case 'isolate':
      return { scope: betweenScope(hosts, aimed(shape.hosts), all, true) };
    case 'oneway':
      return { scope: betweenScope(hosts, aimed(shape.from), aimed(shape.to), false) };
    case 'between':
      return { scope: betweenScope(hosts, aimed(shape.first), aimed(shape.second), true) };
    case 'zone': {
      const { context } = stage;
      const inside = context.hostsOf(shape.hosts.map((name) => context.targetOf(name)));
      const outside = all.filter((host) => !inside.includes(host));
      return { scope: betweenScope(hosts, inside, outside, true) };
    }
    case 'groups': {
      // A host that several selectors name belongs to the first of its groups.
      const groups = shape.groups.map((selector) => aimed(selector)).toReversed();
      return { scope: groupScope(hosts, groups) };
    }
    case 'halves':
      return halves(serverHosts(stage), '', stage);
    case 'bridge': {
      const bridge = aimed(shape.hosts);
      const others = serverHosts(stage).filter((host) => !bridge.includes(host));
      return halves(others, `bridge ${namesOf(bridge, stage)}: `, stage);
    }
    case 'ring':
      return ring(stage);
    default:
      return shape satisfies never;
  }
}

function serverHosts(stage: Stage): number[] {
  return serversIn(stage.context).map(({ host }) => host);
}

function namesOf(hosts: readonly number[], stage: Stage): string {
  return joinNames(hosts.map((host) => stage.context.world.hosts[host].name));
}

/** Two random halves, the first the smaller one. */
function halves(members: readonly number[], prefix: string, stage: Stage): Cut {
  const first = pickSome(members, Math.floor(members.length / 2), stage.draws());
  const second = members.filter((host) => !first.includes(host));
  return {
    scope: groupScope(stage.context.world.hosts.length, [first, second]),
    label: `partition ${prefix}${namesOf(first, stage)} | ${namesOf(second, stage)}`,
  };
}

/** Cuts every pair that is not adjacent in a random ring; up to three servers lose nothing. */
function ring(stage: Stage): Cut {
  const order = serverHosts(stage);
  stage.draws().shuffle(order);
  const size = order.length;
  const apart: [number, number][] = [];
  for (let i = 0; i < size; i++) {
    for (let j = i + 2; j < size; j++) {
      if (i !== 0 || j !== size - 1) apart.push([order[i], order[j]]);
    }
  }
  const names = order.map((host) => stage.context.world.hosts[host].name);
  return {
    scope: pairScope(stage.context.world.hosts.length, apart),
    label: `partition ring ${names.join(' ')}`,
  };
}
