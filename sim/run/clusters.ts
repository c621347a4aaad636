/** The Raft clusters of a scenario: one for each datacenter. */
import { mix } from '../core/fingerprint.ts';
import { makeConfiguration } from '../protocol/raft/configuration.ts';
import type { Configuration } from '../protocol/raft/types.ts';
import type { Scenario, ServerSpec } from '../../scenarios/scenario.ts';

/** A server and its process, whose number is also that of its host. */
export interface PlacedServer {
  readonly spec: ServerSpec;
  readonly process: number;
}

export interface ClusterSpec {
  readonly datacenter: string;
  readonly servers: readonly PlacedServer[];
  /** That the run begins with. */
  readonly configuration: Configuration;
}

export function clustersOf(scenario: Scenario): ClusterSpec[] {
  return scenario.datacenters.map(({ name }) => {
    const servers = serversIn(scenario, name);
    return { datacenter: name, servers, configuration: clusterConfiguration(servers) };
  });
}

export function serversIn({ hosts }: Scenario, datacenter: string): PlacedServer[] {
  return hosts.flatMap((spec, process) =>
    spec.kind === 'server' && spec.datacenter === datacenter ? [{ spec, process }] : [],
  );
}

/** Servers outside the configuration are none of it. */
function clusterConfiguration(servers: readonly PlacedServer[]): Configuration {
  const list = servers.flatMap(({ spec, process }) =>
    isMember(spec) ? [{ id: process, voter: isVoter(spec) }] : [],
  );
  const plain =
    list.length === servers.length && list.every(({ id, voter }, at) => voter && id === at);
  return plain ? { servers: list, digest: mix(5, list.length) } : makeConfiguration(list);
}

export function isMember({ initial }: ServerSpec): boolean {
  return initial?.suffrage !== 'none';
}

export function isVoter({ initial }: ServerSpec): boolean {
  return (initial?.suffrage ?? 'voter') === 'voter';
}
