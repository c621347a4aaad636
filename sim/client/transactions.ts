/**
 * Transactions of a load: some keys are read and some written, all in one entry of the log
 * (`consul:agent/txn_endpoint.go`; reference: server §3.2).
 */
import type { Outbox } from '../core/machine.ts';
import type { ServerAnswer } from '../consul/requests/request.ts';
import type { KvEntry } from '../consul/state/rows.ts';
import type {
  KvTransactionOperation,
  KvTransactionVerb,
  TransactionResult,
} from '../consul/state/transaction-types.ts';
import type { KvLoadState } from './kv-load.ts';
import { drawKey } from './requests.ts';

function verbOf(
  verb: KvTransactionVerb,
  key: string,
  value = '',
  index = 0,
): KvTransactionOperation {
  return { kind: 'kv', verb, key, value, flags: 0, index, session: '' };
}

/** Different keys; of one that writes the first is written, and each of the others with even odds. */
export function drawTransaction(
  state: KvLoadState,
  writes: boolean,
  unique: string,
  out: Outbox,
): KvTransactionOperation[] {
  const { keys, transactionKeys, conditional } = state.config;
  const wanted = Math.min(keys, transactionKeys);
  const drawn: string[] = [];
  while (drawn.length < wanted) {
    const key = drawKey(state, out);
    if (!drawn.includes(key)) drawn.push(key);
  }
  return drawn.map((key, place) => {
    if (!writes || (place > 0 && out.draw('mix').unit() < 0.5)) return verbOf('get-or-empty', key);
    const value = `${unique}/${place}`;
    const compares = conditional > 0 && out.draw('mix').unit() < conditional;
    return compares
      ? verbOf('cas', key, value, state.indexes.get(key) ?? 0)
      : verbOf('set', key, value);
  });
}

/** Remembers the ModifyIndex of each key that an answer told of. */
export function learnFrom(
  indexes: Map<string, number>,
  verbs: readonly KvTransactionOperation[],
  { value, applied }: ServerAnswer,
): void {
  const { results } = value as TransactionResult;
  if (!applied) {
    // Somebody else was faster, and a transaction does not say with what.
    for (const { key } of verbs) indexes.delete(key);
    return;
  }
  verbs.forEach(({ key }, place) => indexes.set(key, (results[place] as KvEntry).modifyIndex));
}

export type Row = readonly [string, string, ...(string | number | null)[]];

/** As a history tells of it: `[verb, key, ...]` each. */
export function rowsOf(verbs: readonly KvTransactionOperation[]): Row[] {
  return verbs.map(({ verb, key, value, index }) => {
    if (verb === 'cas') return [verb, key, value, index];
    return verb === 'set' ? [verb, key, value] : [verb, key];
  });
}

/** The same with what the reads saw; of a key that is not there null. */
export function answeredRows(
  verbs: readonly KvTransactionOperation[],
  { results }: TransactionResult,
): Row[] {
  return rowsOf(verbs).map((row, place) => {
    if (row[0] !== 'get-or-empty') return row;
    const { value, modifyIndex } = results[place] as KvEntry;
    return modifyIndex === 0 ? [row[0], row[1], null] : [row[0], row[1], value, modifyIndex];
  });
}
