/**
 * Maintenance mode (reference: agents §2.4; `consul:agent/agent.go (EnableServiceMaintenance,
 * EnableNodeMaintenance)`): a check of the node or of a service that is critical for as long as it is
 * there, and that nobody runs.
 */
import type { Outbox } from '../../core/machine.ts';
import type { CheckDefinition } from '../state/rows.ts';
import { addCheck, removeCheck } from './local-state.ts';
import { refreshAliases } from './register.ts';
import type { AgentState, AgentWrite } from './state.ts';

export interface MaintenanceOrder {
  /** ID of the service; "": the whole node. */
  readonly service: string;
  readonly enable: boolean;
}

export function maintenanceCheckId(service: string): string {
  return service === '' ? '_node_maintenance' : `_service_maintenance:${service}`;
}

function checkOf(service: string): CheckDefinition {
  return {
    id: maintenanceCheckId(service),
    name: service === '' ? 'Node Maintenance Mode' : 'Service Maintenance Mode',
    status: 'critical',
    output: '',
    type: 'maintenance',
    serviceId: service,
    sessionName: '',
  };
}

/** What is to be kept on disk, nothing where it was so already; null: there is no such service. */
export function setMaintenance(
  state: AgentState,
  { service, enable }: MaintenanceOrder,
  out: Outbox,
): readonly AgentWrite[] | null {
  const { local, config } = state;
  if (service !== '' && local.services.get(service)?.deleted !== false) return null;
  const id = maintenanceCheckId(service);
  const isOn = local.checks.get(id)?.deleted === false;
  if (isOn === enable) return [];
  const check = checkOf(service);
  if (enable) addCheck(local, check, config.bugs);
  else removeCheck(local, id);
  refreshAliases(state, service, out);
  return enable ? [{ kind: 'check', check }] : [{ kind: 'purge', of: 'checks', id }];
}
