/** Slow and restore: a host's processor, links or disk takes longer by a factor. */
import type { World } from '../core/world.ts';
import type { ActionOf, Stage, Verb } from './verb.ts';

export interface SlowHeld {
  readonly kind: 'slow';
  readonly hosts: readonly number[];
  readonly resource: 'cpu' | 'link' | 'disk';
  readonly factor: number;
  /** What had been slowed on these hosts before. */
  readonly before: number;
}

export const slow: Verb<ActionOf<'slow'>, SlowHeld> = {
  begin({ resource, factor, ...action }, aim, stage) {
    const hosts = aim.get(action.hosts)!;
    const { world } = stage.context;
    const held: SlowHeld = {
      kind: 'slow',
      hosts,
      resource,
      factor,
      before: slowedSoFar(world, hosts, resource),
    };
    for (const host of hosts) slowDown(world, host, held, stage);
    return { held };
  },
  affected: countSlowed,
  end(held, stage) {
    const { world } = stage.context;
    for (const host of held.hosts) restore(world, host, held, stage);
    return countSlowed(held, stage);
  },
};

function countSlowed({ hosts, resource, before }: SlowHeld, { context }: Stage): number {
  return slowedSoFar(context.world, hosts, resource) - before;
}

function slowDown(world: World, host: number, held: SlowHeld, stage: Stage): void {
  if (held.resource === 'link') world.network.slowDown(host, held.factor);
  else if (held.resource === 'disk') world.hosts[host].disk.slowDown(held.factor);
  else setProcessors(world, host, held.factor, stage);
}

function restore(world: World, host: number, held: SlowHeld, stage: Stage): void {
  if (held.resource === 'link') world.network.restoreSpeed(host, held.factor);
  else if (held.resource === 'disk') world.hosts[host].disk.restoreSpeed(world, held.factor);
  else setProcessors(world, host, 1, stage);
}

/** The factor of a processor is the product of all faults in force; `own` is this fault's part. */
function setProcessors(world: World, host: number, own: number, stage: Stage): void {
  let factor = own;
  for (const other of stage.others('slow')) {
    if (other.resource === 'cpu' && other.hosts.includes(host)) factor *= other.factor;
  }
  for (const process of world.hosts[host].processes) process.cpuFactor = factor;
}

function slowedSoFar(
  world: World,
  hosts: readonly number[],
  resource: SlowHeld['resource'],
): number {
  let slowed = 0;
  for (const host of hosts) {
    if (resource === 'link') slowed += world.network.slowedAt(host);
    else if (resource === 'disk') slowed += world.hosts[host].disk.touched.slowed;
    else for (const process of world.hosts[host].processes) slowed += process.slowedMessages;
  }
  return slowed;
}
