/** Which link joins which hosts: class by distance, then the scenario's exceptions in order. */
import type { Link, NetworkSpec } from '../core/network.ts';
import type { HostSpec, Scenario } from '../../scenarios/scenario.ts';
import type { LinkClass } from '../../scenarios/vocabulary.ts';
import { worldHosts } from './homes.ts';
import type { Samplers } from './samplers.ts';

export function linkClass(source: HostSpec, target: HostSpec): LinkClass {
  if (source.name === target.name) return 'loopback';
  if (source.datacenter !== target.datacenter) return 'wan';
  return source.zone !== null && source.zone === target.zone ? 'zone' : 'lan';
}

export function networkSpec(scenario: Scenario, samplers: Samplers): NetworkSpec {
  const { network } = scenario;
  const hosts = worldHosts(scenario);
  const links: Link[] = [];
  const known = new Map<string, number>();
  const overrides = network.links.map((override) => ({
    ...override,
    from: new Set(override.from),
    to: new Set(override.to),
  }));
  const find = (source: number, target: number): number => {
    let { latency, loss, bandwidth } = network.classes[linkClass(hosts[source], hosts[target])];
    for (const override of overrides) {
      if (!override.from.has(hosts[source].name) || !override.to.has(hosts[target].name)) continue;
      latency = override.latency ?? latency;
      loss = override.loss ?? loss;
      bandwidth = override.bandwidth ?? bandwidth;
    }
    const key = `${JSON.stringify(latency)} ${loss} ${bandwidth}`;
    let index = known.get(key);
    if (index === undefined) {
      index = links.length;
      links.push({ latency: samplers.get(latency), loss, bytesPerSecond: bandwidth });
      known.set(key, index);
    }
    return index;
  };
  const groupOf = groupsOf(hosts, overrides);
  const groups = groupOf.reduce((most, group) => Math.max(most, group + 1), 0);
  const found = new Int32Array(groups * groups).fill(-1);
  const linkOf = (source: number, target: number): number => {
    if (source === target) return find(source, target);
    const at = groupOf[source] * groups + groupOf[target];
    if (found[at] < 0) found[at] = find(source, target);
    return found[at];
  };
  const { tcp } = network;
  return {
    hosts: hosts.length,
    linkOf,
    links,
    tcp: {
      retransmitMicros: tcp.retransmitMicros,
      retransmitMicrosMax: tcp.retransmitMaxMicros,
      synMicros: tcp.synMicros,
      ideal: tcp.ideal,
    },
  };
}

/** Hosts between which the same links lie have the same number: thousands of agents are few kinds. */
function groupsOf(
  hosts: readonly HostSpec[],
  overrides: readonly { readonly from: Set<string>; readonly to: Set<string> }[],
): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(hosts, ({ name, datacenter, zone }) => {
    const ends = overrides.map(({ from, to }) => `${from.has(name)} ${to.has(name)}`);
    const kind = JSON.stringify([datacenter, zone, ends]);
    if (!known.has(kind)) known.set(kind, known.size);
    return known.get(kind)!;
  });
}
