/**
 * The leader loop as a table of steps (`consul:agent/consul/leader.go (leaderLoop,
 * establishLeadership, revokeLeadership)`; reference: consul §2.6). Where it waits, it waits for one
 * answer of Raft, and hears nothing else until it has it.
 *
 * Known deviations: no ACLs, replication, peering or Connect beyond the entries that a first leader
 * writes.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Procedure, StepResult } from '../../core/procedure.ts';
import { DONE, NEXT, after, jump, procedure, until } from '../../core/procedure.ts';
import { ApplyError, EntryType } from '../../protocol/raft/types.ts';
import { FIRE_EVENT } from '../../protocol/serf/vocabulary.ts';
import { NEW_LEADER } from '../membership/pool.ts';
import { raftOf } from '../membership/server.ts';
import type { SystemKey } from './catalog-port.ts';
import { reconcileSteps } from './reconcile.ts';
import { propose, transfer } from './state.ts';
import type { LeaderState, Loop } from './state.ts';
import { CHECKPOINT, INTERVAL, LOOP_ENDED, LeaderNote, STOP } from './vocabulary.ts';

/** `consul:agent/consul/config.go (ReconcileInterval)`, `leader.go (barrierWriteTimeout)`. */
export const RECONCILE_MICROS = 60_000_000;
const BARRIER_MICROS = 120_000_000;
const RETRY_MICROS = 5_000_000;
const TRANSFERS_MAX = 3;
/** `consul:agent/consul/leader_log_verification.go`. */
export const CHECKPOINT_MICROS = 60_000_000;

/** What the steps work on. */
export interface Duty {
  readonly state: LeaderState;
  readonly out: Outbox;
}

function failed({ state }: Duty): boolean {
  return state.answer !== null && state.answer.error !== ApplyError.none;
}

/** Writes what a first leader finds missing. */
function writeOnce({ state, out }: Duty, key: SystemKey, reason: string): StepResult {
  state.answer = null;
  const command = state.config.catalog.system(raftOf(out).fsm, key);
  if (command === null) return NEXT;
  propose(state, EntryType.command, command, out);
  return after(reason);
}

function tell({ state, out }: Duty, leads: 0 | 1): void {
  const { lastIndex } = raftOf(out);
  for (const input of state.config.told) out.post(input, 0, leads, lastIndex);
}

const BEGIN = [
  {
    name: 'announce',
    run: ({ state, out }: Duty, loop: Loop): StepResult => {
      out.note(LeaderNote.began, loop.number, 0, 0);
      out.post(FIRE_EVENT, 0, 0, { name: NEW_LEADER, payload: String(state.self) });
      state.answer = null;
      return NEXT;
    },
  },
  {
    name: 'barrier',
    run: ({ state, out }: Duty, loop: Loop): StepResult => {
      loop.listens = false;
      loop.due = false;
      out.timer(INTERVAL, 0, RECONCILE_MICROS);
      propose(state, EntryType.barrier, null, out, BARRIER_MICROS);
      return after('barrier');
    },
  },
  {
    name: 'see barrier',
    run: (duty: Duty, loop: Loop): StepResult => {
      if (!failed(duty)) return loop.established ? jump('reconcile') : NEXT;
      const { state, out } = duty;
      out.note(LeaderNote.barrierFailed, state.answer!.error, 0, 0);
      return jump(state.config.bugs.B28 ? 'end' : 'wait');
    },
  },
];

const ESTABLISH = [
  {
    name: 'tombstones and session timers',
    run: (duty: Duty): StepResult => {
      tell(duty, 1);
      return NEXT;
    },
  },
  {
    name: 'autopilot configuration',
    run: (duty: Duty): StepResult => writeOnce(duty, 'autopilot', 'autopilot configuration'),
  },
  {
    name: 'autopilot',
    run: ({ state }: Duty): StepResult => {
      state.reconciles = true;
      return NEXT;
    },
  },
  {
    name: 'connect ca',
    run: (duty: Duty): StepResult => writeOnce(duty, 'connect-ca', 'connect ca'),
  },
  {
    name: 'intention format',
    run: (duty: Duty): StepResult => writeOnce(duty, 'intention-format', 'intention format'),
  },
  {
    name: 'ready',
    run: (duty: Duty, loop: Loop): StepResult => {
      const { state, out } = duty;
      if (failed(duty)) {
        out.note(LeaderNote.establishFailed, state.answer!.error, 0, 0);
        loop.transfers = 0;
        revoke(duty, loop);
        return jump('give up');
      }
      state.ready = true;
      loop.established = true;
      out.note(LeaderNote.established, 0, 0, 0);
      if (state.config.verifies) out.timer(CHECKPOINT, 0, CHECKPOINT_MICROS);
      if (!loop.reasserts) return NEXT;
      loop.reasserts = false;
      return jump('wait');
    },
  },
];

const SERVE = [
  {
    name: 'wait',
    run: ({ state, out }: Duty, loop: Loop): StepResult => {
      if (out.receive(STOP) !== undefined || loop.stopping) return jump('end');
      if (loop.due) return jump('barrier');
      if (loop.reasserts) {
        revoke({ state, out }, loop);
        return jump('tombstones and session timers');
      }
      if (!loop.listens || state.changes.length === 0) return until('events');
      loop.left = [state.changes.shift()!];
      loop.whole = false;
      return jump('member');
    },
  },
  {
    name: 'give up',
    run: ({ state, out }: Duty, loop: Loop): StepResult => {
      loop.transfers++;
      transfer(state, out);
      return after('transfer of leadership');
    },
  },
  {
    name: 'see transfer',
    run: (duty: Duty, loop: Loop): StepResult => {
      if (!failed(duty)) return NEXT;
      if (loop.transfers < TRANSFERS_MAX) return jump('give up');
      loop.reasserts = false;
      duty.out.timer(INTERVAL, 0, RETRY_MICROS);
      return jump('wait');
    },
  },
  {
    name: 'end',
    run: (duty: Duty, loop: Loop): StepResult => {
      if (loop.established) revoke(duty, loop);
      const { out } = duty;
      out.cancel(INTERVAL, 0);
      out.note(LeaderNote.ended, loop.number, 0, 0);
      out.post(LOOP_ENDED, 0, 0, null);
      return DONE;
    },
  },
];

/** In the original's order; autopilot is the last to hear. */
function revoke(duty: Duty, loop: Loop): void {
  const { state, out } = duty;
  loop.established = false;
  out.cancel(CHECKPOINT, 0);
  tell(duty, 0);
  state.ready = false;
  state.reconciles = false;
  out.note(LeaderNote.revoked, 0, 0, 0);
}

export const leaderLoop: Procedure<Duty, Loop> = procedure('leader loop', [
  ...BEGIN,
  ...ESTABLISH,
  ...reconcileSteps,
  ...SERVE,
]);
