/** Who leads and who votes, as the servers themselves believe at this moment. */
import { Role, isVoter } from '../protocol/raft/types.ts';
import type { Configuration, RaftState } from '../protocol/raft/types.ts';
import { RAFT_MACHINE } from '../protocol/raft/vocabulary.ts';
import type { FaultContext, ServerRef } from './context.ts';

/** Servers of a datacenter; left out, of the first. */
export function serversIn(context: FaultContext, datacenter?: string): readonly ServerRef[] {
  const { scenario, servers, world } = context;
  if (scenario.datacenters.length === 1) return servers;
  const wanted = datacenter ?? scenario.datacenters[0].name;
  return servers.filter(({ host }) => world.hosts[host].datacenter === wanted);
}

/** The datacenter that a process is in. */
export function datacenterAt({ world }: FaultContext, process: number): string {
  return world.processes[process].host.datacenter;
}

/**
 * The server that leads in the highest term, paused or not. An old leader that has been cut off also
 * believes that it leads, but in a lower term.
 */
export function leaderOf(context: FaultContext, datacenter?: string): ServerRef | undefined {
  let leader: ServerRef | undefined;
  let term = -1;
  for (const server of serversIn(context, datacenter)) {
    const state = context.raft(server.process);
    if (state === undefined || state.role !== Role.leader || state.term <= term) continue;
    leader = server;
    term = state.term;
  }
  return leader;
}

/** The configuration of the leader, or of the server whose log is the most up to date. */
function configurationOf(context: FaultContext, datacenter?: string): Configuration | undefined {
  const leader = leaderOf(context, datacenter);
  if (leader !== undefined) return context.raft(leader.process)!.latest;
  let best: RaftState | undefined;
  for (const { process } of serversIn(context, datacenter)) {
    const state = context.raft(process);
    if (state === undefined) continue;
    if (best === undefined || isNewer(state, best)) best = state;
  }
  return best?.latest;
}

function isNewer(left: RaftState, right: RaftState): boolean {
  if (left.lastTerm !== right.lastTerm) return left.lastTerm > right.lastTerm;
  return left.lastIndex > right.lastIndex;
}

/** The voters in the order of the servers; none while every server is down. */
export function votersOf(context: FaultContext, datacenter?: string): ServerRef[] {
  const configuration = configurationOf(context, datacenter);
  if (configuration === undefined) return [];
  return serversIn(context, datacenter).filter(({ process }) => isVoter(configuration, process));
}

/** Memory of a server as it is, or as it was when it went down; undefined before its first start. */
export function memoryOf(context: FaultContext, process: number): RaftState | undefined {
  return context.world.processes[process].slotByNumber[RAFT_MACHINE]?.state as
    RaftState | undefined;
}

/** True for a server that leads, or led when it went down, and nobody in a higher term. */
export function leadsOrLed(context: FaultContext, process: number): boolean {
  const memory = memoryOf(context, process);
  if (memory === undefined || memory.role !== Role.leader) return false;
  const leader = leaderOf(context, datacenterAt(context, process));
  return leader === undefined || context.raft(leader.process)!.term <= memory.term;
}
