/** Services, and the clients that call them, as processes of a world. */
import type { MachineSpec, ProcessSpec } from '../core/world-build.ts';
import { callLoadMachine } from '../client/call/call-load.ts';
import type { CallLoadConfig } from '../client/call/call-load.ts';
import { callerMachine } from '../client/call/caller.ts';
import type { CallerConfig } from '../client/call/state.ts';
import { staticDiscovery } from '../client/discovery.ts';
import { programMachine } from '../client/program.ts';
import type { Discovery } from '../client/discovery.ts';
import type { Behaviour } from '../service/behaviour.ts';
import { instanceMachine } from '../service/instance.ts';
import type { InstanceConfig } from '../service/instance.ts';
import type { Endpoint } from '../service/vocabulary.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { BehaviourSpec, CallSettings, ServiceSpec } from '../../scenarios/services.ts';
import { agentsOf, programOf } from './agents.ts';
import type { Agents } from './agents.ts';
import { homesOf } from './homes.ts';
import { findersOf } from './finders.ts';
import { hasProxy, identityOf, proxyOf } from './mesh.ts';
import type { Samplers } from './samplers.ts';

/** Of a client that has to ask first. */
const NOTHING_KNOWN = staticDiscovery(new Map());

/** Processes of clients and instances, by their index. */
export function serviceProcesses(
  scenario: Scenario,
  samplers: Samplers,
): ReadonlyMap<number, ProcessSpec> {
  const endpoints = endpointsOf(scenario);
  const staticLists = new Map(
    scenario.datacenters.map(({ name }) => [
      name,
      staticDiscovery(endpointsSeenFrom(scenario, endpoints, name)),
    ]),
  );
  const discoveryAt = (host: number) => staticLists.get(scenario.hosts[host].datacenter)!;
  const agents = agentsOf(scenario);
  const processes = new Map<number, ProcessSpec>();
  const homes = homesOf(scenario);
  const add = (program: number, machines: readonly (MachineSpec | null)[]): void => {
    const { name } = scenario.hosts[program];
    const present = machines.filter((machine) => machine !== null);
    processes.set(program, { name, host: homes[program], cpu: null, machines: present });
  };
  const indexOf = hostIndexes(scenario);
  for (const load of scenario.calls) {
    for (const client of load.clients) {
      const host = indexOf.get(client)!;
      const caller = callerOf(scenario, host, [load], load.clients, discoveryAt(host));
      add(host, [
        loadOf(scenario, load.name, samplers),
        caller,
        ...findersOf(scenario, agents, endpoints, host, [load]),
        ...proxyOf(scenario, host, agents.beside(host)?.process ?? -1),
      ]);
    }
  }
  for (const service of scenario.services) {
    service.instances.forEach((name, at) => {
      const host = indexOf.get(name)!;
      const { calls, instances } = service;
      const caller =
        calls.length === 0 ? null : callerOf(scenario, host, calls, instances, discoveryAt(host));
      add(host, [
        instanceOf(scenario, service, at, samplers),
        caller,
        ...findersOf(scenario, agents, endpoints, host, calls),
        ...proxyOf(scenario, host, agents.beside(host)?.process ?? -1),
        registrarOf(scenario, agents, host, service.behaviours[at], samplers),
      ]);
    });
  }
  return processes;
}

function hostIndexes({ hosts }: Scenario): ReadonlyMap<string, number> {
  return new Map(hosts.map(({ name }, index) => [name, index]));
}

function endpointsOf(scenario: Scenario): ReadonlyMap<string, readonly Endpoint[]> {
  const indexOf = hostIndexes(scenario);
  return new Map(
    scenario.services.map(({ name: service, instances, weights }) => [
      service,
      instances.map((name, at) => {
        const process = indexOf.get(name)!;
        return { process, name, zone: scenario.hosts[process].zone ?? '', weight: weights[at] };
      }),
    ]),
  );
}

/** Whoever asks nobody knows the instances of its own datacenter; where it has none, all there are. */
function endpointsSeenFrom(
  { hosts }: Scenario,
  endpoints: ReadonlyMap<string, readonly Endpoint[]>,
  datacenter: string,
): ReadonlyMap<string, readonly Endpoint[]> {
  return new Map(
    [...endpoints].map(([service, all]) => {
      const own = all.filter(({ process }) => hosts[process].datacenter === datacenter);
      return [service, own.length > 0 ? own : all];
    }),
  );
}

function machine(code: unknown, config: unknown): MachineSpec {
  return { machine: code, config } as MachineSpec;
}

/** `peers` are all that call as this host does: zone-aware clients know how they are spread. */
function callerOf(
  scenario: Scenario,
  host: number,
  calls: readonly CallSettings[],
  peers: readonly string[],
  discovery: Discovery,
): MachineSpec {
  const { hosts, bugs } = scenario;
  const clientShares = new Map<string, number>();
  const zoneOf = new Map(hosts.map(({ name, zone }) => [name, zone ?? '']));
  for (const peer of peers) {
    const zone = zoneOf.get(peer)!;
    clientShares.set(zone, (clientShares.get(zone) ?? 0) + 1 / peers.length);
  }
  const planted = new Set<string>(bugs.planted);
  const config: CallerConfig = {
    upstreams: calls.map((settings, index) => ({
      index,
      settings: planted.size === 0 ? settings : plantedSettings(settings, planted),
      discovery: settings.discover === null ? discovery : NOTHING_KNOWN,
      proxied: identityOf(scenario, host) !== null && hasProxy(scenario, settings.service),
      zone: hosts[host].zone ?? '',
      clientShares,
    })),
  };
  return machine(callerMachine, config);
}

/** Beside an instance that registers itself, or tells its agent how it is. */
function registrarOf(
  scenario: Scenario,
  agents: Agents,
  host: number,
  behaviours: readonly BehaviourSpec[],
  samplers: Samplers,
): MachineSpec | null {
  const own = behaviours.map((one) => behaviourOf(one, samplers));
  const config = programOf(scenario, agents, host, own);
  return config && machine(programMachine, config);
}

/** Settings as planted bugs change them. */
function plantedSettings(settings: CallSettings, planted: ReadonlySet<string>): CallSettings {
  const { retry, balance } = settings;
  const backoff = {
    overflows: planted.has('P22'),
    rigid: planted.has('P15'),
  };
  return {
    ...settings,
    balance: { ...balance, fastErrors: planted.has('P24') },
    retry: retry && {
      ...retry,
      backoff: { ...retry.backoff, ...backoff },
      // P23 (Bronson et al., HotOS 2021): each layer retries as it likes.
      budget: planted.has('P23') ? null : retry.budget,
    },
  };
}

function loadOf(scenario: Scenario, name: string, samplers: Samplers): MachineSpec {
  const { durationMicros, settleMicros } = scenario;
  const { arrival, clients, keys } = scenario.calls.find((load) => load.name === name)!;
  const gap = (rate: number) => {
    const meanMicros = (clients.length * 1e6) / rate;
    return samplers.get({ kind: 'exponential', meanMicros });
  };
  const config: CallLoadConfig = {
    load: name,
    arrival: arrival.kind === 'open' ? gap(arrival.ratePerSecond) : null,
    think: arrival.kind === 'closed' ? samplers.get(arrival.think) : null,
    keys,
    slowFromMicros: durationMicros,
    stopAtMicros: durationMicros + Math.floor(settleMicros / 2),
  };
  return machine(callLoadMachine, config);
}

function instanceOf(
  scenario: Scenario,
  service: ServiceSpec,
  at: number,
  samplers: Samplers,
): MachineSpec {
  const { name, workers, queue, time, errors, calls, cancel, coldStart, behaviours } = service;
  const callers = [...scenario.calls, ...scenario.services.flatMap((one) => one.calls)];
  const config: InstanceConfig = {
    service: name,
    workers,
    queueMax: queue,
    time: samplers.get(time),
    errors,
    dependencies: calls.length,
    cancel,
    coldStart,
    behaviours: behaviours[at].map((one) => behaviourOf(one, samplers)),
    tellsTime: service.tellsTime,
    reports: callers.some(
      (one) => one.service === name && one.balance.policy === 'dynamic-weights',
    ),
  };
  return machine(instanceMachine, config);
}

function behaviourOf(one: BehaviourSpec, samplers: Samplers): Behaviour {
  if (one.kind === 'time') return { ...one, time: samplers.get(one.time) };
  if (one.kind === 'failing') {
    return { ...one, after: one.after === null ? null : samplers.get(one.after) };
  }
  return one;
}
