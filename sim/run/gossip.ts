/** The LAN pool of each datacenter: who is a member, with which settings, and where its machines go. */
import type { MachineSpec } from '../core/world-build.ts';
import { Coordinates } from '../protocol/coordinate/coordinates.ts';
import { gossipBugs } from '../protocol/gossip/bugs.ts';
import { CONSUL_LAN, PAPER, SHIPPED } from '../protocol/gossip/config.ts';
import type { MemberlistConfig } from '../protocol/gossip/config.ts';
import { GossipPool } from '../protocol/gossip/pool.ts';
import { CONSUL_SERF } from '../protocol/serf/config.ts';
import type { SerfConfig } from '../protocol/serf/config.ts';
import { serfDelegate } from '../protocol/serf/delegate.ts';
import { serfMachine } from '../protocol/serf/machine.ts';
import type { SerfMachineConfig } from '../protocol/serf/state.ts';
import { consulPool } from '../consul/membership/pool.ts';
import type { GossipSpec, HostSpec, Scenario } from '../../scenarios/scenario.ts';
import { OPEN_BUGS } from '../../scenarios/vocabulary.ts';
import { poolMembers } from './pool-members.ts';

/** Bytes of a member's tags as Consul sets them (consul:agent/consul/server_serf.go, client_serf.go). */
export const SERVER_META_BYTES = 213;
const AGENT_META_BYTES = 118;
/** `rc_tm` and a duration such as 8h0m0s, each with a byte of its length. */
const RECONNECT_TAG_BYTES = 13;

export interface LanPool {
  readonly pool: GossipPool;
  /** Machine of a member, by its process. */
  readonly machines: ReadonlyMap<number, MachineSpec>;
}

/** Empty where the scenario has neither what Consul builds on Raft nor client agents. */
export function lanPools(scenario: Scenario): LanPool[] {
  return scenario.datacenters.flatMap(({ name }) => lanPool(scenario, name) ?? []);
}

function lanPool(scenario: Scenario, datacenter: string): LanPool | null {
  const { gossip, hosts, start } = scenario;
  if (gossip === null) return null;
  const memberlist = memberlistOf(CONSUL_LAN, gossip, scenario);
  const members = poolMembers(scenario, datacenter);
  const pool = new GossipPool(
    members.map(({ server, name, process }) => ({
      process,
      name,
      metaBytes: server ? SERVER_META_BYTES : agentMetaBytes(scenario),
    })),
    [memberlist],
    serfDelegate,
    new Coordinates(members.length),
  );
  const nodes = members.map((_, node) => node);
  const down = nodes.filter((node) => isDownAtFirst(hosts[members[node].process]));
  if (start === 'formed') pool.form(nodes.filter((node) => !down.includes(node)));
  // As with `retry_join` of all servers.
  const join = nodes.filter((node) => members[node].server);
  const { rejoinsAfterLeave, advertisedReconnectMicros: advertised } = scenario.leaving;
  const application = consulPool(members, advertised);
  const machines = members.map(({ process, server }, member) => {
    const serf: SerfConfig = {
      ...CONSUL_SERF,
      reconnectTimeoutMicros: scenario.serverLayer.reconnectTimeoutMicros,
      rejoinsAfterLeave,
      resolvesConflicts: !server,
      failedBefore: down,
      application,
      bugs: { G2: scenario.bugs.planted.includes('G2') },
    };
    const config: SerfMachineConfig = { pool, member, memberlist, join, serf };
    return [process, { machine: serfMachine, config } as unknown as MachineSpec] as const;
  });
  return { pool, machines: new Map(machines) };
}

/** That of a process in the pool that it is a member of. */
export function machineOf(pools: readonly LanPool[], process: number): MachineSpec | undefined {
  for (const { machines } of pools) {
    const found = machines.get(process);
    if (found !== undefined) return found;
  }
  return undefined;
}

function agentMetaBytes({ leaving }: Scenario): number {
  const { advertisedReconnectMicros: advertised } = leaving;
  return AGENT_META_BYTES + (advertised === null ? 0 : RECONNECT_TAG_BYTES);
}

/** Processes behind those of the hosts are agents, which run. */
export function isDownAtFirst(host: HostSpec | undefined): boolean {
  return host?.kind === 'server' && host.initial?.down === true;
}

/** Consul's settings of a pool, as the scenario changes them. */
export function memberlistOf(
  shipped: MemberlistConfig,
  gossip: GossipSpec,
  { bugs }: Scenario,
): MemberlistConfig {
  const { lifeguard, ...settings } = gossip;
  const fixed = bugs.knownIssues === 'fix' ? Object.keys(OPEN_BUGS) : bugs.fixed;
  return {
    ...shipped,
    ...settings,
    lifeguard: lifeguard === 'paper' ? PAPER : SHIPPED,
    bugs: gossipBugs(new Set(bugs.planted), new Set<string>(fixed)),
  };
}
