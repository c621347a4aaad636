/** The LAN pool, of servers that are not Raft alone, and of client agents. */
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
