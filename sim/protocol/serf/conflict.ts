/**
 * Two members of one name (`hashicorp/serf:serf/serf.go (handleNodeConflict, resolveNodeConflict)`,
 * `internal_query.go (handleConflict)`): who learns that its name is taken asks everybody where they
 * find that name, and stops if most of them do not mean it.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from '../gossip/member.ts';
import { Status, statusOf } from './members.ts';
import type { Query } from './messages.ts';
import { serfOf } from './state.ts';
import type { OpenQuery } from './state.ts';
import { RESOLVE_CONFLICT, SerfNote } from './vocabulary.ts';

export const CONFLICT = '_serf_conflict';

export function onNameConflict(member: Member, node: number, out: Outbox): void {
  if (node !== member.node || !serfOf(member).config.resolvesConflicts) return;
  out.post(RESOLVE_CONFLICT, 0, 0, null);
}

/** Address at which the member finds the name; it does not answer about itself. */
export function conflictAnswer(member: Member, { payload }: Query): string | null {
  const node = Number(payload);
  if (node === member.node) return null;
  const { pool, index } = member;
  const isKnown = statusOf(serfOf(member), node) !== Status.none;
  return isKnown ? String(pool.addressOf(index, node)) : '';
}

/** Half of the answers and one more must know this one; without any it goes. */
export function onConflictVote(member: Member, { answers }: OpenQuery, out: Outbox): void {
  const own = String(member.pool.processOf[member.index]);
  const matching = answers.filter(([, address]) => address === own).length;
  out.note(SerfNote.conflictVoted, answers.length, matching, 0);
  if (matching < Math.floor(answers.length / 2) + 1) serfOf(member).state = 'shutdown';
}
