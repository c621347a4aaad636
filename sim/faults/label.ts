/** What a fault is called in reports: `crash s1`, `partition s1 s2 | s3`, `loss s1 > s2..s4`. */
import type { FaultAction, PartitionShape, Selector } from '../../scenarios/scenario.ts';

/** The text of a selector: as written, or the hosts it turned out to mean. */
export type Namer = (selector: Selector) => string;

export const asWritten: Namer = ({ text }) => text;

export function describeAction(action: FaultAction, name: Namer = asWritten): string {
  switch (action.kind) {
    case 'heal':
      return 'heal';
    case 'partition':
      return `partition ${describeShape(action.shape, name)}`;
    case 'loss':
    case 'duplicate':
    case 'delay':
    case 'reorder':
    case 'hold': {
      const { from, to, bothWays } = action.links;
      if (from === null && to === null) return `${action.kind} everywhere`;
      const ends = [from === null ? '*' : name(from), to === null ? '*' : name(to)];
      return `${action.kind} ${ends.join(bothWays ? ' <> ' : ' > ')}`;
    }
    case 'slow':
      return `slow ${action.resource} ${name(action.hosts)}`;
    case 'skew':
      return `skew ${action.change} ${name(action.hosts)}`;
    case 'disk':
      return `disk ${action.mode} ${name(action.hosts)}`;
    case 'transfer':
    case 'join': {
      const to = action.to === null ? '' : ` to ${name(action.to)}`;
      return `${action.kind} ${name(action.hosts)}${to}`;
    }
    case 'add':
    case 'remove':
    case 'demote':
    case 'crash':
    case 'restart':
    case 'leave':
    case 'force_leave':
    case 'recover':
    case 'pause':
      return `${action.kind} ${'agent' in action ? 'agent of ' : ''}${name(action.hosts)}`;
    case 'maintenance':
      return `maintenance of ${action.of === 'node' ? 'node ' : ''}${name(action.hosts)}`;
    case 'rotate_ca':
      return 'rotate CA';
    case 'ca_outage':
      return 'CA outage';
    case 'intention': {
      const { source, destination, action: verdict } = action.intention;
      return `${verdict} ${source} > ${destination}`;
    }
    case 'upgrade':
      return `upgrade ${name(action.hosts)} to ${action.to.release}`;
    default:
      return action satisfies never;
  }
}

function describeShape(shape: PartitionShape, name: Namer): string {
  switch (shape.kind) {
    case 'isolate':
    case 'bridge':
      return `${shape.kind} ${name(shape.hosts)}`;
    case 'groups':
      return shape.groups.map(name).join(' | ');
    case 'oneway':
      return `${name(shape.from)} > ${name(shape.to)}`;
    case 'zone':
      return `zone ${shape.zone}`;
    case 'between':
      return `${name(shape.first)} | ${name(shape.second)}`;
    case 'halves':
    case 'ring':
      return shape.kind;
    default:
      return shape satisfies never;
  }
}

/** Names of hosts, runs of three and more as a range: `s1..s3 s5`. */
export function joinNames(names: readonly string[]): string {
  const words: string[] = [];
  for (let first = 0; first < names.length;) {
    let last = first;
    while (last + 1 < names.length && follows(names[last], names[last + 1])) last++;
    if (last - first >= 2) {
      words.push(`${names[first]}..${names[last]}`);
      first = last + 1;
    } else {
      words.push(names[first++]);
    }
  }
  return words.join(' ');
}

function follows(name: string, next: string): boolean {
  const [, stem, digits] = /^(.*?)(\d+)$/.exec(name) ?? [];
  return stem !== undefined && next === `${stem}${Number(digits) + 1}`;
}
