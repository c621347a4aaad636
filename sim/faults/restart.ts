/**
 * Restart: servers are stopped cleanly and started again, all at once or one after the other. A
 * server that is down is only started, whatever fault holds it down.
 */
import { DONE, NEXT, advance, begin, jump, procedure, until } from '../core/procedure.ts';
import type { Procedure, Progress, StepResult } from '../core/procedure.ts';
import type { Process } from '../core/process.ts';
import type { World } from '../core/world.ts';
import type { AutopilotState } from '../consul/autopilot/state.ts';
import { AUTOPILOT_MACHINE } from '../consul/autopilot/vocabulary.ts';
import { maybeRecover } from '../protocol/raft/bootstrap.ts';
import { makeConfiguration } from '../protocol/raft/configuration.ts';
import { prefixAt } from '../protocol/raft/durable.ts';
import { lastIndexOf } from '../protocol/raft/log.ts';
import { NEVER, Role, isMember, isVoter } from '../protocol/raft/types.ts';
import type { RaftConfig, RaftDurable } from '../protocol/raft/types.ts';
import { RAFT_MACHINE } from '../protocol/raft/vocabulary.ts';
import type { FaultContext, ServerRef } from './context.ts';
import { isDown, maybeExit } from './crash.ts';
import { graceMicrosOf, hasLeft, leavesOn, maybeBeginLeave } from './departure.ts';
import { isFound } from './passing.ts';
import type { Signal } from './departure.ts';
import { serversAmong } from './membership.ts';
import { datacenterAt, leaderOf } from './roles.ts';
import type { ActionOf, Begun, Stage, Verb } from './verb.ts';

type Wait = ActionOf<'restart'>['wait'];

/** How often a rolling restart looks whether it may go on. */
const LOOK_MICROS = 20_000;

/** One series of restarts, one process after the other. */
export interface Series extends Progress {
  readonly processes: readonly number[];
  readonly wait: Wait;
  /** Place of the process at hand. */
  at: number;
  /** When a fixed wait is over. */
  untilMicros: number;
  /** Processes started again so far. */
  restarted: number;
  /** With peers.json: the whole configuration; null: none. */
  readonly peers: readonly number[] | null;
  /** The signal that ends it; null: none that makes anybody leave. */
  readonly signal: Signal | null;
  /** Who leaves the pool first has until then; 0: nobody does. */
  leaveByMicros: number;
  /** Number of the upgrade whose programs it starts with; 0: those it has. */
  readonly upgrade: number;
  /** What the server has to catch up with: what that leader had in that term; term 0: none yet. */
  goalTerm: number;
  goalIndex: number;
  goalPrefix: number;
}

export interface RestartHeld {
  readonly kind: 'restart';
  readonly series: readonly Series[];
}

export const restart: Verb<ActionOf<'restart'>, RestartHeld> = {
  begin({ hosts, oneByOne, wait, how, agent }, aim, stage) {
    const targets = aim.get(hosts)!;
    const processes =
      agent === true ? targets.flatMap((one) => stage.context.agentsOf(one)) : targets;
    const extra: Extra = { signal: how === 'exit' ? null : (how ?? 'terminate') };
    return goOn(
      newRestart([...new Set(processes)], oneByOne ? wait : null, oneByOne, extra),
      stage,
    );
  },
  affected: ({ series }) => series.reduce((sum, { restarted }) => sum + restarted, 0),
  end: (held, stage) => restart.affected(held, stage),
};

/** All at once: peers.json is of use only where every server that is left has it. */
export const recover: Verb<ActionOf<'recover'>, RestartHeld> = {
  begin({ hosts }, aim, stage) {
    const peers = serversAmong(aim.get(hosts)!, stage.context).map(({ process }) => process);
    return goOn(newRestart(peers, null, false, { peers }), stage);
  },
  affected: (held, stage) => restart.affected(held, stage),
  end: (held, stage) => restart.affected(held, stage),
};

export const upgrade: Verb<ActionOf<'upgrade'>, RestartHeld> = {
  begin({ hosts, number, oneByOne, wait }, aim, stage) {
    const servers = serversAmong(aim.get(hosts)!, stage.context).map(({ process }) => process);
    const extra: Extra = { upgrade: number, signal: 'terminate' };
    return goOn(newRestart(servers, oneByOne ? wait : null, oneByOne, extra), stage);
  },
  affected: (held, stage) => restart.affected(held, stage),
  end: (held, stage) => restart.affected(held, stage),
};

interface Extra {
  readonly peers?: readonly number[] | null;
  readonly upgrade?: number;
  readonly signal?: Signal | null;
}

function newRestart(
  processes: readonly number[],
  wait: Wait,
  oneByOne: boolean,
  { peers = null, upgrade: number = 0, signal = null }: Extra = {},
): RestartHeld {
  const goal = { goalTerm: 0, goalIndex: 0, goalPrefix: 0 };
  const groups = oneByOne ? [processes] : processes.map((process) => [process]);
  const series = groups.map((group): Series => {
    const own = { processes: group, wait, at: 0, untilMicros: 0, restarted: 0, leaveByMicros: 0 };
    return begin({ ...own, ...goal, peers, signal, upgrade: number });
  });
  return { kind: 'restart', series };
}

/** Takes every series as far as it gets. */
export function goOn(held: RestartHeld, stage: Stage): Begun<RestartHeld> {
  const { now } = stage.context.world;
  let wakeMicros = Infinity;
  const series = held.series.map((old) => {
    const next = { ...old };
    if (!advance(rollingRestart, stage, next)) {
      const looksMicros = next.untilMicros > now ? next.untilMicros : now + LOOK_MICROS;
      wakeMicros = Math.min(wakeMicros, looksMicros);
    }
    return next;
  });
  const over = wakeMicros === Infinity;
  // Once for all of them, since each look is at all of them.
  if (!over) stage.wakeAt(wakeMicros);
  return { held: { kind: 'restart', series }, over };
}

/** Its place among the steps: in it a program ends at the end of a write. */
const STOP = 1;

const rollingRestart: Procedure<Stage, Series> = procedure('restart', [
  { name: 'leave', run: leaveFirst },
  {
    name: 'stop',
    run: (stage, series): StepResult => {
      const { context } = stage;
      const process = context.world.processes[series.processes[series.at]];
      if (isDown(process) || maybeExit(process, context)) return NEXT;
      return until('the end of a write');
    },
  },
  { name: 'start', run: startAgain },
  { name: 'wait', run: waitForIt },
  {
    name: 'go on',
    run: (_, series): StepResult => (++series.at < series.processes.length ? jump('leave') : DONE),
  },
]);

function leaveFirst({ context }: Stage, series: Series): StepResult {
  const { world } = context;
  const { signal } = series;
  const process = world.processes[series.processes[series.at]];
  if (series.leaveByMicros === 0) {
    if (signal === null || !leavesOn(signal, process, context)) return NEXT;
    if (!maybeBeginLeave(process, world)) return NEXT;
    series.leaveByMicros = world.now + graceMicrosOf(process);
  }
  const leaves = !isDown(process) && !hasLeft(process) && world.now < series.leaveByMicros;
  if (leaves) return until('its leave');
  series.leaveByMicros = 0;
  return NEXT;
}

function startAgain(stage: Stage, series: Series): StepResult {
  const { world } = stage.context;
  const process = series.processes[series.at];
  stage.takeOver(process);
  prepare(world.processes[process], series);
  world.power.start(world.processes[process]);
  series.restarted++;
  series.goalTerm = 0;
  const { wait } = series;
  series.untilMicros = wait !== null && typeof wait === 'object' ? world.now + wait.micros : 0;
  return NEXT;
}

/** What an operator does to a server that is down, before it starts again. */
function prepare({ slotByNumber }: Process, { peers, upgrade: number }: Series): void {
  if (peers === null && number === 0) return;
  const { durable, config } = slotByNumber[RAFT_MACHINE]!;
  const disk = durable as RaftDurable;
  if (number !== 0) disk.upgrade = number;
  if (peers === null) return;
  maybeRecover(
    disk,
    config as RaftConfig,
    makeConfiguration(peers.map((id) => ({ id, voter: true }))),
  );
}

function waitForIt(stage: Stage, series: Series): StepResult {
  const { wait } = series;
  if (wait === null) return NEXT;
  const { context } = stage;
  if (typeof wait === 'object') {
    return context.world.now >= series.untilMicros ? NEXT : until('a fixed time');
  }
  const process = series.processes[series.at];
  if (wait === 'passing') return isFound(stage, process) ? NEXT : until('its checks to pass');
  // A load client has no log and no leader to wait for.
  if (!context.servers.some((server) => server.process === process)) return NEXT;
  // Autopilot takes such a server in again, once it is there.
  if (wait !== 'healthy' && isOutside(context, process)) return NEXT;
  if (wait === 'voted') return hasHeardAsVoter(stage, process) ? NEXT : until('a leader');
  if (wait === 'healthy') {
    return isHealthyVoter(stage, process) ? NEXT : until('autopilot to find it healthy');
  }
  return hasCaughtUp(stage, series) ? NEXT : until('its log to catch up');
}

/** Who leads the servers of the datacenter that this one is in. */
function leaderFor(context: FaultContext, process: number): ServerRef | undefined {
  return leaderOf(context, datacenterAt(context, process));
}

/** Nobody will speak to a server that the leader does not count among its members. */
function isOutside(context: FaultContext, process: number): boolean {
  const leader = leaderFor(context, process);
  return leader !== undefined && !isMember(context.raft(leader.process)!.latest, process);
}

/** It has had contact with a leader since its start, or leads, and has the vote it is to have. */
function hasHeardAsVoter({ context }: Stage, process: number): boolean {
  const state = context.raft(process);
  if (state === undefined || !isMember(state.latest, process)) return false;
  const leader = leaderFor(context, process);
  const votes = leader === undefined || isVoter(context.raft(leader.process)!.latest, process);
  if (votes && !isVoter(state.latest, process)) return false;
  return state.role === Role.leader || (state.leader >= 0 && state.lastContact !== NEVER);
}

/** Heard of a leader, has its vote, and the leader's autopilot calls it healthy. */
function isHealthyVoter(stage: Stage, process: number): boolean {
  const { context } = stage;
  const leader = leaderFor(context, process);
  if (leader === undefined || !hasHeardAsVoter(stage, process)) return false;
  const slot = context.world.processes[leader.process].slotByNumber[AUTOPILOT_MACHINE]!;
  const { servers } = slot.state as AutopilotState;
  return servers.some(({ server, healthy, voter }) => server === process && healthy && voter);
}

/** A new leader may lack entries of the old one, so each new term sets the goal anew. */
function hasCaughtUp({ context }: Stage, series: Series): boolean {
  const process = series.processes[series.at];
  const state = context.raft(process);
  const leader = leaderFor(context, process);
  if (state === undefined || leader === undefined) return false;
  if (leader.process === process) return true;
  const leading = context.raft(leader.process)!;
  if (leading.term !== series.goalTerm) {
    series.goalTerm = leading.term;
    series.goalIndex = Math.min(leading.lastIndex, lastIndexOf(leading.durable.log));
    series.goalPrefix = prefixAt(leading.durable, series.goalIndex);
  }
  return prefixAt(state.durable, series.goalIndex) === series.goalPrefix;
}

/** Processes that have been asked to exit and have a write under way. */
export function leavingProcesses({ series }: RestartHeld): number[] {
  return series.flatMap(({ processes, at, step }) =>
    step === STOP && at < processes.length ? [processes[at]] : [],
  );
}

/** `step 2 of 5, s3 waits for its log to catch up`. */
export function describeRestart({ series }: RestartHeld, world: World): string {
  const steps = series.reduce((sum, { processes }) => sum + processes.length, 0);
  const over = series.reduce((sum, { at }) => sum + at, 0);
  const active = series.find(({ waitingFor }) => waitingFor !== '');
  const step = `step ${Math.min(over + 1, steps)} of ${steps}`;
  if (active === undefined) return step;
  const { name } = world.processes[active.processes[active.at]];
  return `${step}, ${name} waits for ${active.waitingFor}`;
}
