/**
 * Checkers of histories. Events are operations judged. `vs baseline` compares with the history of
 * a tenth of the size: 1.0x means that the time grows as the history does.
 */
import { Budget } from '../../sim/check/linearizability/budget.ts';
import { checkHistory } from '../../sim/check/linearizability/check.ts';
import type { Model } from '../../sim/check/linearizability/model.ts';
import { createModel } from '../../sim/check/linearizability/models/index.ts';
import type { Operation } from '../../sim/check/linearizability/operation.ts';
import { checkTransactions } from '../../sim/check/transactions/check-transactions.ts';
import { casHistory, kvHistory, listHistory } from './checker/histories.ts';
import type { Bench, BenchCase, Runner } from './harness.ts';

const CLIENTS = 10;
/** Distinct small histories that are judged in turn. */
const SMALL_HISTORIES = 500;
const SMALL_PER_STRETCH = 25;

/** Judges one history again and again; a verdict other than `pass` is a bug in this file. */
function judging(operations: readonly Operation[], model: Model): Runner {
  return () => {
    const { verdict } = checkHistory(operations, model, new Budget());
    if (verdict !== 'pass') throw new Error(`expected an order, got ${verdict}`);
    return { events: operations.length, simulatedSeconds: 0, useful: 1 };
  };
}

function fastRunner(operations: number, keys: number): Runner {
  const shape = { operations, keys, clients: CLIENTS, lost: 0.01, seed: `kv ${operations}` };
  return judging(kvHistory(shape), createModel('consul-kv')!);
}

/** 1 % of the outcomes unknown, a hundred keys. */
function fastPath(operations: number): BenchCase {
  const keys = 100;
  return {
    name: 'fast-path',
    params: { operations, keys },
    usefulUnit: 'histories/s',
    subject: () => fastRunner(operations, keys),
    ...(operations > 1000 ? { baseline: () => fastRunner(operations / 10, keys) } : {}),
  };
}

/** All operations on one key, the hardest shape for a fast path. */
function oneKey(operations: number): BenchCase {
  return {
    name: 'fast-path-one-key',
    params: { operations },
    usefulUnit: 'histories/s',
    subject: () => fastRunner(operations, 1),
    baseline: () => fastRunner(operations / 10, 1),
  };
}

function generalSearch(): Runner {
  const model = createModel('cas-register')!;
  const histories = Array.from({ length: SMALL_HISTORIES }, (_, i) =>
    casHistory(100, 5, `cas ${i}`),
  );
  let next = 0;
  return () => {
    let events = 0;
    for (let i = 0; i < SMALL_PER_STRETCH; i++) {
      const history = histories[next++ % SMALL_HISTORIES]!;
      const options = { searchOnly: true, explain: false };
      checkHistory(history, model, new Budget(), options);
      events += history.length;
    }
    return { events, simulatedSeconds: 0, useful: SMALL_PER_STRETCH };
  };
}

function listAppend(transactions: number): Runner {
  const history = { operations: listHistory(transactions, CLIENTS, 'list'), failed: [] };
  return () => {
    const { verdict } = checkTransactions(history, 'list-append', 'strict-serializable');
    if (verdict !== 'pass') throw new Error(`expected no anomaly, got ${verdict}`);
    return { events: transactions, simulatedSeconds: 0, useful: transactions };
  };
}

export const bench: Bench = {
  name: 'checker',
  title: 'histories judged',
  cases: [
    ...[1_000, 10_000, 100_000, 1_000_000].map(fastPath),
    oneKey(100_000),
    {
      name: 'general-search',
      params: { operations: 100, processes: 5 },
      usefulUnit: 'histories/s',
      subject: generalSearch,
    },
    ...[10_000, 100_000].map((transactions) => ({
      name: 'list-append',
      params: { transactions },
      usefulUnit: 'transactions/s',
      subject: () => listAppend(transactions),
      baseline: () => listAppend(transactions / 10),
    })),
  ],
};
