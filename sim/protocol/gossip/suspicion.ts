/**
 * Suspicion timers (`hashicorp/memberlist:suspicion.go`): they start at their longest and every
 * independent accuser shortens them. What an open suspicion knows lies beside the member's key:
 * nodes listed when it began, confirmations so far, accuser, those who confirmed.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from './member.ts';
import { State, isSuspect, key } from './messages.ts';
import { SUSPICION_TIMER } from './vocabulary.ts';

const LISTED = 0;
const CONFIRMED = 1;
const ACCUSERS = 2;

/** Words for a suspicion that waits for so many confirmations. */
export function suspicionWords(confirmations: number): number {
  return ACCUSERS + 1 + confirmations;
}

/** The view has just become suspect. */
export function startSuspicion(member: Member, node: number, from: number, out: Outbox): void {
  const { pool, config, listed, index } = member;
  const { views } = pool;
  const base = views.cellOf(index, node);
  const cells = views.cells!;
  cells[base + LISTED] = listed;
  cells[base + CONFIRMED] = 0;
  cells[base + ACCUSERS] = from;
  const { timeouts, wanted } = pool.plan(config, listed);
  if (wanted === 0) saturate(member, node, out);
  out.timer(SUSPICION_TIMER, views.slotOf[node], timeouts[0]);
}

/** No further confirmation counts. */
function saturate({ pool, index }: Member, node: number, out: Outbox): void {
  const held = pool.views.get(index, node);
  pool.views.set(index, node, key(State.confirmed, held >>> 3), out.now());
}

/** Another accusation (`Confirm`); whether it is news. The accuser itself never counts. */
export function confirm(member: Member, node: number, from: number, out: Outbox): boolean {
  const { pool, config, index } = member;
  const { views } = pool;
  const base = views.cellOf(index, node);
  const cells = views.cells!;
  const confirmed = cells[base + CONFIRMED];
  for (let at = 0; at <= confirmed; at++) if (cells[base + ACCUSERS + at] === from) return false;
  const { wanted, timeouts } = pool.plan(config, cells[base + LISTED]);
  cells[base + CONFIRMED] = confirmed + 1;
  cells[base + ACCUSERS + confirmed + 1] = from;
  if (confirmed + 1 === wanted) saturate(member, node, out);
  const elapsed = out.now() - views.changedAt(index, node);
  const left = Math.max(0, timeouts[confirmed + 1] - elapsed);
  out.timer(SUSPICION_TIMER, views.slotOf[node], left);
  return true;
}

/** Confirmations of an open suspicion so far. */
export function confirmations({ pool, index }: Member, node: number): number {
  return pool.views.cells![pool.views.cellOf(index, node) + CONFIRMED];
}

/** The view is about to become something else. */
export function dropSuspicion(member: Member, node: number, held: number, out: Outbox): void {
  if (isSuspect(held)) out.cancel(SUSPICION_TIMER, member.pool.views.slotOf[node]);
}
