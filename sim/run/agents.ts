/** Agents beside instances and clients: their processes, and what the catalog holds of them. */
import type { MachineSpec, ProcessSpec } from '../core/world-build.ts';
import { agentBugs } from '../consul/agent/bugs.ts';
import { agentMachine } from '../consul/agent/machine.ts';
import { nameChecks } from '../consul/agent/register.ts';
import type { AgentConfig } from '../consul/agent/state.ts';
import type { ProgramConfig } from '../client/program.ts';
import type { Behaviour } from '../service/behaviour.ts';
import { aliveCommand } from '../consul/leader/catalog.ts';
import { registerCommand } from '../consul/state/commands.ts';
import type { Command } from '../protocol/raft/types.ts';
import { readsMachine } from '../consul/agent/reads/machine.ts';
import type { ReadsConfig } from '../consul/agent/reads/state.ts';
import { queryCommands } from './queries.ts';
import { OPEN_BUGS } from '../../scenarios/vocabulary.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { nodeOf, passingRows, registrationsOf, servicesOf } from './registrations.ts';
import { isMember, serversIn } from './clusters.ts';
import { machineOf } from './gossip.ts';
import type { LanPool } from './gossip.ts';
import type { Placed } from './registrations.ts';
import { placedAgents } from './placed-agents.ts';
import { poolMembers } from './pool-members.ts';

/** `check_update_interval`, `rpc_client_timeout`, and `rpc_hold_timeout` beside servers that are Raft alone. */
const CHECK_UPDATE_MICROS = 300_000_000;
const RPC_HOLD_MICROS = 7_000_000;
const RPC_MICROS = 60_000_000;

export interface Agents {
  readonly placed: readonly Placed[];
  /** Process of the first of them. */
  readonly first: number;
  /** Process of the agent, by host. */
  readonly processOf: ReadonlyMap<number, number>;
}

/** Agents come behind all other processes: those have the numbers of their hosts. */
export function agentsOf(scenario: Scenario): Agents {
  const first = scenario.hosts.length;
  const placed = placedAgents(scenario);
  return { placed, first, processOf: new Map(placed.map(({ host }, at) => [host, first + at])) };
}

/** With the pool that they are members of; null: servers are Raft alone, and known from the start. */
export function agentProcesses(scenario: Scenario, lan: readonly LanPool[]): ProcessSpec[] {
  const placed = placedAgents(scenario);
  const known = new Map(
    scenario.datacenters.map(({ name }) => [
      name,
      { servers: serversKnown(scenario, name), poolNodes: poolMembers(scenario, name).length },
    ]),
  );
  const { bugs } = scenario;
  // The key of the cluster's agent section is meant for every agent; a server's own is not.
  const server = scenario.hosts.find((host) => host.kind === 'server');
  const rpcHoldMicros =
    server === undefined || scenario.raftAlone ? RPC_HOLD_MICROS : server.requests.holdMicros;
  const fix = bugs.knownIssues === 'fix' ? Object.keys(OPEN_BUGS) : bugs.fixed;
  return placed.map((one, at): ProcessSpec => {
    const { datacenter } = scenario.hosts[one.host];
    const config: AgentConfig = {
      ...nodeOf(one),
      ...known.get(datacenter)!,
      hasPool: lan.length > 0,
      ...registrationsOf(one),
      formed: scenario.start === 'formed',
      persists: one.service?.registration.api?.persists ?? true,
      checkUpdateMicros: CHECK_UPDATE_MICROS,
      rpcHoldMicros,
      rpcMicros: RPC_MICROS,
      bugs: agentBugs(new Set(bugs.planted), new Set<string>(fix)),
    };
    const member = machineOf(lan, scenario.hosts.length + at);
    const machines = [
      { machine: agentMachine, config } as unknown as MachineSpec,
      {
        machine: readsMachine,
        config: readsConfig(scenario, one.name, datacenter),
      } as unknown as MachineSpec,
      ...(member === undefined ? [] : [member]),
    ];
    return { name: `${one.name}/agent`, host: one.host, cpu: null, machines };
  });
}

/** Those of the agent's own datacenter, from whom it learns of the others. */
function serversKnown(scenario: Scenario, datacenter: string): AgentConfig['servers'] {
  return serversIn(scenario, datacenter).flatMap(({ spec, process }) =>
    isMember(spec) ? [{ name: spec.name, process }] : [],
  );
}

function readsConfig(
  { agentReads, bugs }: Scenario,
  node: string,
  datacenter: string,
): ReadsConfig {
  const { streaming, fetchRate, fetchBurst, dns } = agentReads;
  return {
    node,
    datacenter,
    streaming,
    fetchRate: fetchRate ?? Infinity,
    fetchBurst,
    dns,
    bugs: { P13: bugs.planted.includes('P13') },
  };
}

/** The program's side of it; null where it has nothing to do. */
export function programOf(
  { start }: Scenario,
  { placed, first, processOf }: Agents,
  host: number,
  behaviours: readonly Behaviour[],
): ProgramConfig | null {
  const agent = processOf.get(host);
  if (agent === undefined) return null;
  const one = placed[agent - first];
  if (one.service === null) return null;
  const { registration, checks } = one.service;
  const { registered } = registrationsOf(one);
  const [named] = servicesOf(one, one.service).map(nameChecks);
  const heartbeats = named.flatMap(({ id }, at) =>
    checks[at].kind === 'ttl' ? [{ check: id, intervalMicros: checks[at].heartbeatMicros }] : [],
  );
  if (registered.length === 0 && heartbeats.length === 0) return null;
  return {
    agent,
    services: registered,
    formed: start === 'formed',
    againMicros: registration.api?.againMicros ?? null,
    lookMicros: registration.api?.lookMicros ?? null,
    heartbeats,
    behaviours,
  };
}

/** What the catalog of a formed cluster holds: agents alive, instances passing, prepared queries. */
export function formedCatalog(scenario: Scenario, datacenter: string): Command[] {
  const members = scenario.raftAlone ? [] : poolMembers(scenario, datacenter);
  return [
    ...members.filter(({ server }) => !server).map(aliveCommand),
    ...formedNodes(scenario, datacenter),
    ...queryCommands(scenario),
  ];
}

function formedNodes(scenario: Scenario, datacenter: string): Command[] {
  return placedAgents(scenario).flatMap((one) => {
    if (scenario.hosts[one.host].datacenter !== datacenter) return [];
    const { node, nodeId, address } = nodeOf(one);
    const row = { id: nodeId, node, address, meta: [] };
    if (one.service === null) return [registerCommand(row, false, null, [])];
    const { services, registered } = registrationsOf(one);
    return [...services, ...registered]
      .filter(({ denied }) => !denied)
      .map((spec) => registerCommand(row, false, spec.service, passingRows(spec)));
  });
}
