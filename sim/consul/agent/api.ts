/**
 * The agent's HTTP API (reference: agents §1.3, §1.7; `consul:agent/agent_endpoint.go`). A handler
 * changes the local state and pushes at once, by itself and whether or not the syncer is paused; that
 * the push failed is written to the log only, and the caller is told that all is well.
 */
import type { Outbox } from '../../core/machine.ts';
import type { CheckStatus } from '../state/rows.ts';
import { DEREGISTER_SERVICE, REGISTER_SERVICE, TTL_TIMER, UPDATE_CHECK } from './inputs.ts';
import { deregisterService, registerService, reportStatus } from './register.ts';
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

/** Null: done, and to be pushed. */
export function applyRequest(state: AgentState, run: ApiRun, out: Outbox): ApiError | null {
  switch (run.input) {
    case REGISTER_SERVICE: {
      const done = registerService(state, run.body as ServiceSpec, out);
      return done ? null : { status: 0, error: 'the handler has panicked' };
    }
    case DEREGISTER_SERVICE: {
      const id = run.body as string;
      if (deregisterService(state, id, out)) return null;
      return { status: 404, error: `Unknown service ID "${id}"` };
    }
    case UPDATE_CHECK:
      return updateTtl(state, run.body as CheckReport, out);
    default:
      return { status: 404, error: 'no such endpoint' };
  }
}

/** Every update starts the time anew. */
function updateTtl(state: AgentState, report: CheckReport, out: Outbox): ApiError | null {
  const runner = state.runners.get(report.check);
  if (runner?.definition.kind !== 'ttl') {
    return { status: 404, error: `Unknown check ID "${report.check}"` };
  }
  runner.lastOutput = report.output;
  out.timer(TTL_TIMER, runner.number, runner.definition.ttlMicros);
  reportStatus(state, report.check, report.status, report.output, out);
  return null;
}
