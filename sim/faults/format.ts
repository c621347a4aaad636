/** A fault as a line of the scenario language, so that a plan that was drawn can be kept as a file. */
import type {
  Condition,
  FaultAction,
  FaultItem,
  FaultSpec,
  IntentionSpec,
  LinksSpec,
  PartitionShape,
  Selector,
  SwarmSpec,
  TrafficSpec,
  Trigger,
} from '../../scenarios/scenario.ts';
import { distributionText, durationText, percentText } from './units.ts';

type Field = readonly [key: string, text: string];

const PATIENCE_MICROS = 10_000_000;

/** `faults:` of a scenario with these items: lines of a YAML list, indented by `indent` spaces. */
export function formatFaults(items: readonly FaultItem[], indent = 2): string {
  const margin = ' '.repeat(indent);
  return items
    .map((item) => {
      if (item.kind === 'swarm') {
        return `${margin}- swarm: ${swarmText(item)}\n`;
      }
      if (item.kind === 'fault') return `${margin}- ${formatFault(item)}\n`;
      const steps = item.steps.map((step) => `${margin}    - ${formatFault(step)}\n`);
      return `${margin}- ${item.name}:\n${steps.join('')}`;
    })
    .join('');
}

function swarmText({ intensity, kinds, mix }: SwarmSpec): string {
  return mapText([
    ['intensity', percentText(intensity)],
    ['kinds', `[${kinds.join(', ')}]`],
    ['mix', mix],
  ]);
}

/** `{ at: 12.5s, for: 3s, crash: s2, how: power }`. */
export function formatFault({ trigger, lasts, patienceMicros, action }: FaultSpec): string {
  const fields: Field[] = triggerFields(trigger);
  if (lasts !== null) fields.push(['for', distributionText(lasts)]);
  fields.push(...actionFields(action));
  if (patienceMicros !== PATIENCE_MICROS) fields.push(['patience', durationText(patienceMicros)]);
  return mapText(fields);
}

function mapText(fields: readonly Field[]): string {
  return `{ ${fields.map(([key, text]) => `${key}: ${text}`).join(', ')} }`;
}

/** A selector that holds more than a word of letters is quoted. */
function selectorText({ text }: Selector): string {
  const words = text.split(', ').map((word) => (/^[a-z0-9.-]+$/i.test(word) ? word : `"${word}"`));
  return words.length > 1 ? `[${words.join(', ')}]` : words[0];
}

function triggerFields(trigger: Trigger): Field[] {
  switch (trigger.kind) {
    case 'at':
      return [['at', durationText(trigger.atMicros)]];
    case 'every':
      return [
        ['every', distributionText(trigger.period)],
        ['since', durationText(trigger.sinceMicros)],
        ['until', durationText(trigger.untilMicros)],
      ];
    case 'when': {
      const fields: Field[] = [['when', conditionText(trigger.condition)]];
      if (trigger.afterMicros > 0) fields.push(['after', durationText(trigger.afterMicros)]);
      if (trigger.times > 1) fields.push(['times', String(trigger.times)]);
      return fields;
    }
    case 'next':
      return trigger.afterMicros > 0 ? [['after', durationText(trigger.afterMicros)]] : [];
    default:
      return trigger satisfies never;
  }
}

function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case 'elected':
      return mapText([['elected', String(condition.count)]]);
    case 'committed':
      return mapText([['committed', String(condition.index)]]);
    case 'appended':
      return mapText([
        ['appended', selectorText(condition.hosts)],
        ['count', String(condition.count)],
      ]);
    default:
      return mapText([[condition.kind, selectorText(condition.hosts)]]);
  }
}

function actionFields(action: FaultAction): Field[] {
  switch (action.kind) {
    case 'crash': {
      const fields: Field[] = [
        ['crash', selectorText(action.hosts)],
        ['how', action.how],
      ];
      if (action.atWrite !== null) fields.push(['at_write', String(action.atWrite)]);
      if (action.agent === true) fields.push(['agent', 'true']);
      return fields;
    }
    case 'restart':
      return restartFields(action);
    case 'pause':
      return [
        ['pause', selectorText(action.hosts)],
        ['kind', action.mode],
        ...(action.agent === true ? [['agent', 'true'] satisfies Field] : []),
      ];
    case 'maintenance':
      return [
        ['maintenance', selectorText(action.hosts)],
        ['of', action.of],
      ];
    case 'partition':
      return [['partition', shapeText(action.shape)], ...trafficFields(action.traffic)];
    case 'loss':
    case 'duplicate':
      return [[action.kind, percentText(action.probability)], ...linksFields(action.links)];
    case 'delay':
    case 'reorder':
      return [[action.kind, distributionText(action.delay)], ...linksFields(action.links)];
    case 'hold':
      return [['hold', 'true'], ...linksFields(action.links)];
    case 'slow':
      return [
        ['slow', selectorText(action.hosts)],
        [action.resource, `${action.factor}x`],
      ];
    case 'skew': {
      const amount =
        action.change === 'drift' ? `${action.amount}ppm` : durationText(action.amount);
      return [
        ['skew', selectorText(action.hosts)],
        [action.change, amount],
      ];
    }
    case 'disk':
      return [
        ['disk', selectorText(action.hosts)],
        [action.mode, 'true'],
      ];
    case 'add':
    case 'remove':
    case 'demote':
    case 'transfer':
    case 'join':
    case 'leave':
    case 'force_leave':
    case 'recover':
      return membershipFields(action);
    case 'upgrade':
      return [...restartFields(action), ['to', JSON.stringify(action.to.release)]];
    case 'intention':
      return [['intention', intentionText(action.intention)]];
    case 'rotate_ca':
    case 'ca_outage':
    case 'heal':
      return [[action.kind, 'true']];
    default:
      return action satisfies never;
  }
}

function intentionText(intention: IntentionSpec): string {
  const words = Object.entries(intention) as [string, string][];
  return mapText(words.map(([key, word]) => [key, word === '*' ? '"*"' : word]));
}

function restartFields(action: FaultAction & { readonly kind: 'restart' | 'upgrade' }): Field[] {
  const fields: Field[] = [[action.kind, selectorText(action.hosts)]];
  if (action.oneByOne) fields.push(['one_by_one', 'true']);
  const { wait } = action;
  if (wait !== null) {
    fields.push(['wait', typeof wait === 'object' ? durationText(wait.micros) : wait]);
  }
  if (action.kind === 'upgrade') return fields;
  if (action.how !== undefined) fields.push(['how', action.how]);
  if (action.agent === true) fields.push(['agent', 'true']);
  return fields;
}

type MembershipAction = FaultAction & {
  readonly kind:
    'add' | 'remove' | 'demote' | 'transfer' | 'join' | 'leave' | 'force_leave' | 'recover';
};

function membershipFields(action: MembershipAction): Field[] {
  const fields: Field[] = [[action.kind, selectorText(action.hosts)]];
  if (action.kind === 'add') fields.push(['as', action.suffrage]);
  if (action.kind === 'force_leave' && action.prune === true) fields.push(['prune', 'true']);
  const to = action.kind === 'transfer' || action.kind === 'join' ? action.to : null;
  if (to !== null) fields.push(['to', selectorText(to)]);
  return fields;
}

function shapeText(shape: PartitionShape): string {
  switch (shape.kind) {
    case 'isolate':
    case 'bridge':
      return mapText([[shape.kind, selectorText(shape.hosts)]]);
    case 'groups':
      return mapText([['groups', `[${shape.groups.map(selectorText).join(', ')}]`]]);
    case 'oneway': {
      const ends: Field[] = [
        ['from', selectorText(shape.from)],
        ['to', selectorText(shape.to)],
      ];
      return mapText([['oneway', mapText(ends)]]);
    }
    case 'zone':
      return mapText([['zone', shape.zone]]);
    case 'between':
      return mapText([['between', pairText(shape.first, shape.second)]]);
    default:
      return mapText([[shape.kind, 'true']]);
  }
}

function pairText(first: Selector, second: Selector): string {
  return `[${selectorText(first)}, ${selectorText(second)}]`;
}

function linksFields(links: LinksSpec): Field[] {
  const { from, to, bothWays } = links;
  const fields: Field[] = [];
  if (bothWays && from !== null && to !== null) {
    fields.push(['between', pairText(from, to)]);
  } else {
    if (from !== null) fields.push(['from', selectorText(from)]);
    if (to !== null) fields.push(['to', selectorText(to)]);
  }
  return [...fields, ...trafficFields(links)];
}

function trafficFields({ only, transport }: TrafficSpec): Field[] {
  const fields: Field[] = [];
  if (only !== null) fields.push(['only', `[${only.join(', ')}]`]);
  if (transport !== 'all') fields.push(['transport', transport]);
  return fields;
}
