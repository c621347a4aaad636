/** Fault items of the language -> fault items of the simulator. */
import type * as z from 'zod';
import type {
  DiskMode,
  Condition,
  FaultAction,
  FaultItem,
  FaultSpec,
  LinksSpec,
  PartitionShape,
  SwarmSpec,
  TrafficSpec,
  Trigger,
} from '../scenario.ts';
import { DATACENTERS, datacenterOf } from '../datacenters.ts';
import type { ScenarioDraft } from '../schema.ts';
import { ONE_OF, verbsOf } from '../schema/faults.ts';
import type { VERBS } from '../schema/faults.ts';
import type { HostTable, Selector, SelectorSyntax } from '../selectors.ts';
import { resolveSelector } from '../selectors.ts';
import { SWARM_KINDS } from '../vocabulary.ts';
import type { Path } from '../tree.ts';
import type { Complain } from './hosts.ts';

type Verbs = { [K in keyof typeof VERBS]: z.output<(typeof VERBS)[K]> };
type AnyFault = Verbs[keyof Verbs];
type WithLinks = Verbs['loss' | 'delay' | 'duplicate' | 'reorder' | 'hold'];

interface Context {
  readonly draft: ScenarioDraft;
  readonly table: HostTable;
  readonly originOf: (path: Path) => string;
  readonly complain: Complain;
}

type SwarmDraft = Omit<SwarmSpec, 'kind' | 'origin' | 'untilMicros'> & { readonly until?: number };

/** All items of `faults:`, numbered in the order of the file. */
export function resolveFaults(context: Context): FaultItem[] {
  let number = 0;
  const next = (): number => {
    number += 1;
    return number;
  };
  return context.draft.faults.map((item, index): FaultItem => {
    const path: Path = ['faults', index];
    if ('swarm' in item) {
      const {
        intensity,
        kinds = SWARM_KINDS,
        mix,
        until: untilMicros = null,
      } = item.swarm as SwarmDraft;
      const origin = context.originOf(path);
      return { kind: 'swarm', origin, intensity, kinds, mix, untilMicros };
    }
    if (verbsOf(item).length > 0) {
      return resolveFault(item as AnyFault, path, next(), false, context);
    }
    const [[name, steps]] = Object.entries(item as Readonly<Record<string, AnyFault[]>>) as [
      [string, AnyFault[]],
    ];
    return {
      kind: 'sequence',
      name,
      origin: context.originOf(path),
      steps: steps.map((step, place) =>
        resolveFault(step, [...path, name, place], next(), place > 0, context),
      ),
    };
  });
}

function resolveFault(
  fault: AnyFault,
  path: Path,
  number: number,
  laterStep: boolean,
  context: Context,
): FaultSpec {
  const select = (syntax: SelectorSyntax): Selector =>
    resolveSelector(syntax, context.table).selector;
  const action = resolveAction(fault, select, context.table, number);
  if (crossesDatacenters(action)) {
    context.complain(path, 'names servers of several datacenters; write a fault for each of them');
  }
  return {
    kind: 'fault',
    label: labelOf(action),
    number,
    origin: context.originOf(path),
    trigger: resolveTrigger(fault, laterStep, select, context.draft),
    lasts: ('for' in fault ? fault.for : undefined) ?? null,
    patienceMicros: fault.patience,
    action,
  };
}

/** Whom a change of the membership of these is asked of. */
function leaderOf(hosts: Selector): Selector {
  const [datacenter] = datacentersOf(hosts);
  if (datacenter === undefined || datacenter === DATACENTERS[0]) {
    return { kind: 'leader', text: 'leader' };
  }
  return { kind: 'leader', text: `leader(${datacenter})`, datacenter };
}

/** What one cluster is asked, or told, is about its own servers. */
function crossesDatacenters(action: FaultAction): boolean {
  if (!('leader' in action || action.kind === 'recover' || action.kind === 'transfer'))
    return false;
  const to = action.kind === 'transfer' && action.to !== null ? datacentersOf(action.to) : [];
  return new Set([...datacentersOf(action.hosts), ...to]).size > 1;
}

/** Those of the hosts that a selector may mean. */
function datacentersOf(selector: Selector): string[] {
  if (selector.kind === 'union') return [...new Set(selector.parts.flatMap(datacentersOf))];
  if (selector.kind === 'hosts') return [...new Set(selector.hosts.map(datacenterOf))];
  return [selector.datacenter ?? DATACENTERS[0]];
}

function asked<const Kind extends string>(kind: Kind, hosts: Selector) {
  return { kind, hosts, leader: leaderOf(hosts) };
}

type Select = (syntax: SelectorSyntax) => Selector;

function resolveTrigger(
  fault: AnyFault,
  laterStep: boolean,
  select: Select,
  draft: ScenarioDraft,
): Trigger {
  if (fault.at !== undefined) return { kind: 'at', atMicros: fault.at };
  if (fault.every !== undefined) {
    return {
      kind: 'every',
      period: fault.every,
      sinceMicros: fault.since ?? draft.warmup,
      untilMicros: fault.until ?? draft.duration,
    };
  }
  const afterMicros = fault.after ?? 0;
  if (fault.when === undefined || (laterStep && fault.when === undefined)) {
    return { kind: 'next', afterMicros };
  }
  const condition = resolveCondition(fault.when, select);
  return { kind: 'when', condition, afterMicros, times: fault.times ?? 1 };
}

function resolveCondition(when: NonNullable<AnyFault['when']>, select: Select): Condition {
  if ('elected' in when) return { kind: 'elected', count: when.elected };
  if ('committed' in when) return { kind: 'committed', index: when.committed };
  if ('appended' in when) {
    return { kind: 'appended', hosts: select(when.appended), count: when.count };
  }
  if ('leader' in when) return { kind: 'leader', hosts: select(when.leader) };
  if ('voted' in when) return { kind: 'voted', hosts: select(when.voted) };
  if ('campaign' in when) return { kind: 'campaign', hosts: select(when.campaign) };
  if ('crashed' in when) return { kind: 'crashed', hosts: select(when.crashed) };
  return { kind: 'write', hosts: select(when.write) };
}

function resolveAction(
  fault: AnyFault,
  select: Select,
  table: HostTable,
  number: number,
): FaultAction {
  if ('crash' in fault) {
    const { how, at_write: atWrite = null } = fault;
    const agent = fault.agent ? { agent: true as const } : {};
    return { kind: 'crash', hosts: select(fault.crash), how, atWrite, ...agent };
  }
  if ('restart' in fault) return resolveRestart(fault, select);
  if ('leave' in fault) return { kind: 'leave', hosts: select(fault.leave) };
  if ('recover' in fault) return { kind: 'recover', hosts: select(fault.recover) };
  if ('force_leave' in fault) {
    const prune = fault.prune ? { prune: true as const } : {};
    return { ...asked('force_leave', select(fault.force_leave)), ...prune };
  }
  if ('join' in fault) {
    const to = fault.to === undefined ? null : select(fault.to);
    return { kind: 'join', hosts: select(fault.join), to };
  }
  if ('upgrade' in fault) {
    const { to, one_by_one: oneByOne = false, wait = null } = fault;
    return { kind: 'upgrade', hosts: select(fault.upgrade), to, number, oneByOne, wait };
  }
  if ('pause' in fault) {
    const agent = fault.agent ? { agent: true as const } : {};
    return { kind: 'pause', hosts: select(fault.pause), mode: fault.kind, ...agent };
  }
  if ('maintenance' in fault) {
    return { kind: 'maintenance', hosts: select(fault.maintenance), of: fault.of };
  }
  if ('partition' in fault) {
    const shape = resolveShape(fault.partition, select, table);
    return { kind: 'partition', shape, traffic: trafficOf(fault) };
  }
  if ('slow' in fault) {
    const resource = (ONE_OF.slow as readonly ('cpu' | 'link' | 'disk')[]).find(
      (name) => fault[name] !== undefined,
    )!;
    return { kind: 'slow', hosts: select(fault.slow), resource, factor: fault[resource]! };
  }
  if ('skew' in fault) {
    const change = (ONE_OF.skew as readonly ('offset' | 'drift' | 'jump')[]).find(
      (name) => fault[name] !== undefined,
    )!;
    return { kind: 'skew', hosts: select(fault.skew), change, amount: fault[change]! };
  }
  if ('add' in fault) {
    return { ...asked('add', select(fault.add)), suffrage: fault.as };
  }
  if ('remove' in fault) return asked('remove', select(fault.remove));
  if ('demote' in fault) return asked('demote', select(fault.demote));
  if ('transfer' in fault) {
    const to = fault.to === undefined ? null : select(fault.to);
    return { kind: 'transfer', hosts: select(fault.transfer), to };
  }
  if ('disk' in fault) {
    const mode = (ONE_OF.disk as readonly DiskMode[]).find((name) => fault[name] !== undefined)!;
    return { kind: 'disk', hosts: select(fault.disk), mode };
  }
  // A mesh has one datacenter.
  const anyLeader: Selector = { kind: 'leader', text: 'leader' };
  if ('rotate_ca' in fault) return { kind: 'rotate_ca', hosts: anyLeader };
  if ('ca_outage' in fault) return { kind: 'ca_outage' };
  if ('intention' in fault) {
    return { kind: 'intention', hosts: anyLeader, intention: fault.intention };
  }
  return 'heal' in fault ? { kind: 'heal' } : resolveLinkAction(fault, select);
}

function resolveLinkAction(fault: WithLinks, select: Select): FaultAction {
  const links = linksOf(fault, select);
  if ('loss' in fault) return { kind: 'loss', links, probability: fault.loss };
  if ('duplicate' in fault) return { kind: 'duplicate', links, probability: fault.duplicate };
  if ('delay' in fault) return { kind: 'delay', links, delay: fault.delay };
  if ('reorder' in fault) return { kind: 'reorder', links, delay: fault.reorder };
  return { kind: 'hold', links };
}

function resolveRestart(fault: Verbs['restart'], select: Select): FaultAction {
  const { restart } = fault;
  const nested = 'hosts' in restart ? restart : undefined;
  const settings = nested ?? fault;
  return {
    kind: 'restart',
    hosts: select(nested ? nested.hosts : (restart as SelectorSyntax)),
    oneByOne: settings.one_by_one ?? false,
    wait: settings.wait ?? null,
    ...(fault.how === 'terminate' ? {} : { how: fault.how }),
    ...(fault.agent ? { agent: true as const } : {}),
  };
}

function trafficOf(fault: WithLinks | Verbs['partition']): TrafficSpec {
  return { only: fault.only ?? null, transport: fault.transport };
}

function linksOf(fault: WithLinks, select: Select): LinksSpec {
  const traffic = trafficOf(fault);
  if (!fault.between) {
    const from = fault.from ? select(fault.from) : null;
    const to = fault.to ? select(fault.to) : null;
    return { ...traffic, from, to, bothWays: false };
  }
  const [first, second] = [select(fault.between[0]), select(fault.between[1])];
  const inward = fault.direction === 'in';
  const bothWays = fault.direction === undefined || fault.direction === 'both';
  return { ...traffic, from: inward ? second : first, to: inward ? first : second, bothWays };
}

function resolveShape(
  shape: Verbs['partition']['partition'],
  select: Select,
  table: HostTable,
): PartitionShape {
  if ('isolate' in shape) return { kind: 'isolate', hosts: select(shape.isolate) };
  if ('bridge' in shape) return { kind: 'bridge', hosts: select(shape.bridge) };
  if ('groups' in shape) return { kind: 'groups', groups: shape.groups.map(select) };
  if ('oneway' in shape) {
    return { kind: 'oneway', from: select(shape.oneway.from), to: select(shape.oneway.to) };
  }
  if ('zone' in shape) {
    return { kind: 'zone', zone: shape.zone, hosts: table.zones.get(shape.zone) ?? [] };
  }
  if ('between' in shape) {
    return { kind: 'between', first: select(shape.between[0]), second: select(shape.between[1]) };
  }
  return { kind: 'halves' in shape ? 'halves' : 'ring' };
}

/** `crash leader`, `partition isolate s1`, `slow s3 disk`, `loss s1 > s2`. */
export function labelOf(action: FaultAction): string {
  switch (action.kind) {
    case 'heal':
      return 'heal';
    case 'partition':
      return `partition ${shapeText(action.shape)}`;
    case 'loss':
    case 'duplicate':
    case 'delay':
    case 'reorder':
    case 'hold': {
      const { from, to, bothWays } = action.links;
      if (!from && !to) return `${action.kind} everywhere`;
      return `${action.kind} ${from?.text ?? '*'} ${bothWays ? '<>' : '>'} ${to?.text ?? '*'}`;
    }
    case 'slow':
      return `slow ${action.resource} ${action.hosts.text}`;
    case 'skew':
      return `skew ${action.change} ${action.hosts.text}`;
    case 'transfer':
    case 'join':
      return `${action.kind} ${action.hosts.text}${action.to === null ? '' : ` to ${action.to.text}`}`;
    case 'disk':
      return `disk ${action.mode} ${action.hosts.text}`;
    case 'upgrade':
      return `upgrade ${action.hosts.text} to ${action.to.release}`;
    case 'rotate_ca':
      return 'rotate CA';
    case 'ca_outage':
      return 'CA outage';
    case 'intention': {
      const { source, destination, action: verdict } = action.intention;
      return `${verdict} ${source} > ${destination}`;
    }
    default:
      return `${action.kind} ${action.hosts.text}`;
  }
}

function shapeText(shape: PartitionShape): string {
  switch (shape.kind) {
    case 'isolate':
    case 'bridge':
      return `${shape.kind} ${shape.hosts.text}`;
    case 'groups':
      return shape.groups.map(({ text }) => text).join(' | ');
    case 'oneway':
      return `${shape.from.text} > ${shape.to.text}`;
    case 'zone':
      return `zone ${shape.zone}`;
    case 'between':
      return `${shape.first.text} | ${shape.second.text}`;
    default:
      return shape.kind;
  }
}
