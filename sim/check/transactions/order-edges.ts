/** Edges that do not come from data: the order of sessions and of real time. */
import type { GraphBuilder } from './graph.ts';
import { EDGE } from './graph.ts';
import type { Transaction } from './transaction.ts';

/** Each committed transaction of a process comes before its next one. */
export function addSessionOrder(builder: GraphBuilder, transactions: readonly Transaction[]): void {
  const last = new Map<string, Transaction>();
  for (const transaction of transactions) {
    if (transaction.status !== 'committed') continue;
    const { process, call } = transaction.operation;
    const before = last.get(process);
    if (before !== undefined && before.operation.return < call) {
      builder.add(before.id, transaction.id, EDGE.session);
    }
    last.set(process, transaction);
  }
}

/**
 * Each committed transaction comes before those that were called after its end. Only the latest
 * are linked: of those that ended, the ones that no other ended one had waited for.
 */
export function addRealTimeOrder(
  builder: GraphBuilder,
  transactions: readonly Transaction[],
): void {
  const byEnd = transactions
    .filter(({ status }) => status === 'committed')
    .sort((left, right) => left.operation.return - right.operation.return || left.id - right.id);
  let frontier: Transaction[] = [];
  let ended = 0;
  // Transactions are in order of call.
  for (const transaction of transactions) {
    if (transaction.status === 'aborted') continue;
    const { call } = transaction.operation;
    while (ended < byEnd.length && byEnd[ended]!.operation.return < call) {
      const latest = byEnd[ended++]!;
      const since = latest.operation.call;
      frontier = frontier.filter(({ operation }) => operation.return >= since);
      frontier.push(latest);
    }
    for (const before of frontier) builder.add(before.id, transaction.id, EDGE.realtime);
  }
}
