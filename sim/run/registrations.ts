/** What agents register of the instances beside them, as the scenario says it. */
import type { AgentConfig, CheckSpec, ServiceSpec } from '../consul/agent/state.ts';
import { nameChecks } from '../consul/agent/register.ts';
import type { CheckDefinition } from '../consul/state/rows.ts';
import type { CheckSpec as ScenarioCheck } from '../../scenarios/services.ts';
import { ownAddress } from './addresses.ts';
import type { Placed, Registered } from './placed-agents.ts';

const PORT = 8080;
const SIDECAR_PORT = 21_000;

/** Each host with an agent is a node, named as the host. */
export function nodeOf({
  name,
  address,
}: Placed): Pick<AgentConfig, 'node' | 'nodeId' | 'address'> {
  return { node: name, nodeId: `${name}-id`, address };
}

/** What the agent has in its configuration, and what programs register by themselves. */
export function registrationsOf({
  instances,
}: Placed): Pick<AgentConfig, 'services' | 'registered'> {
  const byThemselves = (one: Registered): boolean => one.service.registration.api !== null;
  return {
    services: instances.filter((one) => !byThemselves(one)).flatMap(servicesOf),
    registered: instances.filter(byThemselves).flatMap(servicesOf),
  };
}

/** The service itself first, then its further names, then its sidecar. */
export function servicesOf(one: Registered): ServiceSpec[] {
  const { service } = one;
  const { names, denied, sidecar } = service.registration;
  const checks = service.checks.map((check) => checkOf(one, check));
  const own: ServiceSpec[] = [service.name, ...names].map((name, at) => ({
    service: rowOf(at === 0 ? one.name : `${one.name}:${name}`, name, one),
    checks: at === 0 ? checks : [],
    denied: denied.includes(name),
    program: one.process,
  }));
  return sidecar ? [...own, sidecarOf(one)] : own;
}

function rowOf(id: string, service: string, { address }: Registered): ServiceSpec['service'] {
  return { id, service, tags: [], address, port: PORT, meta: [] };
}

function checkOf(one: Registered, check: ScenarioCheck): CheckSpec {
  return {
    ...BARE_CHECK,
    kind: check.kind,
    ofNode: check.ofNode,
    path: check.path,
    at: `${ownAddress(one.process)}:${PORT}`,
    target: one.process,
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
function sidecarOf(one: Registered): ServiceSpec {
  const { name } = one.service;
  const at = `${ownAddress(one.process)}:${SIDECAR_PORT}`;
  const listening = { name: 'Connect Sidecar Listening', at, target: one.process };
  const alias = { name: `Connect Sidecar Aliasing ${one.name}`, kind: 'alias' as const };
  const id = `${one.name}-sidecar-proxy`;
  return {
    service: { ...rowOf(id, `${name}-sidecar-proxy`, one), port: SIDECAR_PORT },
    checks: [
      { ...BARE_CHECK, ...listening },
      { ...BARE_CHECK, ...alias, alias: one.name },
    ],
    denied: false,
    program: one.process,
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
