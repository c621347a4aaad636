/** How members of the pool leave it, with Consul's defaults where they are the same for all. */
import type { LeavingSpec } from '../scenario.ts';
import type { ScenarioDraft } from '../schema.ts';
import type { HostTable } from '../selectors.ts';
import { isAlone } from './hosts.ts';
import type { Complain } from './hosts.ts';

const KEYS = [
  'leave_on_terminate',
  'skip_leave_on_interrupt',
  'rejoin_after_leave',
  'advertise_reconnect_timeout',
] as const;

const NO_POOL =
  'acts on the gossip pool; write agents under cluster.datacenters.dc1, or remove raft: { alone: true }';

export function resolveLeaving(
  draft: ScenarioDraft,
  table: HostTable,
  complain: Complain,
): LeavingSpec {
  const { agent } = draft.cluster;
  if (isAlone(draft) && table.agents.length === 0) {
    for (const key of KEYS) {
      if (agent[key] !== undefined) complain(['cluster', 'agent', key], NO_POOL);
    }
  }
  return {
    onTerminate: agent.leave_on_terminate ?? null,
    skipOnInterrupt: agent.skip_leave_on_interrupt ?? null,
    rejoinsAfterLeave: agent.rejoin_after_leave ?? false,
    advertisedReconnectMicros: agent.advertise_reconnect_timeout ?? null,
  };
}
