/** Agents beside instances and clients: their processes, and what the catalog holds of them. */
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

/** `check_update_interval`, `rpc_client_timeout`, and `rpc_hold_timeout` beside servers that are Raft alone. */
const CHECK_UPDATE_MICROS = 300_000_000;
const RPC_HOLD_MICROS = 7_000_000;
const RPC_MICROS = 60_000_000;
const PORT = 8080;

/** A host with an agent beside its program, and what the agent registers. */
interface Placed {
  /** Index of the host, and of the process of its program. */
  readonly host: number;
  readonly name: string;
  /** Null: the program is a client. */
  readonly service: ScenarioService | null;
}

/**
 * Hosts that need an agent, in their order: instances that are checked or found by the health
 * endpoint, and whoever finds instances that way.
 */
function placedAgents({ hosts, services, calls }: Scenario): Placed[] {
  const orders = [...calls, ...services.flatMap((one) => one.calls)];
  const found = new Set(orders.flatMap((one) => (one.discover === null ? [] : [one.service])));
  const byName = new Map(services.map((one) => [one.name, one]));
  const finders = new Set(calls.flatMap((one) => (one.discover === null ? [] : one.clients)));
  return hosts.flatMap((one, host): Placed[] => {
    const { name } = one;
    if (one.kind === 'client') return finders.has(name) ? [{ host, name, service: null }] : [];
    if (one.kind !== 'instance') return [];
    const service = byName.get(one.service)!;
    const finds = service.calls.some(({ discover }) => discover !== null);
    const registers = service.check !== null || found.has(service.name);
    if (!registers && !finds) return [];
    return [{ host, name, service: registers ? service : null }];
  });
}

/** Agents come behind all other processes: those have the numbers of their hosts. */
export function agentOfHosts(scenario: Scenario): ReadonlyMap<number, number> {
  const first = scenario.hosts.length;
  return new Map(placedAgents(scenario).map(({ host }, at) => [host, first + at]));
}

export function agentProcesses(scenario: Scenario): ProcessSpec[] {
  const placed = placedAgents(scenario);
  const servers = scenario.hosts.flatMap((host, process) =>
    host.kind === 'server' && isMember(host) ? [{ name: host.name, process }] : [],
  );
  const { bugs } = scenario;
  // The key of the cluster's agent section is meant for every agent; a server's own is not.
  const server = scenario.hosts.find((host) => host.kind === 'server');
  const rpcHoldMicros =
    server === undefined || scenario.raftAlone ? RPC_HOLD_MICROS : server.requests.holdMicros;
  const fix = bugs.knownIssues === 'fix' ? Object.keys(OPEN_BUGS) : bugs.fixed;
  const pool = scenario.hosts.filter(({ kind }) => kind === 'server' || kind === 'agent');
  return placed.map((one): ProcessSpec => {
    const config: AgentConfig = {
      ...nodeOf(one),
      servers,
      poolNodes: pool.length + placed.length,
      services: one.service === null ? [] : [serviceOf(one, one.service)],
      formed: scenario.start === 'formed',
      checkUpdateMicros: CHECK_UPDATE_MICROS,
      rpcHoldMicros,
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

function serviceOf({ name, host }: Placed, { name: service, check }: ScenarioService): ServiceSpec {
  const row = { id: name, service, tags: [], address: '', port: PORT, meta: [] };
  if (check === null) return { service: row, checks: [] };
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
  return { service: row, checks: [spec] };
}

/** What the catalog of a formed cluster holds: every instance, passing. */
export function formedCatalog(scenario: Scenario): RegisterCommand[] {
  return placedAgents(scenario).map((one) => {
    const { node, nodeId, address } = nodeOf(one);
    const row = { id: nodeId, node, address, meta: [] };
    if (one.service === null) return registerCommand(row, false, null, []);
    const spec = serviceOf(one, one.service);
    const checks = nameChecks(spec).map(({ id, name, kind }) => ({
      id,
      name,
      status: 'passing' as const,
      output: '',
      type: kind,
      serviceId: spec.service.id,
      sessionName: '',
    }));
    return registerCommand(row, false, spec.service, checks);
  });
}
