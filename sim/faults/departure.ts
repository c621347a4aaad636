/**
 * Programs that leave their pool before they end: because they are told to, or because a signal makes
 * them (`consul:command/agent/agent.go`, `consul:agent/config/builder.go`; reference: gossip §4.4).
 */
import { ErrorCause } from '../core/machine.ts';
import type { Process } from '../core/process.ts';
import type { World } from '../core/world.ts';
import type { LeaderState } from '../consul/leader/state.ts';
import { LEADER_MACHINE, LEAVE } from '../consul/leader/vocabulary.ts';
import type { Member, MemberConfig } from '../protocol/gossip/member.ts';
import { GOSSIP_MACHINE } from '../protocol/gossip/vocabulary.ts';
import { RAFT_MACHINE } from '../protocol/raft/vocabulary.ts';
import { serfOf } from '../protocol/serf/state.ts';
import { LEAVE_POOL } from '../protocol/serf/vocabulary.ts';
import type { FaultContext } from './context.ts';

/** `terminate`: SIGTERM, as a service manager sends it. `interrupt`: SIGINT, as a terminal does. */
export type Signal = 'terminate' | 'interrupt';

/** Whoever has not left by then is ended (`consul:command/agent/agent.go (gracefulTimeout)`). */
export const GRACE_MICROS = 15_000_000;
/** How often it is looked whether somebody has left. */
export const LOOK_MICROS = 50_000;

export function isSignal(how: string): how is Signal {
  return how === 'terminate' || how === 'interrupt';
}

/** Members of the pool that are meant: servers, client agents, and for instances their agents. */
export function membersAmong(targets: readonly number[], context: FaultContext): Process[] {
  const { processes } = context.world;
  const isMember = (index: number): boolean =>
    processes[index].slotByNumber[GOSSIP_MACHINE] !== undefined;
  const members = targets.flatMap((one) =>
    isMember(one) ? [one] : context.agentsOf(one).filter(isMember),
  );
  return [...new Set(members)].map((index) => processes[index]);
}

/** A member's settings, which lead to its pool. */
export function memberConfigOf({ slotByNumber }: Process): MemberConfig {
  return slotByNumber[GOSSIP_MACHINE]!.config as MemberConfig;
}

/** Does such a signal make the program leave first? Clients do by default, servers do not. */
export function leavesOn(how: Signal, process: Process, { scenario }: FaultContext): boolean {
  const { slotByNumber } = process;
  if (slotByNumber[GOSSIP_MACHINE] === undefined) return false;
  const isServer = slotByNumber[RAFT_MACHINE] !== undefined;
  const { onTerminate, skipOnInterrupt } = scenario.leaving;
  return how === 'terminate' ? (onTerminate ?? !isServer) : !(skipOnInterrupt ?? isServer);
}

/** False where nobody takes it: the program is down, or is leaving already. */
export function maybeBeginLeave(process: Process, world: World): boolean {
  if (process.status === 'down') return false;
  const isAlone = process.slotByNumber[LEADER_MACHINE] === undefined;
  return world.offer(process, isAlone ? LEAVE_POOL : LEAVE, 0, 0, null, ErrorCause.none);
}

/** A server has more to do than to leave its pool. */
export function hasLeft({ slotByNumber }: Process): boolean {
  const leader = slotByNumber[LEADER_MACHINE];
  if (leader !== undefined) return (leader.state as LeaderState).left;
  const { state } = serfOf(slotByNumber[GOSSIP_MACHINE]!.state as Member);
  return state === 'left' || state === 'shutdown';
}
