/** Agents beside the instances of checked services: their processes, and what the catalog holds of them. */
import type { MachineSpec, ProcessSpec } from '../core/world-build.ts';
import { agentBugs } from '../consul/agent/bugs.ts';
import { agentMachine } from '../consul/agent/machine.ts';
import { nameChecks } from '../consul/agent/register.ts';
import type { AgentConfig, CheckSpec, ServiceSpec } from '../consul/agent/state.ts';
import { registerCommand } from '../consul/state/commands.ts';
import type { RegisterCommand } from '../consul/state/commands.ts';
import { OPEN_BUGS } from '../../scenarios/vocabulary.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { ServiceSpec as ScenarioService } from '../../scenarios/services.ts';
import { isMember } from './initial.ts';

/** `check_update_interval`, `rpc_hold_timeout` and `rpc_client_timeout`. */
const CHECK_UPDATE_MICROS = 300_000_000;
const RPC_HOLD_MICROS = 7_000_000;
const RPC_MICROS = 60_000_000;
const PORT = 8080;

interface Placed {
  /** Index of the host, and of the process of the instance. */
  readonly host: number;
  readonly name: string;
  readonly service: ScenarioService;
}

/** Instances of services that have a check, in the order of the hosts. */
function checkedInstances({ hosts, services }: Scenario): Placed[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  return hosts.flatMap((one, host): Placed[] => {
    if (one.kind !== 'instance') return [];
    const service = byName.get(one.service)!;
    return service.check === null ? [] : [{ host, name: one.name, service }];
  });
}

/** Agents come behind all other processes: those have the numbers of their hosts. */
export function agentProcesses(scenario: Scenario): ProcessSpec[] {
  const placed = checkedInstances(scenario);
  const servers = scenario.hosts.flatMap((host, process) =>
    host.kind === 'server' && isMember(host) ? [{ name: host.name, process }] : [],
  );
  const { bugs } = scenario;
  const fix = bugs.knownIssues === 'fix' ? Object.keys(OPEN_BUGS) : bugs.fixed;
  const pool = scenario.hosts.filter(({ kind }) => kind === 'server' || kind === 'agent');
  return placed.map((one): ProcessSpec => {
    const config: AgentConfig = {
      ...nodeOf(one),
      servers,
      poolNodes: pool.length + placed.length,
      services: [serviceOf(one)],
      formed: scenario.start === 'formed',
      checkUpdateMicros: CHECK_UPDATE_MICROS,
      rpcHoldMicros: RPC_HOLD_MICROS,
      rpcMicros: RPC_MICROS,
      bugs: agentBugs(new Set(bugs.planted), new Set<string>(fix)),
    };
    const machines = [{ machine: agentMachine, config } as unknown as MachineSpec];
    return { name: `${one.name}/agent`, host: one.host, cpu: null, machines };
  });
}

/** Each host is a node of its own, named as its instance. */
function nodeOf({ name, host }: Placed): Pick<AgentConfig, 'node' | 'nodeId' | 'address'> {
  return { node: name, nodeId: `${name}-id`, address: `10.1.${host >> 8}.${host & 255}` };
}

function serviceOf({ name, host, service }: Placed): ServiceSpec {
  const check = service.check!;
  const spec: CheckSpec = {
    id: '',
    name: '',
    kind: check.kind,
    path: check.path,
    target: host,
    alias: '',
    intervalMicros: check.intervalMicros,
    timeoutMicros: check.timeoutMicros,
    ttlMicros: 0,
    thresholds: check,
    initialStatus: check.status,
    deregisterAfterMicros: check.deregisterAfterMicros,
  };
  const row = { id: name, service: service.name, tags: [], address: '', port: PORT, meta: [] };
  return { service: row, checks: [spec] };
}

/** What the catalog of a formed cluster holds: every instance, passing. */
export function formedCatalog(scenario: Scenario): RegisterCommand[] {
  return checkedInstances(scenario).map((one) => {
    const { node, nodeId, address } = nodeOf(one);
    const spec = serviceOf(one);
    const checks = nameChecks(spec).map(({ id, name, kind }) => ({
      id,
      name,
      status: 'passing' as const,
      output: '',
      type: kind,
      serviceId: spec.service.id,
      sessionName: '',
    }));
    return registerCommand({ id: nodeId, node, address, meta: [] }, false, spec.service, checks);
  });
}
