/**
 * The agent's HTTP API (reference: agents §1.3, §1.7, §2.4; `consul:agent/agent_endpoint.go`). A handler
 * changes the local state and pushes at once, by itself and whether or not the syncer is paused; that
 * the push failed is written to the log only, and the caller is told that all is well.
 */
import type { Outbox } from '../../core/machine.ts';
import type { CheckStatus } from '../state/rows.ts';
import {
  DEREGISTER_SERVICE,
  GET_SERVICE,
  MAINTENANCE,
  REGISTER_SERVICE,
  TTL_TIMER,
  UPDATE_CHECK,
} from './inputs.ts';
import { setMaintenance } from './maintenance.ts';
import type { MaintenanceOrder } from './maintenance.ts';
import { keepService, keepStatus, purgeService } from './persistence.ts';
import { deregisterService, registerService, reportStatus } from './register.ts';
import { AgentNote } from './specs.ts';
import { numberOf } from './state.ts';
import type { AgentState, ApiRun, ServiceSpec } from './state.ts';

/** Answer of a handler that has done what it was asked. */
export const API_OK = { status: 200 } as const;

export interface ApiError {
  readonly status: number;
  readonly error: string;
}

/** Status and output of a check that waits to be told. */
export interface CheckReport {
  readonly check: string;
  readonly status: CheckStatus;
  readonly output: string;
}

/** A handler that only looks: nothing is pushed after it. */
export function isQuestion({ input }: ApiRun): boolean {
  return input === GET_SERVICE;
}

/** Null: done, and to be pushed. */
export function applyRequest(state: AgentState, run: ApiRun, out: Outbox): ApiError | null {
  switch (run.input) {
    case REGISTER_SERVICE: {
      const spec = run.body as ServiceSpec;
      const done = registerService(state, spec, out);
      const number = numberOf(state.serviceIds, spec.service.id);
      out.note(AgentNote.registered, number, done ? 1 : 0, 0);
      if (!done) return { status: 0, error: 'the handler has panicked' };
      run.writes = keepService(spec);
      return null;
    }
    case DEREGISTER_SERVICE:
      return deregister(state, run, out);
    case UPDATE_CHECK:
      return updateTtl(state, run, out);
    case MAINTENANCE: {
      const writes = setMaintenance(state, run.body as MaintenanceOrder, out);
      if (writes === null) return unknownService((run.body as MaintenanceOrder).service);
      run.writes = writes;
      return null;
    }
    case GET_SERVICE: {
      const id = run.body as string;
      return state.local.services.get(id)?.deleted === false ? null : unknownService(id);
    }
    default:
      return { status: 404, error: 'no such endpoint' };
  }
}

function unknownService(id: string): ApiError {
  return { status: 404, error: `Unknown service ID "${id}"` };
}

function deregister(state: AgentState, run: ApiRun, out: Outbox): ApiError | null {
  const id = run.body as string;
  if (!deregisterService(state, id, out)) return unknownService(id);
  out.note(AgentNote.deregistered, numberOf(state.serviceIds, id), 0, 0);
  run.writes = purgeService(state, id);
  return null;
}

/** Every update starts the time anew. */
function updateTtl(state: AgentState, run: ApiRun, out: Outbox): ApiError | null {
  const { check, status, output } = run.body as CheckReport;
  const runner = state.runners.get(check);
  if (runner?.definition.kind !== 'ttl') {
    return { status: 404, error: `Unknown check ID "${check}"` };
  }
  const { ttlMicros } = runner.definition;
  runner.lastOutput = output;
  out.timer(TTL_TIMER, runner.number, ttlMicros);
  reportStatus(state, check, status, output, out);
  run.writes = keepStatus(check, { status, output, untilMicros: out.wall() + ttlMicros });
  return null;
}
