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
import { homesOf } from './homes.ts';
import { meshCommands, meshOf } from './mesh.ts';
import { nodeOf, passingRows, registrationsOf, servicesOf } from './registrations.ts';
import { isMember, serversIn } from './clusters.ts';
import { machineOf } from './gossip.ts';
import type { LanPool } from './gossip.ts';
import { placedAgents } from './placed-agents.ts';
import type { Placed } from './placed-agents.ts';
import { poolMembers } from './pool-members.ts';

/** `check_update_interval`, `rpc_client_timeout`, and `rpc_hold_timeout` beside servers that are Raft alone. */
const CHECK_UPDATE_MICROS = 300_000_000;
const RPC_HOLD_MICROS = 7_000_000;
const RPC_MICROS = 60_000_000;

export interface Agents {
  /** On the host of a program; undefined: none. */
  beside(program: number): Placed | undefined;
}

export function agentsOf(scenario: Scenario): Agents {
  const homes = homesOf(scenario);
  const byHost = new Map(placedAgents(scenario).map((one) => [one.host, one]));
  return { beside: (program) => byHost.get(homes[program]) };
}

/**
 * Of each agent, its own process; those of the pool have theirs already. With the pools that they are
 * members of; none: servers are Raft alone, and known from the start.
 */
export function agentProcesses(
  scenario: Scenario,
  lan: readonly LanPool[],
): ReadonlyMap<number, ProcessSpec> {
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
  const processOf = (one: Placed): ProcessSpec => {
    const { datacenter } = scenario.hosts[one.host];
    const config: AgentConfig = {
      ...nodeOf(one),
      ...known.get(datacenter)!,
      hasPool: lan.length > 0,
      ...registrationsOf(one),
      formed: scenario.start === 'formed',
      persists: one.instances.every(({ service }) => service.registration.api?.persists !== false),
      checkUpdateMicros: CHECK_UPDATE_MICROS,
      sendsCoordinates: scenario.serverLayer.sendsCoordinates,
      rpcHoldMicros,
      rpcMicros: RPC_MICROS,
      bugs: agentBugs(new Set(bugs.planted), new Set<string>(fix)),
    };
    const member = machineOf(lan, one.process);
    // The agent counts the members of the pool when it starts.
    const machines = [
      ...(member === undefined ? [] : [member]),
      { machine: agentMachine, config } as unknown as MachineSpec,
      {
        machine: readsMachine,
        config: readsConfig(scenario, one.name, datacenter),
      } as unknown as MachineSpec,
      ...meshOf(scenario, one),
    ];
    const name = one.process < scenario.hosts.length ? 'consul' : `${one.name}/agent`;
    return { name, host: one.host, cpu: null, machines };
  };
  return new Map(placed.map((one) => [one.process, processOf(one)]));
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
  agents: Agents,
  program: number,
  behaviours: readonly Behaviour[],
): ProgramConfig | null {
  const agent = agents.beside(program);
  const one = agent?.instances.find(({ process }) => process === program);
  if (agent === undefined || one === undefined) return null;
  const { registration, checks } = one.service;
  const services = servicesOf(one);
  const registered = registration.api === null ? [] : services;
  const [named] = services.map(nameChecks);
  const heartbeats = named.flatMap(({ id }, at) =>
    checks[at].kind === 'ttl' ? [{ check: id, intervalMicros: checks[at].heartbeatMicros }] : [],
  );
  const { shutdown: asked } = registration;
  if (registered.length === 0 && heartbeats.length === 0 && asked === null) return null;
  const shutdown = asked && {
    services: asked.deregister ? services.map(({ service }) => service.id) : [],
    drainMicros: asked.drainMicros,
    graceMicros: asked.graceMicros,
  };
  return {
    agent: agent.process,
    services: registered,
    formed: start === 'formed',
    againMicros: registration.api?.againMicros ?? null,
    lookMicros: registration.api?.lookMicros ?? null,
    heartbeats,
    behaviours,
    shutdown,
  };
}

/** What the catalog of a formed cluster holds: agents alive, instances passing, prepared queries. */
export function formedCatalog(scenario: Scenario, datacenter: string): Command[] {
  const members = scenario.raftAlone ? [] : poolMembers(scenario, datacenter);
  return [
    ...members.filter(({ server }) => !server).map(aliveCommand),
    ...formedNodes(scenario, datacenter),
    ...queryCommands(scenario),
    ...meshCommands(scenario),
  ];
}

function formedNodes(scenario: Scenario, datacenter: string): Command[] {
  return placedAgents(scenario).flatMap((one) => {
    if (scenario.hosts[one.host].datacenter !== datacenter) return [];
    const { node, nodeId, address } = nodeOf(one);
    const row = { id: nodeId, node, address, meta: [] };
    const { services, registered } = registrationsOf(one);
    if (one.instances.length === 0) return [registerCommand(row, false, null, [])];
    return [...services, ...registered]
      .filter(({ denied }) => !denied)
      .map((spec) => registerCommand(row, false, spec.service, passingRows(spec)));
  });
}
