/**
 * Leave and join: agents are asked to leave gracefully, end when they have done so or their time is
 * up, and start again when the fault ends. `force_leave` is what an operator types for a dead one,
 * `join` for one that has lost the others.
 */
import { ErrorCause } from '../core/machine.ts';
import { FORCE_LEAVE } from '../protocol/serf/vocabulary.ts';
import { JOIN } from '../protocol/gossip/vocabulary.ts';
import { FORCE_LEAVE_WAN, WAN_MACHINE } from '../consul/wan/vocabulary.ts';
import type { Member } from '../protocol/gossip/member.ts';
import { isDown, maybeExit } from './crash.ts';
import {
  GRACE_MICROS,
  LOOK_MICROS,
  hasLeft,
  maybeBeginLeave,
  memberConfigOf,
  membersAmong,
} from './departure.ts';
import { asked, serversAmong } from './membership.ts';
import type { AskedHeld } from './membership.ts';
import type { ActionOf, Begun, Stage, Verb } from './verb.ts';

/** Who belongs to another pool. */
const NOBODY = -1;

export interface Leaver {
  readonly process: number;
  readonly state: 'leaving' | 'gone';
}

export interface LeaveHeld {
  readonly kind: 'leave';
  readonly leavers: readonly Leaver[];
  readonly byMicros: number;
}

export const leave: Verb<ActionOf<'leave'>, LeaveHeld> = {
  begin({ hosts }, aim, stage) {
    const { context } = stage;
    const { world } = context;
    const leavers = membersAmong(aim.get(hosts)!, context)
      .filter((process) => maybeBeginLeave(process, world))
      .map(({ index }): Leaver => ({ process: index, state: 'leaving' }));
    return goOnLeaving({ kind: 'leave', leavers, byMicros: world.now + GRACE_MICROS }, stage);
  },
  affected: ({ leavers }) => leavers.length,
  end(held, stage) {
    const { world } = stage.context;
    const crashes = stage.others('crash');
    for (const { process: index, state } of held.leavers) {
      const process = world.processes[index];
      // Whoever is still at it hears a second signal, and ends at once.
      if (state === 'leaving') world.power.crash(process, 'kill');
      const kept = crashes.some(({ victims }) => victims.some((one) => one.process === index));
      if (!kept && isDown(process)) world.power.start(process);
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
    const done = hasLeft(process) || world.now >= held.byMicros;
    if (!isDown(process) && !(done && maybeExit(process, context))) return leaver;
    return { ...leaver, state: 'gone' };
  });
  if (leavers.some(({ state }) => state === 'leaving')) stage.wakeAt(world.now + LOOK_MICROS);
  return { held: { ...held, leavers } };
}

export const forceLeave: Verb<ActionOf<'force_leave'>, AskedHeld> = asked<'force_leave'>(
  ({ hosts, leader, prune }, aim, context) => {
    const { world } = context;
    const [asks] = serversAmong(aim.get(leader)!, context);
    if (asks === undefined) return 0;
    const process = world.processes[asks.process];
    const { pool } = memberConfigOf(process);
    const wan = process.slotByNumber[WAN_MACHINE]?.state as Member | undefined;
    return membersAmong(aim.get(hosts)!, context).filter(({ index }) => {
      const member = pool.memberOf(index);
      if (member === NOBODY) return false;
      const node = pool.nodeOf[member];
      const prunes = prune === true;
      const wanNode = wan?.pool.memberOf(index) ?? NOBODY;
      if (wanNode !== NOBODY) {
        world.offer(process, FORCE_LEAVE_WAN, 0, wanNode, prunes, ErrorCause.none);
      }
      return world.offer(process, FORCE_LEAVE, 0, node, prunes, ErrorCause.none);
    }).length;
  },
);

/** Who runs joins those that it is given, or its servers; who is down starts, and joins by itself. */
export const join: Verb<ActionOf<'join'>, AskedHeld> = {
  begin({ hosts, to }, aim, stage) {
    const { context } = stage;
    const { world } = context;
    const given = to === null ? null : membersAmong(aim.get(to)!, context);
    const taken = membersAmong(aim.get(hosts)!, context).filter((process) => {
      if (isDown(process)) {
        stage.takeOver(process.index);
        world.power.start(process);
        return true;
      }
      const { pool, join: own } = memberConfigOf(process);
      const members = given?.map(({ index }) => pool.memberOf(index)) ?? own;
      if (members.includes(NOBODY)) return false;
      return world.offer(process, JOIN, 0, 0, members, ErrorCause.none);
    }).length;
    return { held: { kind: 'asked', taken }, over: true };
  },
  affected: ({ taken }) => taken,
  end: ({ taken }) => taken,
};
