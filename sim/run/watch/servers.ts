/** The servers as a screen shows them: role, log, and what their timers wait for. */
import type { Process } from '../../core/process.ts';
import type { World } from '../../core/world.ts';
import {
  NEVER,
  ROLE_NAMES,
  Role,
  isMember,
  isVoter,
  quorumSize,
} from '../../protocol/raft/types.ts';
import type { RaftState } from '../../protocol/raft/types.ts';
import {
  ELECTION_TIMER,
  FOLLOWER_TIMER,
  HEARTBEAT_TIMER,
  RAFT_MACHINE,
} from '../../protocol/raft/vocabulary.ts';
import type { Simulation } from '../build.ts';
import type { Execution } from '../execution.ts';

/** What is left of a wait, and the longest that it may be. */
export interface Countdown {
  readonly name: string;
  readonly leftMicros: number;
  readonly ofMicros: number;
}

/** Columns of `consul operator raft list-peers`, and what only a simulator can see. */
export interface ServerRow {
  readonly node: string;
  readonly host: number;
  /** `up`, `down`, `stopped`, `suspended`, `io` (paused in sending and receiving). */
  readonly status: string;
  /** `leader`, `candidate`, `follower`; `-` while it is down. */
  readonly state: string;
  /** False also of those that are in no configuration. */
  readonly voter: boolean;
  readonly member: boolean;
  readonly term: number;
  readonly votedFor: string;
  readonly leader: string;
  readonly lastIndex: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly snapshotIndex: number;
  /** Entries that the leader has more; null without a leader, and of the leader itself. */
  readonly trails: number | null;
  readonly timer: Countdown | null;
  /** Of a leader: how long a quorum's last contact still covers it. */
  readonly lease: Countdown | null;
}

/** `now`, not before the last event, is the moment that countdowns are told for. */
export function serverRows({ simulation, world }: Execution, now = world.now): ServerRow[] {
  return simulation.clusters.flatMap((servers) => rowsOf({ ...simulation, servers }, world, now));
}

/** Of the servers of one datacenter. */
function rowsOf(simulation: Simulation, world: World, now: number): ServerRow[] {
  const states = simulation.servers.map(({ process }) => simulation.raft(process));
  const leader = states.reduce<RaftState | undefined>(
    (best, state) =>
      state !== undefined && state.role === Role.leader && state.term > (best?.term ?? -1)
        ? state
        : best,
    undefined,
  );
  return simulation.servers.map(({ name, process, host }, at): ServerRow => {
    const state = states[at];
    const status = statusOf(world.processes[process]);
    const durable = simulation.durable(process);
    const configuration = (leader ?? state ?? states.find((one) => one !== undefined))?.latest;
    return {
      node: name,
      host,
      status,
      state: state === undefined ? '-' : ROLE_NAMES[state.role],
      voter: configuration !== undefined && isVoter(configuration, process),
      member: configuration !== undefined && isMember(configuration, process),
      term: state?.term ?? durable.currentTerm,
      votedFor: durable.lastVoteTerm === 0 ? '-' : nameOf(world, durable.lastVoteCandidate),
      leader: nameOf(world, state?.leader ?? -1),
      lastIndex: state?.lastIndex ?? durable.log.firstIndex + durable.log.entries.length - 1,
      commitIndex: state?.commitIndex ?? 0,
      appliedIndex: state?.fsmIndex ?? 0,
      snapshotIndex: state?.snapshotIndex ?? durable.snapshots[0]?.index ?? 0,
      trails:
        leader === undefined || state === undefined || state === leader
          ? null
          : leader.lastIndex - state.lastIndex,
      timer: state === undefined ? null : timerOf(world, world.processes[process], state, now),
      lease: state === undefined ? null : leaseOf(world.processes[process], state, now),
    };
  });
}

export function statusOf(process: Process): string {
  if (process.status !== 'running') return process.status;
  return process.ioPaused ? 'io' : 'up';
}

function nameOf(world: World, process: number): string {
  return world.processes[process]?.name ?? '-';
}

/** The timer that makes it campaign, or has it speak up again. */
function timerOf(world: World, process: Process, state: RaftState, now: number): Countdown | null {
  const { heartbeatMicros, electionMicros } = state.config;
  const waits: readonly (readonly [string, number, number])[] = [
    ['heartbeat timeout', FOLLOWER_TIMER, 2 * heartbeatMicros],
    ['election timeout', ELECTION_TIMER, 2 * electionMicros],
    ['next heartbeat', HEARTBEAT_TIMER, Math.floor(heartbeatMicros / 5)],
  ];
  const { timers } = process.slotByNumber[RAFT_MACHINE]!;
  for (const [name, input, ofMicros] of waits) {
    if (input === HEARTBEAT_TIMER && state.role !== Role.leader) continue;
    let soonest = Infinity;
    timers[input & 255]?.forEach((pending) => {
      if (pending > 0) soonest = Math.min(soonest, world.queue.timeOf(pending - 1));
    });
    if (soonest === Infinity) continue;
    const leftMicros = Math.max(0, soonest - now);
    return { name, leftMicros, ofMicros: Math.max(ofMicros, leftMicros) };
  }
  return null;
}

/** The lease ends when a quorum's answers are older than it. */
function leaseOf(process: Process, state: RaftState, real: number): Countdown | null {
  if (state.role !== Role.leader || state.leaderState === null) return null;
  const { leaseMicros } = state.config;
  if (leaseMicros === undefined) return null;
  const now = process.host.clock.monotonic(real);
  const contacts = state.latest.servers
    .filter(({ voter }) => voter)
    .map(({ id }) => (id === state.self ? now : contactOf(state, id)))
    .sort((left, right) => right - left);
  const contact = contacts[quorumSize(state.latest) - 1] ?? NEVER;
  const leftMicros = Math.max(0, contact + leaseMicros - now);
  return { name: 'lease', leftMicros: Math.min(leftMicros, leaseMicros), ofMicros: leaseMicros };
}

function contactOf(state: RaftState, peer: number): number {
  for (const id of state.leaderState!.replications) {
    const replication = state.replications[id];
    if (replication?.peer === peer) return replication.lastContact;
  }
  return NEVER;
}
