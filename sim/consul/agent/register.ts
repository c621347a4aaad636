/**
 * Services and checks come and go (reference: agents §1.7, §2.5; `consul:agent/agent.go
 * (addServiceInternal, removeService, reapServicesInternal)`). Whoever calls holds the lock.
 */
import type { Outbox } from '../../core/machine.ts';
import { aliasResult, startRunner, stopRunner } from './check-runner.ts';
import type { CheckDefinition } from '../state/rows.ts';
import { DEFER_TIMER } from './inputs.ts';
import {
  NOT_CRITICAL,
  addService,
  endDeferral,
  removeService,
  updateCheck,
} from './local-state.ts';
import type { CheckSpec, AgentState, ServiceSpec } from './state.ts';
import type { CheckStatus } from '../state/rows.ts';
import { drawStagger } from './scale.ts';
import { numberOf } from './state.ts';

/** check_deregister_interval_min (`consul:agent/config/default.go`): less is raised to it. */
const DEREGISTER_MICROS_MIN = 60_000_000;

/** `service:<id>`, with a number from 1 where there are several. */
export function nameChecks({ service, checks }: ServiceSpec): CheckSpec[] {
  return checks.map((check, at) => ({
    ...check,
    id: check.id || `service:${service.id}${checks.length > 1 ? `:${at + 1}` : ''}`,
    name: check.name || `Service '${service.service}' check`,
  }));
}

function healthCheck(
  { service }: ServiceSpec,
  { id, name, initialStatus, kind, ofNode }: CheckSpec,
): CheckDefinition {
  return {
    id,
    name,
    status: initialStatus,
    output: '',
    type: kind,
    serviceId: ofNode ? '' : service.id,
    sessionName: '',
  };
}

/** False: the handler panics, and the caller sees its connection closed (H2). */
export function registerService(state: AgentState, definition: ServiceSpec, out: Outbox): boolean {
  const checks = nameChecks(definition);
  const rows = checks.map((check) => healthCheck(definition, check));
  const { id } = definition.service;
  const before = [
    state.local.services.get(id),
    ...rows.map((row) => state.local.checks.get(row.id)),
  ];
  if (!addService(state.local, definition.service, rows, state.config.bugs)) return false;
  const now = [state.local.services.get(id), ...rows.map((row) => state.local.checks.get(row.id))];
  // H1: nobody has pushed it, and nobody will.
  if (before.some((entry, at) => entry?.inSync === false && now[at]!.inSync)) out.mark('P4');
  numberOf(state.serviceIds, id);
  if (definition.denied) state.denied.add(id);
  else state.denied.delete(id);
  for (const check of checks) startRunner(state, check, out);
  refreshAliases(state, id, out);
  // An alias looks for itself as soon as it is there.
  for (const { kind, alias } of checks) if (kind === 'alias') refreshAliases(state, alias, out);
  return true;
}

export function deregisterService(state: AgentState, id: string, out: Outbox): boolean {
  const checks = [...state.runners.keys()].filter((check) => {
    return state.local.checks.get(check)?.check?.serviceId === id;
  });
  if (!removeService(state.local, id)) return false;
  // P21 (consul#14935): runners of what is no longer registered run on.
  if (!state.config.bugs.P21) for (const check of checks) stopRunner(state, check, out);
  refreshAliases(state, id, out);
  return true;
}

/** True: there is something to push. */
export function reportStatus(
  state: AgentState,
  id: string,
  status: CheckStatus,
  output: string,
  out: Outbox,
): boolean {
  const { config, local } = state;
  const defers = config.checkUpdateMicros > 0 && !config.bugs.P7;
  const update = updateCheck(local, id, status, output, out.now(), defers);
  if (update === 'defer') armDeferral(state, id, out);
  if (update !== 'changed') return false;
  const serviceId = local.checks.get(id)!.check!.serviceId;
  refreshAliases(state, serviceId, out);
  return true;
}

/** Half the interval and up to the whole of it more. */
function armDeferral(state: AgentState, id: string, out: Outbox): void {
  const { checkUpdateMicros } = state.config;
  const runner = state.runners.get(id);
  if (runner === undefined) return;
  const stagger = drawStagger(out.draw('output-deferral'), checkUpdateMicros);
  out.timer(DEFER_TIMER, runner.number, Math.floor(checkUpdateMicros / 2) + stagger);
}

export function onDeferTimer(state: AgentState, number: number): boolean {
  return endDeferral(state.local, state.checkIds[number]);
}

/** Aliases of a service follow it at once. */
export function refreshAliases(state: AgentState, serviceId: string, out: Outbox): void {
  for (const [id, { definition }] of state.runners) {
    if (definition.kind !== 'alias') continue;
    if (serviceId !== '' && definition.alias !== serviceId) continue;
    const { status, output } = aliasResult(state, definition);
    reportStatus(state, id, status, output, out);
  }
}

/** Services with a check that has been critical for too long, and that check. */
export function servicesToReap(
  { local, runners }: AgentState,
  now: number,
): ReadonlyMap<string, string> {
  const due = new Map<string, string>();
  for (const [id, { check, criticalMicros, deleted }] of local.checks) {
    const after = runners.get(id)?.definition.deregisterAfterMicros ?? 0;
    if (after === 0 || deleted || criticalMicros === NOT_CRITICAL || check === null) continue;
    const limit = Math.max(after, DEREGISTER_MICROS_MIN);
    // Checks of the node reap nothing.
    const { serviceId } = check;
    if (serviceId === '' || due.has(serviceId)) continue;
    if (now - criticalMicros > limit) due.set(serviceId, id);
  }
  return due;
}
