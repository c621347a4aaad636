/**
 * Leave and join: servers are asked to leave gracefully, end when they have done so or their time is
 * up, and start again when the fault ends. `force_leave` is what an operator types for a dead one.
 */
import { ErrorCause } from '../core/machine.ts';
import type { LeaderState } from '../consul/leader/state.ts';
import { LEADER_MACHINE, LEAVE } from '../consul/leader/vocabulary.ts';
import type { MembershipState } from '../consul/membership/machine.ts';
import { MEMBERSHIP_MACHINE } from '../consul/membership/vocabulary.ts';
import { FORCE_LEAVE } from '../protocol/serf/vocabulary.ts';
import type { World } from '../core/world.ts';
import { isDown, maybeExit } from './crash.ts';
import { asked, serversAmong } from './membership.ts';
import type { AskedHeld } from './membership.ts';
import type { ActionOf, Begun, Stage, Verb } from './verb.ts';

export interface Leaver {
  readonly process: number;
  readonly state: 'leaving' | 'gone';
}

export interface LeaveHeld {
  readonly kind: 'leave';
  readonly leavers: readonly Leaver[];
  /** Whoever has not left by then is ended (`consul:command/agent/agent.go (gracefulTimeout)`). */
  readonly byMicros: number;
}

const GRACE_MICROS = 15_000_000;
const LOOK_MICROS = 50_000;

export const leave: Verb<ActionOf<'leave'>, LeaveHeld> = {
  begin({ hosts }, aim, stage) {
    const { context } = stage;
    const { world } = context;
    const asking = serversAmong(aim.get(hosts)!, context).filter(({ process }) =>
      world.offer(world.processes[process], LEAVE, 0, 0, null, ErrorCause.none),
    );
    const leavers = asking.map(({ process }): Leaver => ({ process, state: 'leaving' }));
    return goOnLeaving({ kind: 'leave', leavers, byMicros: world.now + GRACE_MICROS }, stage);
  },
  affected: ({ leavers }) => leavers.length,
  end(held, stage) {
    const { world } = stage.context;
    const crashes = stage.others('crash');
    for (const { process } of held.leavers) {
      const kept = crashes.some(({ victims }) => victims.some((one) => one.process === process));
      if (!kept && isDown(world.processes[process])) world.power.start(world.processes[process]);
    }
    return held.leavers.length;
  },
};

/** Ends those who are done; the fault itself lasts until somebody brings them back. */
export function goOnLeaving(held: LeaveHeld, stage: Stage): Begun<LeaveHeld> {
  const { context } = stage;
  const { world } = context;
  const leavers = held.leavers.map((leaver): Leaver => {
    if (leaver.state === 'gone') return leaver;
    const process = world.processes[leaver.process];
    const done = hasLeft(world, leaver.process) || world.now >= held.byMicros;
    if (!isDown(process) && !(done && maybeExit(process, context))) return leaver;
    return { ...leaver, state: 'gone' };
  });
  if (leavers.some(({ state }) => state === 'leaving')) stage.wakeAt(world.now + LOOK_MICROS);
  return { held: { ...held, leavers } };
}

function hasLeft(world: World, process: number): boolean {
  const { state } = world.processes[process].slotByNumber[LEADER_MACHINE]!;
  return (state as LeaderState).left;
}

export const forceLeave: Verb<ActionOf<'force_leave'>, AskedHeld> = asked<'force_leave'>(
  ({ hosts, leader }, aim, context) => {
    const { world } = context;
    const [asks] = serversAmong(aim.get(leader)!, context);
    if (asks === undefined) return 0;
    const process = world.processes[asks.process];
    const { config } = process.slotByNumber[MEMBERSHIP_MACHINE]!.state as MembershipState;
    const nodeOf = (target: number): number =>
      config.members.findIndex((member) => member.process === target);
    return serversAmong(aim.get(hosts)!, context).filter(({ process: target }) =>
      world.offer(process, FORCE_LEAVE, 0, nodeOf(target), null, ErrorCause.none),
    ).length;
  },
);
