/** What the menu of faults does to a host, in the words of the scenario language. */
import type { BreakAction } from './keys.ts';

/** Faults that need no more than a host; null: somebody else has to be chosen first. */
export function faultText(action: BreakAction, host: string): string | null {
  switch (action) {
    case 'crash':
      return `crash: "${host}", how: kill`;
    case 'power':
      return `crash: "${host}", how: power`;
    case 'restart':
      return `restart: "${host}"`;
    case 'pause':
      return `pause: "${host}", kind: stop`;
    case 'suspend':
      return `pause: "${host}", kind: suspend`;
    case 'isolate':
      return `partition: { isolate: "${host}" }`;
    case 'slow':
      return `slow: "${host}", link: 10x`;
    case 'slowDisk':
      return `slow: "${host}", disk: 20x`;
    case 'stall':
      return `disk: "${host}", stall: true`;
    case 'drift':
      return `skew: "${host}", drift: 100000ppm`;
    case 'jump':
      return `skew: "${host}", jump: 1m`;
    case 'transfer':
      return `transfer: leader, to: "${host}"`;
    case 'groups':
    case 'oneway':
    case 'drop':
    case 'hold':
      return null;
    default:
      return action satisfies never;
  }
}

/** Those that end by themselves are not given a duration. */
export function isLasting(action: BreakAction): boolean {
  return !['restart', 'transfer', 'jump', 'drop', 'hold'].includes(action);
}

export function oneWayText(from: string, to: readonly string[]): string {
  return `partition: { oneway: { from: "${from}", to: ${listOf(to)} } }`;
}

export function groupsText(side: readonly string[], others: readonly string[]): string {
  return `partition: { groups: [${listOf(side)}, ${listOf(others)}] }`;
}

function listOf(hosts: readonly string[]): string {
  return `[${hosts.map((host) => `"${host}"`).join(', ')}]`;
}
