/**
 * A graceful leave (`consul:agent/consul/server.go (Leave)`; reference: consul §2.11): hand leadership
 * over, tell both pools, refuse what needs a leader, wait for clients to go and for the others to take
 * this server out of the configuration.
 *
 * Known deviation: where there is one datacenter, there is of the WAN pool only the time that leaving
 * it takes.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Procedure, Progress, StepResult } from '../../core/procedure.ts';
import { DONE, NEXT, advance, after, begin, jump, procedure, until } from '../../core/procedure.ts';
import { ChangeCommand } from '../../protocol/raft/configuration.ts';
import { ApplyError, Role, isMember, proposerTag } from '../../protocol/raft/types.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import { CHANGE, TRANSFER } from '../../protocol/raft/vocabulary.ts';
import { LEAVE_POOL } from '../../protocol/serf/vocabulary.ts';
import { LEAVE_WAN, WAN_MACHINE } from '../wan/vocabulary.ts';
import { raftOf } from '../membership/server.ts';
import { LEAVE as LEAVE_REQUESTS } from '../requests/inputs.ts';
import type { LeaderState } from './state.ts';
import { GO_ON, LEADER_MACHINE, LeaderNote } from './vocabulary.ts';

export interface Leave extends Progress {
  answer: ApplyResult | null;
  attempts: number;
  /** Local time until which it waits to be removed. */
  removedByMicros: number;
}

/** Tags of Raft's answers for this procedure begin here. */
export const LEAVE_TAGS = 2 ** 21;

/** `hashicorp/serf:serf/config.go (LeavePropagateDelay)` as Consul sets it. */
const PROPAGATE_MICROS = 3_000_000;
/** `leave_drain_time`. */
const DRAIN_MICROS = 5_000_000;
/** `consul:agent/consul/server.go (raftRemoveGracePeriod)`, looked at this often. */
const REMOVAL_MICROS = 5_000_000;
const LOOK_MICROS = 50_000;
const TRANSFERS_MAX = 3;

interface Context {
  readonly state: LeaderState;
  readonly out: Outbox;
}

function leadsOthers(out: Outbox): boolean {
  const { role, latest } = raftOf(out);
  return role === Role.leader && latest.servers.filter(({ voter }) => voter).length > 1;
}

const steps: Procedure<Context, Leave> = procedure('leave', [
  {
    name: 'hand over',
    run: ({ out }, leave): StepResult => {
      leave.answer = null;
      if (!leadsOthers(out)) return NEXT;
      leave.attempts++;
      out.park(GO_ON, 0);
      out.post(TRANSFER, 0, proposerTag(LEADER_MACHINE, LEAVE_TAGS), -1);
      return after('transfer of leadership');
    },
  },
  {
    name: 'or go at once',
    run: ({ state, out }, leave): StepResult => {
      if (leave.answer === null || leave.answer.error === ApplyError.none) return NEXT;
      if (leave.attempts < TRANSFERS_MAX && leadsOthers(out)) return jump('hand over');
      out.park(GO_ON, 0);
      out.post(CHANGE, 0, 0, {
        command: ChangeCommand.removeServer,
        server: state.self,
        previousIndex: 0,
        tag: proposerTag(LEADER_MACHINE, LEAVE_TAGS),
      });
      return after('its own removal');
    },
  },
  {
    name: 'leave the wan pool',
    run: ({ out }): StepResult => {
      if (out.sibling(WAN_MACHINE) === undefined) {
        out.sleep(PROPAGATE_MICROS, GO_ON, 0);
      } else {
        out.post(LEAVE_WAN, 0, 0, null);
        out.park(GO_ON, 0);
      }
      return after('the wan pool');
    },
  },
  {
    name: 'leave the lan pool',
    run: ({ out }): StepResult => {
      out.post(LEAVE_POOL, 0, 0, null);
      out.park(GO_ON, 0);
      return after('the lan pool');
    },
  },
  {
    name: 'drain',
    run: ({ out }, leave): StepResult => {
      out.post(LEAVE_REQUESTS, 0, 0, null);
      out.sleep(DRAIN_MICROS, GO_ON, 0);
      leave.removedByMicros = out.now() + DRAIN_MICROS + REMOVAL_MICROS;
      return after('clients to go');
    },
  },
  {
    name: 'removal',
    run: ({ state, out }, leave): StepResult => {
      const { role, latest } = raftOf(out);
      const over = role === Role.leader || !isMember(latest, state.self);
      if (over || out.now() >= leave.removedByMicros) return NEXT;
      out.sleep(LOOK_MICROS, GO_ON, 0);
      return until('its removal');
    },
  },
  {
    name: 'gone',
    run: ({ state, out }): StepResult => {
      state.left = true;
      out.note(LeaderNote.left, 0, 0, 0);
      return DONE;
    },
  },
]);

export const leaveProcedure = steps;

export function beginLeave(state: LeaderState, out: Outbox): void {
  if (state.leave !== null) return;
  state.leave = begin({ answer: null, attempts: 0, removedByMicros: 0 });
  goOnLeaving(state, out);
}

export function goOnLeaving(state: LeaderState, out: Outbox): void {
  if (state.leave !== null) advance(steps, { state, out }, state.leave);
}
