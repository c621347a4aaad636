/**
 * Slow and restore: a host's processor, links or disk takes longer by a factor. An instance that shares
 * its host has a share of the processor of its own.
 */
import type { World } from '../core/world.ts';
import type { FaultContext } from './context.ts';
import { aimedHosts } from './selectors.ts';
import type { ActionOf, Stage, Verb } from './verb.ts';

export interface SlowHeld {
  readonly kind: 'slow';
  /** Hosts of links and disks, processes of a processor. */
  readonly slowed: readonly number[];
  readonly resource: 'cpu' | 'link' | 'disk';
  readonly factor: number;
  /** What had been slowed on these hosts before. */
  readonly before: number;
}

export const slow: Verb<ActionOf<'slow'>, SlowHeld> = {
  begin({ resource, factor, ...action }, aim, stage) {
    const { context } = stage;
    const { world } = context;
    const slowed =
      resource === 'cpu'
        ? processesOf(aim.get(action.hosts)!, context)
        : aimedHosts(aim, action.hosts, context);
    const before = slowedSoFar(world, slowed, resource);
    const held: SlowHeld = { kind: 'slow', slowed, resource, factor, before };
    for (const one of slowed) slowDown(world, one, held, stage);
    return { held };
  },
  affected: countSlowed,
  end(held, stage) {
    const { world } = stage.context;
    for (const one of held.slowed) restore(world, one, held, stage);
    return countSlowed(held, stage);
  },
};

/** All of a host, by its name; one program, by that of an instance that shares a host. */
function processesOf(targets: readonly number[], context: FaultContext): readonly number[] {
  const { hosts } = context.world;
  const concerned = targets.flatMap((target) =>
    target < hosts.length ? context.processesOf(target) : [target],
  );
  return [...new Set(concerned)];
}

function countSlowed({ slowed, resource, before }: SlowHeld, { context }: Stage): number {
  return slowedSoFar(context.world, slowed, resource) - before;
}

function slowDown(world: World, index: number, held: SlowHeld, stage: Stage): void {
  if (held.resource === 'link') world.network.slowDown(index, held.factor);
  else if (held.resource === 'disk') world.hosts[index].disk.slowDown(held.factor);
  else setProcessor(world, index, held.factor, stage);
}

function restore(world: World, index: number, held: SlowHeld, stage: Stage): void {
  if (held.resource === 'link') world.network.restoreSpeed(index, held.factor);
  else if (held.resource === 'disk') world.hosts[index].disk.restoreSpeed(world, held.factor);
  else setProcessor(world, index, 1, stage);
}

/** The factor of a processor is the product of all faults in force; `own` is this fault's part. */
function setProcessor(world: World, process: number, own: number, stage: Stage): void {
  let factor = own;
  for (const other of stage.others('slow')) {
    if (other.resource === 'cpu' && other.slowed.includes(process)) factor *= other.factor;
  }
  world.processes[process].cpuFactor = factor;
}

function slowedSoFar(
  world: World,
  indexes: readonly number[],
  resource: SlowHeld['resource'],
): number {
  let slowed = 0;
  for (const index of indexes) {
    if (resource === 'link') slowed += world.network.slowedAt(index);
    else if (resource === 'disk') slowed += world.hosts[index].disk.touched.slowed;
    else slowed += world.processes[index].slowedMessages;
  }
  return slowed;
}
