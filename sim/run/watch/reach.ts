/** Who reaches whom: a row for each sender, a character for each receiver. */
import type { World } from '../../core/world.ts';
import type { Execution } from '../execution.ts';
import { statusOf } from './servers.ts';

export const REACH = {
  self: '\\',
  whole: '.',
  /** Everything is cut. */
  cut: 'x',
  /** Some traffic is lost, late, held or twice. */
  impaired: '~',
  /** The receiver is down or paused. */
  down: '-',
} as const;
export type Reach = (typeof REACH)[keyof typeof REACH];

export interface ReachRow {
  readonly name: string;
  readonly cells: readonly Reach[];
}

/** Clients of one load reach whom the first of them reaches, unless a rule tells them apart. */
export function reachRows({ world, simulation }: Execution, hostsMax: number): ReachRow[] {
  const servers = simulation.servers.map(({ host }) => host);
  const others = world.hosts.map(({ index }) => index).filter((host) => !servers.includes(host));
  const room = Math.max(0, hostsMax - servers.length);
  const concerned = others.filter((host) => isConcerned(world, host, servers));
  const shown = [...servers, ...concerned.slice(0, room)];
  return shown.map((source) => ({
    name: world.hosts[source]!.name,
    cells: shown.map((target) => reachOf(world, source, target)),
  }));
}

/** Something is wrong with it, so that it is worth a row. */
function isConcerned(world: World, host: number, servers: readonly number[]): boolean {
  const { rules } = world.network;
  if (!isUp(world, host)) return true;
  return servers.some((server) => rules.touches(host, server) || rules.touches(server, host));
}

function reachOf(world: World, source: number, target: number): Reach {
  if (source === target) return REACH.self;
  const { rules } = world.network;
  if (!isUp(world, target) || !isUp(world, source)) return REACH.down;
  if (rules.cuts(source, target)) return REACH.cut;
  return rules.touches(source, target) ? REACH.impaired : REACH.whole;
}

function isUp(world: World, host: number): boolean {
  const { processes } = world.hosts[host]!;
  return processes.length === 0 || processes.some((process) => statusOf(process) === 'up');
}
