/**
 * Programs that leave their pool before they end: because they are told to, or because a signal makes
 * them (`consul:command/agent/agent.go`, `consul:agent/config/builder.go`; reference: gossip §4.4). In
 * the same way instances of services take themselves out of the catalog and drain (agents §8.1 A7).
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
import { insideOf } from '../service/instance.ts';
import type { InstanceState } from '../service/instance.ts';
import { INSTANCE_MACHINE, PROGRAM_MACHINE, STOP_PROGRAM } from '../service/vocabulary.ts';
import type { Shutdown, Stoppable } from '../service/shutdown.ts';
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

/** What an instance does when it is told to stop; null: nothing, or it is none. */
function shutdownOf({ slotByNumber }: Process): Shutdown | null {
  const config = slotByNumber[PROGRAM_MACHINE]?.config as Stoppable['config'] | undefined;
  return config?.shutdown ?? null;
}

/** How long whoever has sent the signal waits. */
export function graceMicrosOf(process: Process): number {
  return shutdownOf(process)?.graceMicros ?? GRACE_MICROS;
}

/** The longest of them: one signal ends all. */
export function graceMicrosOfAll(targets: readonly number[], { world }: FaultContext): number {
  return Math.max(...targets.map((one) => graceMicrosOf(world.processes[one])), 0);
}

/**
 * Does such a signal make the program leave first? Clients do by default, servers do not. Instances drain
 * where the scenario says so.
 */
export function leavesOn(how: Signal, process: Process, { scenario }: FaultContext): boolean {
  const { slotByNumber } = process;
  if (shutdownOf(process) !== null) return true;
  if (slotByNumber[GOSSIP_MACHINE] === undefined) return false;
  const isServer = slotByNumber[RAFT_MACHINE] !== undefined;
  const { onTerminate, skipOnInterrupt } = scenario.leaving;
  return how === 'terminate' ? (onTerminate ?? !isServer) : !(skipOnInterrupt ?? isServer);
}

/** False where nobody takes it: the program is down, or is leaving already. */
export function maybeBeginLeave(process: Process, world: World): boolean {
  if (process.status === 'down') return false;
  if (shutdownOf(process) !== null) {
    return world.offer(process, STOP_PROGRAM, 0, 0, null, ErrorCause.none);
  }
  const isAlone = process.slotByNumber[LEADER_MACHINE] === undefined;
  return world.offer(process, isAlone ? LEAVE_POOL : LEAVE, 0, 0, null, ErrorCause.none);
}

/** A server has more to do than to leave its pool. */
export function hasLeft(process: Process): boolean {
  const { slotByNumber } = process;
  if (shutdownOf(process) !== null) return hasDrained(process);
  const leader = slotByNumber[LEADER_MACHINE];
  if (leader !== undefined) return (leader.state as LeaderState).left;
  const { state } = serfOf(slotByNumber[GOSSIP_MACHINE]!.state as Member);
  return state === 'left' || state === 'shutdown';
}

/** Its time is over, and nothing is left in it. */
function hasDrained({ slotByNumber }: Process): boolean {
  const program = slotByNumber[PROGRAM_MACHINE]!.state as Stoppable;
  const instance = slotByNumber[INSTANCE_MACHINE]!.state as InstanceState;
  return program.phase === 'drained' && insideOf(instance) === 0;
}
