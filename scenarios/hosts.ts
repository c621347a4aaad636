/** Which hosts a scenario has, read leniently: enough to check selectors while other parts are wrong. */
import { isPlainMap } from './schema/kit.ts';
import type { HostTable } from './selectors.ts';
import { parseCount } from './units.ts';

/** Servers of a datacenter that does not say how many it has. */
export const SERVERS_DEFAULT = 3;
export const AGENTS_MAX = 10_000;

/** The hosts, or undefined where the parts that name them cannot be read. */
export function readHosts(raw: unknown): HostTable | undefined {
  const datacenter = below(below(below(raw, 'cluster'), 'datacenters'), 'dc1');
  const servers = countOf(below(datacenter, 'servers'), SERVERS_DEFAULT, 9);
  if (servers === undefined) return undefined;
  const names = Array.from({ length: servers }, (_, index) => `s${index + 1}`);
  const zones = new Map<string, string[]>();
  const listed = below(datacenter, 'zones') ?? [];
  if (!Array.isArray(listed)) return undefined;
  for (const zone of listed as readonly unknown[]) {
    if (typeof zone !== 'string') return undefined;
    zones.set(zone, []);
  }
  const zoneNames = [...zones.keys()];
  for (const [index, name] of names.entries()) {
    zones.get(zoneNames[index % zoneNames.length] ?? '')?.push(name);
  }
  const agentCount = readAgents(below(datacenter, 'agents'));
  if (agentCount === undefined) return undefined;
  const agents = Array.from({ length: agentCount }, (_, index) => `a${index + 1}`);
  for (const [index, name] of agents.entries()) {
    zones.get(zoneNames[index % zoneNames.length] ?? '')?.push(name);
  }
  const services = readServices(raw);
  if (services === undefined) return undefined;
  for (const instances of services.values()) {
    for (const [index, name] of instances.entries()) {
      zones.get(zoneNames[index % zoneNames.length] ?? '')?.push(name);
    }
  }
  const clients: string[] = [];
  const loads = below(raw, 'load');
  for (const load of loadNames(raw)) {
    const count = countOf(below(below(loads, load), 'clients'), 1, 1000);
    if (count === undefined) return undefined;
    for (let number = 1; number <= count; number += 1) clients.push(`${load}#${number}`);
  }
  return { servers: names, agents, clients, services, zones };
}

function readServices(raw: unknown): Map<string, string[]> | undefined {
  const services = new Map<string, string[]>();
  const written = below(raw, 'services');
  if (!isPlainMap(written)) return services;
  for (const [name, service] of Object.entries(written).slice(0, 100)) {
    const count = countOf(below(service, 'instances'), 1, 1000);
    if (count === undefined) return undefined;
    services.set(
      name,
      Array.from({ length: count }, (_, index) => `${name}-${index + 1}`),
    );
  }
  return services;
}

function readAgents(raw: unknown): number | undefined {
  return raw === undefined ? 0 : countOf(raw, 0, AGENTS_MAX);
}

/** Names of the loads, in the order of the file; of one kind, or all. */
export function loadNames(raw: unknown, kind?: 'call' | 'lock'): string[] {
  const loads = below(raw, 'load');
  const names = isPlainMap(loads) ? Object.keys(loads).slice(0, 100) : [];
  if (kind === undefined) return names;
  return names.filter((name) => below(below(loads, name), 'kind') === kind);
}

/** Faults of the scenario, steps of sequences counted one by one. */
export function countFaults(raw: unknown): number {
  const faults = below(raw, 'faults');
  if (!Array.isArray(faults)) return 0;
  let total = 0;
  for (const item of faults) {
    const steps = isPlainMap(item)
      ? Object.values(item).filter((value) => Array.isArray(value))
      : [];
    const nested = steps.find((list) => list.length > 0 && list.every(isPlainMap));
    total += nested ? nested.length : 1;
  }
  return total;
}

function below(raw: unknown, key: string): unknown {
  return isPlainMap(raw) && Object.hasOwn(raw, key) ? raw[key] : undefined;
}

function countOf(raw: unknown, fallback: number, maximum: number): number | undefined {
  if (raw === undefined) return fallback;
  const count = parseCount(raw);
  return count.ok && count.value >= 1 && count.value <= maximum ? count.value : undefined;
}
