/** Who is a member of the LAN pools of a world, and what each of them holds. */
import type { ProcessIndex } from '../../core/machine.ts';
import type { World } from '../../core/world.ts';
import type { Member, MemberConfig } from '../../protocol/gossip/member.ts';
import type { GossipPool } from '../../protocol/gossip/pool.ts';
import { GOSSIP_MACHINE } from '../../protocol/gossip/vocabulary.ts';

/** The pools of a world, one for each datacenter; none where servers are alone. */
export function poolsOf(world: World): readonly GossipPool[] {
  const pools = new Set<GossipPool>();
  for (const { slotByNumber } of world.processes) {
    const slot = slotByNumber[GOSSIP_MACHINE];
    if (slot !== undefined) pools.add((slot.config as MemberConfig).pool);
  }
  return [...pools];
}

/** What is looked at: a world, or one of its datacenters. */
export interface Watched {
  readonly world: World;
  concerns?(process: ProcessIndex): boolean;
}

/** The pool of the datacenter, or null where it has none. */
export function poolOf({ world, concerns }: Watched): GossipPool | null {
  for (const { index, slotByNumber } of world.processes) {
    const slot = slotByNumber[GOSSIP_MACHINE];
    if (slot === undefined || concerns?.(index) === false) continue;
    return (slot.config as MemberConfig).pool;
  }
  return null;
}

/** Processes of all members, in the order of their numbers. */
export function memberProcesses(watched: Watched): readonly ProcessIndex[] {
  const pool = poolOf(watched);
  return pool === null ? [] : Array.from(pool.processOf);
}

/** Live memory of a member, or undefined while it is down. */
export function memberAt(world: World, process: ProcessIndex): Member | undefined {
  const { status, slotByNumber } = world.processes[process];
  return status === 'down' ? undefined : (slotByNumber[GOSSIP_MACHINE]?.state as Member);
}

/** What one member's process holds of another's node: `incarnation << 3 | state`. */
export function heldBy(pool: GossipPool, viewer: ProcessIndex, node: ProcessIndex): number {
  return pool.views.get(pool.memberOf(viewer), pool.memberOf(node));
}
