/** The WAN pool of a scenario with several datacenters, and the routers of its servers. */
import type { MachineSpec } from '../core/world-build.ts';
import { CONSUL_WAN } from '../protocol/gossip/config.ts';
import { GossipPool } from '../protocol/gossip/pool.ts';
import { Coordinates } from '../protocol/coordinate/coordinates.ts';
import { CONSUL_SERF } from '../protocol/serf/config.ts';
import { serfDelegate } from '../protocol/serf/delegate.ts';
import { wanApplication, wanMachine } from '../consul/wan/pool.ts';
import { routerMachine } from '../consul/wan/router.ts';
import type { RouterConfig, WanServer } from '../consul/wan/state.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { isMember } from './clusters.ts';
import { SERVER_META_BYTES, isDownAtFirst, memberlistOf } from './gossip.ts';

export interface WanPool {
  readonly pool: GossipPool;
  /** Of a server, by its process: Serf for the WAN, and its router. */
  machinesOf(process: number): MachineSpec[];
}

/** Null where there is one datacenter, or servers are Raft alone. */
export function wanPool(scenario: Scenario): WanPool | null {
  const { gossipWan, hosts, start, datacenters, bugs } = scenario;
  if (gossipWan === null) return null;
  const memberlist = memberlistOf(CONSUL_WAN, gossipWan, scenario);
  const servers = hosts.flatMap((host, process): WanServer[] => {
    if (host.kind !== 'server' || !isMember(host)) return [];
    return [{ name: plainName(host.name), process, datacenter: host.datacenter }];
  });
  const pool = new GossipPool(
    servers.map(({ name, process, datacenter }) => {
      return { process, name: `${name}.${datacenter}`, metaBytes: SERVER_META_BYTES };
    }),
    [memberlist],
    serfDelegate,
    new Coordinates(servers.length),
  );
  const nodes = servers.map((_, node) => node);
  const down = nodes.filter((node) => isDownAtFirst(hosts[servers[node].process]));
  const up = nodes.filter((node) => !down.includes(node));
  if (start === 'formed') pool.form(up);
  const machinesOf = (process: number): MachineSpec[] => {
    const member = pool.memberOf(process);
    if (member < 0) return [];
    const { datacenter } = servers[member];
    const serf = {
      ...CONSUL_SERF,
      reconnectTimeoutMicros: scenario.serverLayer.reconnectTimeoutMicros,
      resolvesConflicts: false,
      failedBefore: down,
      application: wanApplication,
      bugs: { G2: bugs.planted.includes('G2') },
    };
    // As with `retry_join_wan` of the servers of the other datacenters; the own ones are flooded.
    const join = nodes.filter((node) => servers[node].datacenter !== datacenter);
    const router: RouterConfig = {
      datacenter,
      datacenters: datacenters.map(({ name }) => name),
      servers,
      formed: start === 'formed' ? up : null,
      bugs: { G8: bugs.planted.includes('G8'), G22: bugs.planted.includes('G22') },
    };
    return [
      { machine: wanMachine, config: { pool, member, memberlist, join, serf } },
      { machine: routerMachine, config: router },
    ] as unknown as MachineSpec[];
  };
  return { pool, machinesOf };
}

function plainName(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}
