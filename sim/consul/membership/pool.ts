/**
 * Consul above Serf: which of the programs of a host hears what of its LAN pool
 * (`consul:agent/consul/server_serf.go (lanEventHandler)`, `client_serf.go (lanEventHandler)`;
 * reference: gossip §4.3).
 *
 * Known deviation: a client handles events at once, so that its channel of 256 never fills.
 */
import type { Outbox } from '../../core/machine.ts';
import type { SerfApplication, SerfEvent } from '../../protocol/serf/config.ts';
import { AGENT_MACHINE, POOL_SERVER, SYNC_FULL, TRIGGER } from '../agent/inputs.ts';
import { POOL_LEFT } from '../leader/vocabulary.ts';
import type { MembershipState } from './machine.ts';
import { MemberStatus } from './members.ts';
import type { MemberSpec } from './members.ts';
import { EVENT, MEMBERSHIP_MACHINE } from './vocabulary.ts';

/** `consul:agent/consul/server_serf.go (newLeaderEvent)`. */
export const NEW_LEADER = 'consul:new-leader';

const STATUS_OF: Readonly<Record<SerfEvent, MemberStatus>> = {
  join: MemberStatus.alive,
  update: MemberStatus.alive,
  failed: MemberStatus.failed,
  leave: MemberStatus.left,
  reap: MemberStatus.reaped,
};

/**
 * `members` in the order of their node numbers; `advertisedMicros` is what clients say of how long they
 * are to be kept, null: nothing.
 */
export function consulPool(
  members: readonly MemberSpec[],
  advertisedMicros: number | null = null,
): SerfApplication {
  const agentHears = (node: number, event: SerfEvent, out: Outbox): void => {
    const { server, name, process } = members[node];
    if (!server || out.sibling(AGENT_MACHINE) === undefined) return;
    const up = event === 'join' || event === 'update';
    out.post(POOL_SERVER, 0, up ? 1 : 0, { name, process });
    if (event === 'join') out.post(TRIGGER, 0, SYNC_FULL, null);
  };
  return {
    onStatus: (node, status, out) => {
      const server = out.sibling(MEMBERSHIP_MACHINE) as MembershipState | undefined;
      if (server !== undefined) server.members[node] = { status };
    },
    reconnectTimeoutMicros: (node) => (members[node].server ? null : advertisedMicros),
    onEvent: (node, event, out) => {
      out.post(EVENT, 0, node, STATUS_OF[event]);
      agentHears(node, event, out);
    },
    onUserEvent: (name, _payload, out) => {
      if (name === NEW_LEADER) out.post(TRIGGER, 0, SYNC_FULL, null);
    },
    onLeft: (_member, out) => {
      out.post(POOL_LEFT, 0, 0, null);
    },
  };
}
