/**
 * Suspicion timers (`hashicorp/memberlist:suspicion.go`): they start at their longest and every
 * independent accuser shortens them. What an open suspicion knows lies in the node's column:
 * nodes listed when it began, confirmations so far, accuser, those who confirmed.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from './member.ts';
import { State, stateOf } from './messages.ts';
import type { Column } from './views.ts';
import { SUSPICION_TIMER } from './vocabulary.ts';

const LISTED = 0;
const CONFIRMED = 1;
const ACCUSERS = 2;

function stride(member: Member): number {
  return ACCUSERS + 1 + member.pool.confirmationsMax;
}

function cellsOf(member: Member, column: Column): Int32Array {
  return (column.cells ??= new Int32Array(stride(member) * member.pool.size));
}

/** The view has just become suspect. */
export function startSuspicion(member: Member, node: number, from: number, out: Outbox): void {
  const { pool, config, listed } = member;
  const column = pool.views.column(node);
  const cells = cellsOf(member, column);
  const base = stride(member) * member.index;
  cells[base + LISTED] = listed;
  cells[base + CONFIRMED] = 0;
  cells[base + ACCUSERS] = from;
  out.timer(SUSPICION_TIMER, column.slot, pool.plan(config, listed).timeouts[0]);
}

/** Another accusation (`Confirm`); whether it is news. The accuser itself never counts. */
export function confirm(member: Member, node: number, from: number, out: Outbox): boolean {
  const { pool, config, index } = member;
  const column = pool.views.column(node);
  const cells = column.cells!;
  const base = stride(member) * index;
  const confirmed = cells[base + CONFIRMED];
  const { wanted, timeouts } = pool.plan(config, cells[base + LISTED]);
  if (confirmed >= wanted) return false;
  for (let at = 0; at <= confirmed; at++) if (cells[base + ACCUSERS + at] === from) return false;
  cells[base + CONFIRMED] = confirmed + 1;
  cells[base + ACCUSERS + confirmed + 1] = from;
  const elapsed = out.now() - pool.views.changedAt(index, node);
  out.timer(SUSPICION_TIMER, column.slot, Math.max(0, timeouts[confirmed + 1] - elapsed));
  return true;
}

/** Confirmations of an open suspicion so far. */
export function confirmations(member: Member, node: number): number {
  return member.pool.views.column(node).cells![stride(member) * member.index + CONFIRMED];
}

/** The view is about to become something else. */
export function dropSuspicion(member: Member, node: number, held: number, out: Outbox): void {
  if (stateOf(held) !== State.suspect) return;
  out.cancel(SUSPICION_TIMER, member.pool.views.column(node).slot);
}
