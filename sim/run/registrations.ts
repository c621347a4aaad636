/** What agents register of the instances beside them, as the scenario says it. */
import type { AgentConfig, CheckSpec, ServiceSpec } from '../consul/agent/state.ts';
import { nameChecks } from '../consul/agent/register.ts';
import type { CheckDefinition } from '../consul/state/rows.ts';
import type {
  CheckSpec as ScenarioCheck,
  ServiceSpec as ScenarioService,
} from '../../scenarios/services.ts';

const PORT = 8080;
const SIDECAR_PORT = 21_000;

/** A host with an agent beside its program, and what the agent registers. */
export interface Placed {
  /** Index of the host, and of the process of its program. */
  readonly host: number;
  readonly name: string;
  /** Null: the program is a client. */
  readonly service: ScenarioService | null;
}

/** Each host is a node of its own, named as its instance. */
export function nodeOf(one: Placed): Pick<AgentConfig, 'node' | 'nodeId' | 'address'> {
  return { node: one.name, nodeId: `${one.name}-id`, address: addressOf(one.host) };
}

export function addressOf(host: number): string {
  return `10.1.${host >> 8}.${host & 255}`;
}

/** What the agent has in its configuration, and what its program registers by itself. */
export function registrationsOf(one: Placed): Pick<AgentConfig, 'services' | 'registered'> {
  if (one.service === null) return { services: [], registered: [] };
  const specs = servicesOf(one, one.service);
  const { api } = one.service.registration;
  return api === null ? { services: specs, registered: [] } : { services: [], registered: specs };
}

/** The service itself first, then its further names, then its sidecar. */
export function servicesOf(one: Placed, service: ScenarioService): ServiceSpec[] {
  const { names, denied, sidecar } = service.registration;
  const checks = service.checks.map((check) => checkOf(one, check));
  const own: ServiceSpec[] = [service.name, ...names].map((name, at) => ({
    service: rowOf(at === 0 ? one.name : `${one.name}:${name}`, name),
    checks: at === 0 ? checks : [],
    denied: denied.includes(name),
  }));
  return sidecar ? [...own, sidecarOf(one, service.name)] : own;
}

function rowOf(id: string, service: string): ServiceSpec['service'] {
  return { id, service, tags: [], address: '', port: PORT, meta: [] };
}

function checkOf(one: Placed, check: ScenarioCheck): CheckSpec {
  return {
    ...BARE_CHECK,
    kind: check.kind,
    ofNode: check.ofNode,
    path: check.path,
    at: `${addressOf(one.host)}:${PORT}`,
    target: one.host,
    deep: check.dependencies,
    intervalMicros: check.intervalMicros,
    timeoutMicros: check.timeoutMicros,
    ttlMicros: check.ttlMicros,
    thresholds: check,
    initialStatus: check.status,
    deregisterAfterMicros: check.deregisterAfterMicros,
  };
}

const BARE_CHECK: CheckSpec = {
  id: '',
  name: '',
  kind: 'tcp',
  ofNode: false,
  path: '',
  at: '',
  target: -1,
  deep: false,
  alias: '',
  intervalMicros: 10_000_000,
  timeoutMicros: 10_000_000,
  ttlMicros: 0,
  thresholds: { successBeforePassing: 0, failuresBeforeWarning: 0, failuresBeforeCritical: 0 },
  initialStatus: 'critical',
  deregisterAfterMicros: 0,
};

/**
 * `consul:agent/sidecar_service.go (sidecarDefaultChecks)`. Known deviation: the instance answers in
 * the place of its proxy.
 */
function sidecarOf(one: Placed, name: string): ServiceSpec {
  const at = `${addressOf(one.host)}:${SIDECAR_PORT}`;
  const listening = { name: 'Connect Sidecar Listening', at, target: one.host };
  const alias = { name: `Connect Sidecar Aliasing ${one.name}`, kind: 'alias' as const };
  const id = `${one.name}-sidecar-proxy`;
  return {
    service: { ...rowOf(id, `${name}-sidecar-proxy`), port: SIDECAR_PORT },
    checks: [
      { ...BARE_CHECK, ...listening },
      { ...BARE_CHECK, ...alias, alias: one.name },
    ],
    denied: false,
  };
}

/** As a formed cluster has them. */
export function passingRows(spec: ServiceSpec): CheckDefinition[] {
  return nameChecks(spec).map(({ id, name, kind, ofNode }) => ({
    id,
    name,
    status: 'passing' as const,
    output: '',
    type: kind,
    serviceId: ofNode ? '' : spec.service.id,
    sessionName: '',
  }));
}
