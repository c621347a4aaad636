/** Which programs of a scenario have a Consul agent beside them, and which of them share one. */
import type { Scenario } from '../../scenarios/scenario.ts';
import type { ServiceSpec } from '../../scenarios/services.ts';
import { agentAddress, ownAddress } from './addresses.ts';
import { homesOf } from './homes.ts';

/** An instance that its agent registers. */
export interface Registered {
  readonly name: string;
  /** Its process. */
  readonly process: number;
  readonly service: ServiceSpec;
  /** Of its own, where it shares the host; "": that of the node. */
  readonly address: string;
}

/** An agent that programs of its host talk to. */
export interface Placed {
  readonly host: number;
  readonly process: number;
  /** Of the host, and so of its node. */
  readonly name: string;
  readonly address: string;
  /** None: its programs are clients. */
  readonly instances: readonly Registered[];
}

/**
 * Client agents first, where instances are placed on any of them: all run the whole program then. Behind
 * them, and behind all other processes, the agents of hosts that need one: instances that are checked
 * or found by the health endpoint, whoever finds instances, or asks the store, that way, and clients
 * with a proxy.
 */
export function placedAgents(scenario: Scenario): Placed[] {
  return [...sharedAgents(scenario), ...ownAgents(scenario)];
}

/** Whether agents of the pool have programs beside them. */
function sharedAgents(scenario: Scenario): Placed[] {
  const { hosts } = scenario;
  const homes = homesOf(scenario);
  const byHost = new Map<number, Registered[]>();
  const registers = registeringServices(scenario);
  hosts.forEach((one, process) => {
    if (one.kind !== 'instance' || one.on === null) return;
    const instances = byHost.get(homes[process]) ?? [];
    byHost.set(homes[process], instances);
    const service = registers.get(one.service);
    if (service === undefined) return;
    instances.push({ name: one.name, process, service, address: ownAddress(process) });
  });
  if (byHost.size === 0) return [];
  return hosts.flatMap(({ kind, name }, host): Placed[] => {
    if (kind !== 'agent') return [];
    const instances = byHost.get(host) ?? [];
    return [{ host, process: host, name, address: agentAddress(host), instances }];
  });
}

/** Those that come into the catalog, by name. */
function registeringServices({ services, calls }: Scenario): ReadonlyMap<string, ServiceSpec> {
  const orders = [...calls, ...services.flatMap((one) => one.calls)];
  const found = new Set(orders.flatMap((one) => (one.discover === null ? [] : [one.service])));
  const registers = services.filter(({ name, checks, registration }) => {
    const { api, names, sidecar } = registration;
    const asks = api !== null || names.length > 0 || sidecar;
    return checks.length > 0 || asks || found.has(name);
  });
  return new Map(registers.map((one) => [one.name, one]));
}

function ownAgents(scenario: Scenario): Placed[] {
  const { hosts, services, calls, loads } = scenario;
  const registers = registeringServices(scenario);
  const finding = services.filter((one) => one.calls.some(({ discover }) => discover !== null));
  const finds = new Set(finding.map(({ name }) => name));
  const asking = calls.filter((one) => one.discover !== null || one.as !== null);
  const through = loads.filter(({ via }) => via === 'agent');
  const clients = new Set([...asking, ...through].flatMap((one) => one.clients));
  const needing = hosts.flatMap((one, host): Omit<Placed, 'process'>[] => {
    const { name } = one;
    const address = ownAddress(host);
    if (one.kind === 'client') {
      return clients.has(name) ? [{ host, name, address, instances: [] }] : [];
    }
    if (one.kind !== 'instance' || one.on !== null) return [];
    const service = registers.get(one.service);
    if (service === undefined) {
      return finds.has(one.service) ? [{ host, name, address, instances: [] }] : [];
    }
    return [{ host, name, address, instances: [{ name, process: host, service, address: '' }] }];
  });
  return needing.map((one, at) => ({ ...one, process: hosts.length + at }));
}
