/**
 * Who believes what of whom. Columns as of `consul members` where a member's own view is shown; the
 * grid sums up everybody's.
 */
import { memberAt, poolsOf } from '../../check/gossip/members.ts';
import { STATE_NAMES, isSuspect, stateOf } from '../../protocol/gossip/messages.ts';
import type { GossipPool } from '../../protocol/gossip/pool.ts';
import { SUSPICION_TIMER } from '../../protocol/gossip/vocabulary.ts';
import { GOSSIP_MACHINE } from '../../protocol/gossip/vocabulary.ts';
import type { World } from '../../core/world.ts';
import type { Execution } from '../execution.ts';
import { statusOf } from './servers.ts';

/** How the members that run see one node. */
export interface MemberCell {
  readonly node: string;
  readonly process: number;
  /** What it really is. */
  readonly status: string;
  readonly alive: number;
  readonly suspect: number;
  readonly dead: number;
  readonly left: number;
  readonly unknown: number;
  /** Awareness score of its own, 0 is healthy; null while it is down. */
  readonly health: number | null;
}

/** One line of `consul members`, as one member would print it. */
export interface MemberRow {
  readonly node: string;
  readonly status: string;
  readonly type: string;
  readonly incarnation: number;
  /** What is left of a suspicion; null without one. */
  readonly suspicionMicros: number | null;
}

export interface MemberViews {
  readonly cells: readonly MemberCell[];
  /** Members that run. */
  readonly running: number;
}

/** Of the LAN pools of all datacenters; null where there are none. */
export function memberViews({ world }: Execution): MemberViews | null {
  const pools = poolsOf(world);
  if (pools.length === 0) return null;
  return {
    cells: pools.flatMap((pool) => cellsOf(pool, world)),
    running: pools.reduce((sum, pool) => sum + runningIn(pool), 0),
  };
}

function runningIn({ run }: GossipPool): number {
  return run.reduce((sum, one) => sum + one, 0);
}

function cellsOf(pool: GossipPool, world: World): MemberCell[] {
  const running = runningIn(pool);
  const special = new Set(pool.views.deviations());
  const strangers = Array.from(pool.run.keys()).filter(
    (member) => pool.run[member] !== 0 && pool.views.isStranger(member),
  );
  return Array.from(pool.processOf, (process, node): MemberCell => {
    const counts = special.has(node)
      ? countAll(pool, node)
      : countAgreed(pool, node, strangers, running);
    const { name } = world.processes[process];
    const health = memberAt(world, process)?.health ?? null;
    return { node: name, process, status: statusOf(world.processes[process]), ...counts, health };
  });
}

type Counts = Pick<MemberCell, 'alive' | 'suspect' | 'dead' | 'left' | 'unknown'>;

function countAll(pool: GossipPool, node: number): Counts {
  const counts = { alive: 0, suspect: 0, dead: 0, left: 0, unknown: 0 };
  for (let member = 0; member < pool.size; member++) {
    if (pool.run[member] !== 0) counts[STATE_NAMES[stateOf(pool.views.get(member, node))]]++;
  }
  return counts;
}

/** All hold the same but those that have lost their memory. */
function countAgreed(
  pool: GossipPool,
  node: number,
  strangers: readonly number[],
  running: number,
): Counts {
  const counts = { alive: 0, suspect: 0, dead: 0, left: 0, unknown: 0 };
  counts[STATE_NAMES[stateOf(pool.views.defaults[node])]] += running - strangers.length;
  for (const member of strangers) counts[STATE_NAMES[stateOf(pool.views.get(member, node))]]++;
  return counts;
}

/** What one member would print; null for a process that is no member. */
export function membersSeenBy(execution: Execution, process: number): MemberRow[] | null {
  const { world, scenario } = execution;
  const pool = poolsOf(world).find((one) => one.memberOf(process) >= 0);
  if (pool === undefined) return null;
  const viewer = pool.memberOf(process);
  return Array.from(pool.processOf, (target, node): MemberRow => {
    const held = pool.views.get(viewer, node);
    const { name, host } = world.processes[target];
    return {
      node: name,
      status: MEMBER_STATUS[STATE_NAMES[stateOf(held)]],
      type: scenario.hosts[host.index]?.kind === 'server' ? 'server' : 'client',
      incarnation: held >>> 3,
      suspicionMicros: isSuspect(held) ? suspicionLeft(world, pool, process, node) : null,
    };
  });
}

/** Serf knows no suspects: `consul members` shows them as alive. */
const MEMBER_STATUS = {
  unknown: '-',
  alive: 'alive',
  suspect: 'alive',
  dead: 'failed',
  left: 'left',
} as const;

function suspicionLeft(world: World, pool: GossipPool, process: number, node: number) {
  const slot = world.processes[process].slotByNumber[GOSSIP_MACHINE];
  if (slot === undefined) return null;
  const key = pool.views.slotOf[node];
  const pending = key < 0 ? -1 : world.timers.pendingOf(slot, SUSPICION_TIMER, key);
  return pending >= 0 ? Math.max(0, world.queue.timeOf(pending) - world.now) : null;
}
