/** Which hosts a scenario has, read leniently: enough to check selectors while other parts are wrong. */
import { isPlainMap } from './schema/kit.ts';
import { DATACENTERS, datacenterOf, nameIn } from './datacenters.ts';
import type { DatacenterTable, HostTable } from './selectors.ts';
import { parseCount } from './units.ts';

/** Servers of a datacenter that does not say how many it has. */
export const SERVERS_DEFAULT = 3;
export const AGENTS_MAX = 10_000;

/** The hosts, or undefined where the parts that name them cannot be read. */
export function readHosts(raw: unknown): HostTable | undefined {
  const datacenters = readDatacenters(raw);
  if (datacenters === undefined) return undefined;
  const services = readServices(raw);
  if (services === undefined) return undefined;
  const zones = new Map<string, string[]>();
  for (const { name, servers, agents, zones: own } of datacenters) {
    for (const zone of own) zones.set(zone, []);
    const instances = [...services.values()].map((all) => all.filter((one) => isIn(name, one)));
    for (const hosts of [servers, agents, ...instances]) {
      hosts.forEach((host, index) => zones.get(own[index % own.length] ?? '')?.push(host));
    }
  }
  const clients: string[] = [];
  const loads = below(raw, 'load');
  for (const load of loadNames(raw)) {
    const count = countOf(below(below(loads, load), 'clients'), 1, 1000);
    if (count === undefined) return undefined;
    for (let number = 1; number <= count; number += 1) clients.push(`${load}#${number}`);
  }
  return {
    datacenters,
    servers: datacenters.flatMap((one) => one.servers),
    agents: datacenters.flatMap((one) => one.agents),
    clients,
    services,
    zones,
  };
}

function isIn(datacenter: string, host: string): boolean {
  return datacenterOf(host) === datacenter;
}

function readDatacenters(raw: unknown): DatacenterTable[] | undefined {
  const written = below(below(raw, 'cluster'), 'datacenters');
  const tables: DatacenterTable[] = [];
  for (const name of DATACENTERS) {
    const one = below(written, name);
    if (one === undefined && name !== DATACENTERS[0]) continue;
    const servers = countOf(below(one, 'servers'), SERVERS_DEFAULT, 9);
    const agents = readAgents(below(one, 'agents'));
    const zones = below(one, 'zones') ?? [];
    if (servers === undefined || agents === undefined || !isTexts(zones)) return undefined;
    const numbered = (prefix: string, count: number): string[] =>
      Array.from({ length: count }, (_, index) => nameIn(name, `${prefix}${index + 1}`));
    tables.push({
      name,
      servers: numbered('s', servers),
      agents: numbered('a', agents),
      zones: [...new Set(zones)].map((zone) => nameIn(name, zone)),
    });
  }
  return tables;
}

function isTexts(raw: unknown): raw is readonly string[] {
  return Array.isArray(raw) && raw.every((one) => typeof one === 'string');
}

function readServices(raw: unknown): Map<string, string[]> | undefined {
  const services = new Map<string, string[]>();
  const written = below(raw, 'services');
  if (!isPlainMap(written)) return services;
  for (const [name, service] of Object.entries(written).slice(0, 100)) {
    const instances = readInstances(name, below(service, 'instances'));
    if (instances === undefined) return undefined;
    services.set(name, instances);
  }
  return services;
}

/** A number is of those in the first datacenter; a map has one for each. */
function readInstances(service: string, raw: unknown): string[] | undefined {
  const wanted = isPlainMap(raw) ? raw : { [DATACENTERS[0]]: raw };
  const names: string[] = [];
  for (const datacenter of DATACENTERS) {
    if (!Object.hasOwn(wanted, datacenter)) continue;
    const count = countOf(wanted[datacenter], 1, 1000);
    if (count === undefined) return undefined;
    for (let number = 1; number <= count; number += 1) {
      names.push(nameIn(datacenter, `${service}-${number}`));
    }
  }
  return names;
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
