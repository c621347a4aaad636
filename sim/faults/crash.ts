/**
 * Crash and restart: processes end, and start again when the fault ends. Where several crashes hold
 * one process down, the last of them brings it back.
 */
import type { CrashKind, Process } from '../core/process.ts';
import type { FaultContext } from './context.ts';
import {
  graceMicrosOfAll,
  LOOK_MICROS,
  hasLeft,
  isSignal,
  leavesOn,
  maybeBeginLeave,
} from './departure.ts';
import type { Signal } from './departure.ts';
import type { ActionOf, Begun, Stage, Verb } from './verb.ts';

export interface Victim {
  readonly process: number;
  /**
   * `departing`: leaves the pool first. `leaving`: asked to exit, still has a write under way.
   * `struck`: ended by this fault. `kept`: was down because of another crash, and is now held down by
   * this one too.
   */
  readonly state: 'departing' | 'leaving' | 'struck' | 'kept';
}

export interface CrashHeld {
  readonly kind: 'crash';
  readonly how: CrashKind | Signal;
  readonly victims: readonly Victim[];
  /** Hosts without power because of this fault. */
  readonly dark: readonly number[];
  /** Processes it has ended or kept down so far. */
  readonly affected: number;
  /** Who leaves the pool first has until then. */
  readonly byMicros: number;
}

export const crash: Verb<ActionOf<'crash'>, CrashHeld> = {
  begin({ hosts, how, agent }, aim, stage) {
    const { context } = stage;
    const byMicros = context.world.now + graceMicrosOfAll(aim.get(hosts)!, context);
    const held: CrashHeld = { kind: 'crash', how, victims: [], dark: [], affected: 0, byMicros };
    const targets = aim.get(hosts)!;
    if (how === 'power') return { held: context.hostsOf(targets).reduce(cutPower(stage), held) };
    const concerned = targets.flatMap((one) => (agent === true ? context.agentsOf(one) : [one]));
    return goOnCrashing(endPrograms(held, [...new Set(concerned)], stage), stage);
  },
  affected: ({ affected }) => affected,
  end(held, stage) {
    const { world } = stage.context;
    const others = stage.others('crash');
    let { affected } = held;
    for (const { process, state } of held.victims) {
      if (holdsDown(others, process)) continue;
      // Whoever is still leaving the pool hears a second signal, and ends at once.
      if (state === 'departing') world.power.crash(world.processes[process], 'kill');
      if (world.processes[process].status !== 'down') continue;
      if (state !== 'struck') affected++;
      world.power.start(world.processes[process]);
    }
    for (const host of held.dark) {
      const kept = others.some(({ dark }) => dark.includes(host));
      if (kept || world.hosts[host].up) continue;
      world.hosts[host].up = true;
      stage.networkChanged();
    }
    return affected;
  },
};

/** Down, and not about to come back by itself. */
export function isDown(process: Process): boolean {
  return process.status === 'down' && !process.startsAtWake;
}

function holdsDown(others: readonly CrashHeld[], process: number): boolean {
  return others.some(({ victims }) => victims.some((victim) => victim.process === process));
}

function endPrograms(held: CrashHeld, concerned: readonly number[], stage: Stage): CrashHeld {
  const { context } = stage;
  const { world } = context;
  const others = stage.others('crash');
  const victims: Victim[] = [];
  for (const index of concerned) {
    const process = world.processes[index];
    if (!isDown(process)) {
      victims.push({ process: index, state: strike(process, held.how, context) });
    } else if (holdsDown(others, index)) {
      victims.push({ process: index, state: 'kept' });
    }
  }
  return add(held, victims, [], struckOf(victims));
}

function struckOf(victims: readonly Victim[]): number {
  return victims.filter(({ state }) => state === 'struck').length;
}

/** A host loses power, and all that live there with it. */
function cutPower(stage: Stage): (held: CrashHeld, host: number) => CrashHeld {
  const { context } = stage;
  const { world } = context;
  const others = stage.others('crash');
  return (held, host) => {
    const { victims } = endPrograms({ ...held, victims: [] }, context.processesOf(host), stage);
    const struck = struckOf(victims);
    const wasUp = world.hosts[host].up;
    const dark = wasUp || others.some((other) => other.dark.includes(host)) ? [host] : [];
    world.power.crash(world.hosts[host].processes[0], 'power');
    return add(held, victims, dark, struck === 0 && wasUp ? 1 : struck);
  };
}

/** By power its host ends it. */
function strike(process: Process, how: CrashHeld['how'], context: FaultContext): Victim['state'] {
  const { world } = context;
  if (how === 'kill') world.power.crash(process, 'kill');
  if (how === 'kill' || how === 'power') return 'struck';
  if (isSignal(how) && leavesOn(how, process, context) && maybeBeginLeave(process, world)) {
    return 'departing';
  }
  return maybeExit(process, context) ? 'struck' : 'leaving';
}

/** Whoever has left the pool ends. */
export function goOnCrashing(held: CrashHeld, stage: Stage): Begun<CrashHeld> {
  const { context } = stage;
  const { world } = context;
  let { affected } = held;
  const victims = held.victims.map((victim): Victim => {
    if (victim.state !== 'departing') return victim;
    const process = world.processes[victim.process];
    const isOver = isDown(process) || hasLeft(process) || world.now >= held.byMicros;
    if (!isOver) return victim;
    if (!isDown(process) && !maybeExit(process, context)) return { ...victim, state: 'leaving' };
    affected++;
    return { ...victim, state: 'struck' };
  });
  if (victims.some(({ state }) => state === 'departing')) stage.wakeAt(world.now + LOOK_MICROS);
  return { held: { ...held, victims, affected } };
}

function add(
  held: CrashHeld,
  victims: readonly Victim[],
  dark: readonly number[],
  affected: number,
): CrashHeld {
  return {
    ...held,
    victims: [...held.victims, ...victims],
    dark: [...held.dark, ...dark],
    affected: held.affected + affected,
  };
}

/** Ends a process cleanly if none of its writes is under way; otherwise it has to wait. */
export function maybeExit(process: Process, { world }: FaultContext): boolean {
  if (process.host.disk.busyWith(process.index)) return false;
  world.power.crash(process, 'exit');
  return true;
}

/** A crash point has struck: the fault begins here, on this process and, by `power`, on its host. */
export function crashStruck(how: CrashKind, process: Process): CrashHeld {
  const { host, index } = process;
  const ended = how === 'power' ? host.processes.map((one) => one.index) : [index];
  return {
    kind: 'crash',
    how,
    victims: ended.map((one) => ({ process: one, state: 'struck' })),
    dark: how === 'power' ? [host.index] : [],
    affected: ended.length,
    byMicros: 0,
  };
}

/** A process that was to exit has ended its write, and with it itself. */
export function leftCleanly(held: CrashHeld, process: number): CrashHeld {
  const victims = held.victims.map((victim): Victim =>
    victim.process === process ? { process, state: 'struck' } : victim,
  );
  return { ...held, victims, affected: held.affected + 1 };
}

/** The same without a process that somebody starts on purpose, and without its host. */
export function letGo(held: CrashHeld, process: number, host: number): CrashHeld {
  return {
    ...held,
    victims: held.victims.filter((victim) => victim.process !== process),
    dark: held.dark.filter((one) => one !== host),
  };
}
