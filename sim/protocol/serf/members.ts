/**
 * Members as serf sees them: a status of its own, which intents and memberlist's events lead from one
 * to the next. In a formed pool all see nearly the same, so a member stores only what deviates from
 * that.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from '../gossip/member.ts';
import { serfOf } from './state.ts';
import type { Serf } from './state.ts';
import { SerfNote } from './vocabulary.ts';

/** `hashicorp/serf:serf/serf.go (MemberStatus)`. */
export const Status = { none: 0, alive: 1, leaving: 2, left: 3, failed: 4 } as const;
export type Status = (typeof Status)[keyof typeof Status];
export const STATUS_NAMES = ['none', 'alive', 'leaving', 'left', 'failed'] as const;

/** What serf holds of one member: replaced as a whole, never changed. */
export interface SerfMember {
  readonly status: Status;
  /** Lamport time of the last intent that was accepted. */
  readonly time: number;
  /** When it failed or left, by the own clock; it keeps the time of a failure when it is let go. */
  readonly goneMicros: number;
}

/** What all hold of each other in a pool that is formed when the run begins. */
export const FOUNDER: SerfMember = { status: Status.alive, time: 1, goneMicros: 0 };
const UNKNOWN: SerfMember = { status: Status.none, time: 0, goneMicros: 0 };

export function memberOf({ members, complete, founders }: Serf, node: number): SerfMember {
  const own = members.get(node);
  if (own !== undefined) return own;
  return complete && founders[node] === 1 ? FOUNDER : UNKNOWN;
}

export function statusOf(serf: Serf, node: number): Status {
  return memberOf(serf, node).status;
}

/** The only writer: keeps the lists, and tells who wants to know of a change of status. */
export function setMember(member: Member, node: number, next: SerfMember, out: Outbox): void {
  const serf = serfOf(member);
  const before = memberOf(serf, node);
  const isDefault = serf.complete && serf.founders[node] === 1 ? FOUNDER : UNKNOWN;
  if (isSame(next, isDefault)) serf.members.delete(node);
  else serf.members.set(node, next);
  const { status } = next;
  if (status === before.status) return;
  serf.count += Number(status !== Status.none) - Number(before.status !== Status.none);
  if (before.status === Status.failed) remove(serf.failed, node);
  if (before.status === Status.left) remove(serf.left, node);
  if (status === Status.failed) serf.failed.push(node);
  if (status === Status.left) serf.left.push(node);
  out.note(SerfNote.status, member.pool.processOf[node], status, before.status);
  serf.config.application.onStatus?.(node, status, out);
}

function isSame(one: SerfMember, other: SerfMember): boolean {
  const { status, time, goneMicros } = one;
  return status === other.status && time === other.time && goneMicros === other.goneMicros;
}

/** As the original: the last takes the place of whom it removes. */
function remove(list: number[], node: number): void {
  const at = list.indexOf(node);
  const last = list.pop()!;
  if (at < list.length) list[at] = last;
}

export function forget(member: Member, node: number, out: Outbox): void {
  setMember(member, node, UNKNOWN, out);
}

/** Does anybody else live? (`hasAliveMembers`) */
export function hasAliveMembers(member: Member): boolean {
  const serf = serfOf(member);
  const { length } = serf.founders;
  for (let node = 0; node < length; node++) {
    if (node !== member.node && statusOf(serf, node) === Status.alive) return true;
  }
  return false;
}

/** Everybody whom it knows, by number. */
export function knownNodes(serf: Serf): number[] {
  if (serf.complete) {
    const all = Array.from(serf.founders.keys());
    return all.filter((node) => statusOf(serf, node) !== Status.none);
  }
  return [...serf.members.keys()].toSorted((one, other) => one - other);
}

/** Whoever has learnt nearly what all hold stores what deviates from it, like the others. */
export function maybeComplete(serf: Serf): void {
  if (serf.complete) return;
  const deviates = (node: number): boolean => {
    const own = serf.members.get(node);
    return serf.founders[node] === 1
      ? own === undefined || !isSame(own, FOUNDER)
      : own !== undefined;
  };
  const nodes = Array.from(serf.founders.keys());
  const special = nodes.filter(deviates);
  if (special.length > 16 + nodes.length / 8) return;
  serf.members = new Map(special.map((node) => [node, serf.members.get(node) ?? UNKNOWN]));
  serf.complete = true;
}
