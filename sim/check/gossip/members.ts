/** Who is a member of the gossip pool of a world, and what each of them holds. */
import type { ProcessIndex } from '../../core/machine.ts';
import type { World } from '../../core/world.ts';
import type { Member, MemberConfig } from '../../protocol/gossip/member.ts';
import type { GossipPool } from '../../protocol/gossip/pool.ts';
import { GOSSIP_MACHINE } from '../../protocol/gossip/vocabulary.ts';

/** The pool of a world, or null where it has none. */
export function poolOf(world: World): GossipPool | null {
  for (const { slotByNumber } of world.processes) {
    const slot = slotByNumber[GOSSIP_MACHINE];
    if (slot !== undefined) return (slot.config as MemberConfig).pool;
  }
  return null;
}

/** Processes of all members, in the order of their numbers. */
export function memberProcesses(world: World): readonly ProcessIndex[] {
  const pool = poolOf(world);
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
