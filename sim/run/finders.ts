/** Beside callers: machines that learn of instances through the agent, by the road that is wanted. */
import type { MachineSpec } from '../core/world-build.ts';
import { resolverMachine } from '../client/dns-discovery.ts';
import type { ResolverConfig } from '../client/dns-discovery.ts';
import { healthDiscoveryMachine } from '../client/health-discovery.ts';
import type { HealthDiscoveryConfig, WatchedService } from '../client/health-discovery.ts';
import type { Endpoint } from '../service/vocabulary.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { CallSettings } from '../../scenarios/services.ts';
import type { Agents } from './agents.ts';
import { queryName } from './queries.ts';
import { ownAddress } from './addresses.ts';

export function findersOf(
  scenario: Scenario,
  { beside }: Agents,
  endpoints: ReadonlyMap<string, readonly Endpoint[]>,
  program: number,
  calls: readonly CallSettings[],
): MachineSpec[] {
  if (calls.every(({ discover }) => discover === null)) return [];
  const { process: agent, name: node } = beside(program)!;
  const all = [...endpoints.values()].flat();
  const watched = calls.flatMap((one, upstream) => watchedOf(one, upstream, node));
  const resolved = calls.flatMap(({ service, discover }, upstream) =>
    discover?.by === 'dns' ? [{ upstream, service, ...discover }] : [],
  );
  const health: HealthDiscoveryConfig = {
    agent,
    services: watched,
    endpoints: new Map(all.map((endpoint) => [endpoint.name, endpoint])),
    keepsIndex: scenario.bugs.planted.includes('P9'),
  };
  const resolver: ResolverConfig = {
    agent,
    address: ownAddress(program),
    services: resolved,
    endpoints: new Map(all.map((endpoint) => [ownAddress(endpoint.process), endpoint])),
  };
  return [
    ...(watched.length === 0 ? [] : [machine(healthDiscoveryMachine, health)]),
    ...(resolved.length === 0 ? [] : [machine(resolverMachine, resolver)]),
  ];
}

function machine(code: unknown, config: unknown): MachineSpec {
  return { machine: code, config } as MachineSpec;
}

function watchedOf(
  { service, discover }: CallSettings,
  upstream: number,
  node: string,
): WatchedService[] {
  if (discover === null || discover.by === 'dns') return [];
  const near = discover.near ? node : '';
  const base = { upstream, service, near };
  if (discover.by === 'health') return [{ ...discover, ...base, query: '', failsOver: false }];
  const query = queryName(service, discover);
  const failsOver = discover.failover !== null;
  return [{ ...discover, ...base, query, failsOver, mode: 'default', cached: false }];
}
