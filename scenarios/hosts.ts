/** Which hosts a scenario has, read leniently: enough to check selectors while other parts are wrong. */
import { isPlainMap } from './schema/kit.ts';
import { DATACENTERS, datacenterOf, nameIn } from './datacenters.ts';
import type { DatacenterTable, HostTable } from './selectors.ts';
import { fixedHosts, parseSelector, resolveSelector } from './selectors.ts';
import { parseCount } from './units.ts';

/** Servers of a datacenter that does not say how many it has. */
export const SERVERS_DEFAULT = 3;
export const AGENTS_MAX = 10_000;
/** Instances of one service. */
export const SERVICE_INSTANCES_MAX = 10_000;

/** The hosts, or undefined where the parts that name them cannot be read. */
export function readHosts(raw: unknown): HostTable | undefined {
  const datacenters = readDatacenters(raw);
  if (datacenters === undefined) return undefined;
  const zones = new Map<string, string[]>();
  const bare: HostTable = {
    datacenters,
    servers: datacenters.flatMap((one) => one.servers),
    agents: datacenters.flatMap((one) => one.agents),
    clients: [],
    services: new Map(),
    placedOn: new Map(),
    zones,
  };
  for (const { servers, agents, zones: own } of datacenters) {
    for (const zone of own) zones.set(zone, []);
    for (const hosts of [servers, agents]) {
      hosts.forEach((host, index) => zones.get(own[index % own.length] ?? '')?.push(host));
    }
  }
  const placed = readServices(raw, bare);
  if (placed === undefined) return undefined;
  const { services, placedOn } = placed;
  for (const { name, agents, zones: own } of datacenters) {
    const places = new Map(agents.map((agent, at) => [agent, at]));
    for (const all of services.values()) {
      const instances = all.filter((one) => isIn(name, one));
      instances.forEach((one, index) => {
        const at = places.get(placedOn.get(one) ?? '') ?? index;
        zones.get(own[at % own.length] ?? '')?.push(one);
      });
    }
  }
  const clients: string[] = [];
  const loads = below(raw, 'load');
  for (const load of loadNames(raw)) {
    const count = countOf(below(below(loads, load), 'clients'), 1, 1000);
    if (count === undefined) return undefined;
    for (let number = 1; number <= count; number += 1) clients.push(`${load}#${number}`);
  }
  return { ...bare, clients, services, placedOn };
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

function readServices(
  raw: unknown,
  table: HostTable,
): Pick<HostTable, 'services' | 'placedOn'> | undefined {
  const services = new Map<string, string[]>();
  const placedOn = new Map<string, string>();
  const written = below(raw, 'services');
  if (!isPlainMap(written)) return { services, placedOn };
  for (const [name, service] of Object.entries(written).slice(0, 100)) {
    const on = below(service, 'on');
    const agents = on === undefined ? [] : agentsMeant(on, table);
    const instances = readInstances(name, below(service, 'instances'), agents);
    if (instances === undefined) return undefined;
    services.set(name, instances);
    for (const datacenter of DATACENTERS) {
      const there = agents.filter((agent) => isIn(datacenter, agent));
      if (there.length === 0) continue;
      const own = instances.filter((one) => isIn(datacenter, one));
      own.forEach((one, at) => placedOn.set(one, there[at % there.length]!));
    }
  }
  return { services, placedOn };
}

/** Client agents that a selector names before the run begins; what is wrong with it others say. */
function agentsMeant(raw: unknown, table: HostTable): readonly string[] {
  const syntax = parseSelector(raw);
  if (!syntax.ok) return [];
  const hosts = fixedHosts(resolveSelector(syntax.value, table).selector);
  if (!hosts.ok) return [];
  const agents = new Set(table.agents);
  return hosts.value.filter((host) => agents.has(host));
}

/** A number is of those in the first datacenter; a map has one for each; left out, agents say it. */
function readInstances(
  service: string,
  raw: unknown,
  agents: readonly string[],
): string[] | undefined {
  const each = (datacenter: string): number =>
    agents.filter((agent) => isIn(datacenter, agent)).length;
  const counts = Object.fromEntries(DATACENTERS.map((one) => [one, each(one) || undefined]));
  const dealt = raw === undefined && agents.length > 0;
  const wanted = isPlainMap(raw) ? raw : dealt ? counts : { [DATACENTERS[0]]: raw };
  const names: string[] = [];
  for (const datacenter of DATACENTERS) {
    if (!Object.hasOwn(wanted, datacenter)) continue;
    if (dealt && counts[datacenter] === undefined) continue;
    const count = countOf(wanted[datacenter], 1, SERVICE_INSTANCES_MAX);
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
