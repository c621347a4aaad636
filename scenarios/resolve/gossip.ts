/** The LAN pools, of servers that are not Raft alone and of client agents, and the WAN pool. */
import type { GossipSpec } from '../scenario.ts';
import type { ScenarioDraft } from '../schema.ts';
import type { HostTable } from '../selectors.ts';
import { isAlone } from './hosts.ts';
import type { Complain } from './hosts.ts';

const NO_POOL =
  'acts on the gossip pool; write agents under cluster.datacenters.dc1, or remove raft: { alone: true }';

export function resolveGossip(
  draft: ScenarioDraft,
  table: HostTable,
  complain: Complain,
): GossipSpec | null {
  const { lifeguard } = draft.cluster;
  const { gossip_lan: lan } = draft.cluster.agent;
  if (table.agents.length === 0 && isAlone(draft)) {
    if (lan !== undefined) complain(['cluster', 'agent', 'gossip_lan'], NO_POOL);
    if (lifeguard !== 'shipped') complain(['cluster', 'lifeguard'], NO_POOL);
    const planted = draft.plant.findIndex((id) => id.startsWith('G'));
    if (planted >= 0) complain(['plant', planted], NO_POOL);
    return null;
  }
  return {
    gossipNodes: lan?.gossip_nodes ?? 3,
    gossipIntervalMicros: lan?.gossip_interval ?? 200_000,
    probeIntervalMicros: lan?.probe_interval ?? 1_000_000,
    probeTimeoutMicros: lan?.probe_timeout ?? 500_000,
    suspicionMult: lan?.suspicion_mult ?? (lifeguard === 'paper' ? 5 : 4),
    retransmitMult: lan?.retransmit_mult ?? 4,
    lifeguard,
  };
}

const ONE_DATACENTER = 'acts on the WAN pool; write a second datacenter, as dc2: { servers: 3 }';

/** Plants that only show between datacenters. */
const OF_THE_WAN: readonly string[] = ['G8', 'G22'];

/** Of all servers, where there are several datacenters. */
export function resolveGossipWan(
  draft: ScenarioDraft,
  table: HostTable,
  complain: Complain,
): GossipSpec | null {
  const { lifeguard } = draft.cluster;
  const { gossip_wan: wan } = draft.cluster.agent;
  if (table.datacenters.length === 1 || isAlone(draft)) {
    const planted = draft.plant.findIndex((id) => OF_THE_WAN.includes(id));
    if (planted >= 0) complain(['plant', planted], ONE_DATACENTER);
    const reason = table.datacenters.length === 1 ? ONE_DATACENTER : NO_POOL;
    if (wan !== undefined) complain(['cluster', 'agent', 'gossip_wan'], reason);
    return null;
  }
  return {
    gossipNodes: wan?.gossip_nodes ?? 3,
    gossipIntervalMicros: wan?.gossip_interval ?? 500_000,
    probeIntervalMicros: wan?.probe_interval ?? 5_000_000,
    probeTimeoutMicros: wan?.probe_timeout ?? 3_000_000,
    suspicionMult: wan?.suspicion_mult ?? 6,
    retransmitMult: wan?.retransmit_mult ?? 4,
    lifeguard,
  };
}
