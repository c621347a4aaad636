/**
 * What an agent keeps in its data directory (reference: agents §1.11; `consul:agent/agent.go
 * (persistService, persistCheck, persistCheckState, loadServices, loadChecks)`): services that
 * programs have registered, maintenance mode, and what checks of kind `ttl` were last told. After a
 * restart all other checks are critical until they have run.
 *
 * Known deviations: a service and its checks are one file, and a status that is told each few seconds
 * replaces its file at once.
 */
import type { Outbox } from '../../core/machine.ts';
import type { CheckStatus } from '../state/rows.ts';
import { addCheck } from './local-state.ts';
import { maintenanceCheckId } from './maintenance.ts';
import { nameChecks, registerService } from './register.ts';
import type {
  AgentConfig,
  AgentDurable,
  AgentState,
  AgentWrite,
  CheckSpec,
  KeptStatus,
  ServiceSpec,
} from './state.ts';

/** A formed cluster has been running: its programs have registered. */
export function createDurable({ formed, registered, persists }: AgentConfig): AgentDurable {
  const kept = formed && persists ? registered : [];
  return {
    services: new Map(kept.map((spec) => [spec.service.id, spec])),
    checks: new Map(),
    statuses: new Map(),
  };
}

export function copyDurable({ services, checks, statuses }: AgentDurable): AgentDurable {
  return { services: new Map(services), checks: new Map(checks), statuses: new Map(statuses) };
}

export function applyWrite(durable: AgentDurable, write: AgentWrite): void {
  switch (write.kind) {
    case 'service':
      durable.services.set(write.spec.service.id, write.spec);
      return;
    case 'check':
      durable.checks.set(write.check.id, write.check);
      return;
    case 'status':
      durable.statuses.set(write.check, write.kept);
      return;
    case 'purge':
      durable[write.of].delete(write.id);
  }
}

export function keepService(spec: ServiceSpec): readonly AgentWrite[] {
  return [{ kind: 'service', spec }];
}

export function keepStatus(check: string, kept: KeptStatus): readonly AgentWrite[] {
  return [{ kind: 'status', check, kept }];
}

/** The files of a service go with it, those of its checks and of its maintenance mode too. */
export function purgeService({ durable }: AgentState, id: string): readonly AgentWrite[] {
  const writes: AgentWrite[] = [];
  const spec = durable.services.get(id);
  if (spec !== undefined) {
    writes.push({ kind: 'purge', of: 'services', id });
    for (const check of nameChecks(spec)) {
      if (durable.statuses.has(check.id)) {
        writes.push({ kind: 'purge', of: 'statuses', id: check.id });
      }
    }
  }
  const maintenance = maintenanceCheckId(id);
  if (durable.checks.has(maintenance)) {
    writes.push({ kind: 'purge', of: 'checks', id: maintenance });
  }
  return writes;
}

/** Behind the services of the configuration files, which win over what programs registered. */
export function restoreAll(state: AgentState, out: Outbox): void {
  const { durable, local, config } = state;
  for (const [id, spec] of durable.services) {
    if (local.services.has(id)) continue;
    const checks = nameChecks(spec).map((check) => withStatus(check, durable, out.wall()));
    registerService(state, { ...spec, checks }, out);
  }
  for (const check of durable.checks.values()) addCheck(local, check, config.bugs);
}

function withStatus(check: CheckSpec, { statuses }: AgentDurable, wall: number): CheckSpec {
  const kept = check.kind === 'ttl' ? statuses.get(check.id) : undefined;
  const initialStatus: CheckStatus =
    kept !== undefined && wall < kept.untilMicros ? kept.status : 'critical';
  return { ...check, initialStatus };
}
