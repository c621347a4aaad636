/**
 * Flood join (`consul:agent/consul/flood.go`, `consul:agent/router/serf_flooder.go (FloodJoins)`;
 * reference: gossip §4.2): servers of the LAN pool that are alive and that the WAN pool does not know, in
 * whatever state, are joined to it, one after the other. A signal that finds the flooder busy is lost.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from '../../protocol/gossip/member.ts';
import { joinOne, onJoinedOne } from '../../protocol/gossip/operations.ts';
import type { Snapshot } from '../../protocol/gossip/push-pull.ts';
import { Status, statusOf } from '../../protocol/serf/members.ts';
import { serfOf } from '../../protocol/serf/state.ts';
import { MemberStatus } from '../membership/members.ts';
import { knownMembers, membershipOf } from '../membership/server.ts';
import { FLOOD, FLOODED } from './vocabulary.ts';

/** Goes on with the servers behind this node of the WAN pool. */
export function flood(member: Member, from: number, out: Outbox): void {
  const { pool } = member;
  const node = nextStranger(member, from, out);
  if (node >= 0) {
    pool.delegate?.onJoining?.(member);
    joinOne(member, node, FLOODED, out);
    return;
  }
  while (out.receive(FLOOD) !== undefined);
}

export function onFlooded(
  member: Member,
  process: number,
  body: Snapshot | undefined,
  out: Outbox,
): void {
  const { pool } = member;
  const reached = onJoinedOne(member, process, body, out);
  pool.delegate?.onJoined?.(member, reached ? 1 : 0, out);
  flood(member, pool.memberOf(process) + 1, out);
}

function nextStranger(member: Member, from: number, out: Outbox): number {
  const lan = membershipOf(out);
  if (lan === undefined) return -1;
  const serf = serfOf(member);
  let next = -1;
  for (const { spec, member: seen } of knownMembers(lan)) {
    if (!spec.server || seen.status !== MemberStatus.alive) continue;
    const node = member.pool.memberOf(spec.process);
    const isKnown = node === member.node || statusOf(serf, node) !== Status.none;
    if (node >= from && !isKnown && (next < 0 || node < next)) next = node;
  }
  return next;
}
