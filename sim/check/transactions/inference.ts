/** What the two kinds of transactions have in common: anomalies seen without a graph. */
import type { Scalar } from '../linearizability/operation.ts';
import { valueText } from '../linearizability/operation.ts';
import type { GraphBuilder } from './graph.ts';
import type { AnomalyName } from './levels.ts';
import type { Transaction } from './transaction.ts';

/** Anomalies of one name that are kept; more are all alike. */
const KEPT_MAX = 10;

export interface DirectAnomaly {
  readonly name: AnomalyName;
  /** Names the transactions T1, T2, ... in the order given. */
  readonly message: string;
  readonly transactions: readonly number[];
}

/** Reads dependencies off a history of transactions. */
export interface Inference {
  readonly findings: Findings;
  /** Why the history cannot be judged; empty when it can. */
  readonly reason: string;
  addEdges(builder: GraphBuilder): void;
  /** Why an edge is there, as a sentence about `from` and `to`. */
  describe(kind: number, key: number, version: number, from: string, to: string): string;
}

export class Findings {
  readonly all: DirectAnomaly[] = [];
  readonly #transactions: readonly Transaction[];
  readonly #counts = new Map<AnomalyName, number>();

  constructor(transactions: readonly Transaction[]) {
    this.#transactions = transactions;
  }

  add(name: AnomalyName, message: string, transactions: readonly number[]): void {
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    if (count < KEPT_MAX) this.all.push({ name, message, transactions });
  }

  garbage(reader: number, key: Scalar, value: Scalar): void {
    const text = `T1 read ${valueText(value)} in ${valueText(key)}, which nobody wrote`;
    this.add('garbage-read', text, [reader]);
  }

  abortedRead(reader: number, writer: number, key: Scalar, value: Scalar): void {
    const text = `T1 read ${valueText(value)} in ${valueText(key)}, which T2 wrote and then aborted`;
    this.add('G1a', text, [reader, writer]);
  }

  intermediateRead(reader: number, writer: number, key: Scalar, value: Scalar): void {
    const what = `T1 read ${valueText(value)} in ${valueText(key)}`;
    this.add('G1b', `${what}, which was not the last that T2 wrote there`, [reader, writer]);
  }

  lostUpdate(updaters: readonly number[], key: Scalar): void {
    const names = updaters.map((_, i) => `T${i + 1}`).slice(0, 2);
    const text = `${names.join(' and ')} read the same version of ${valueText(key)} and both wrote it`;
    this.add('lost-update', text, updaters.slice(0, 2));
  }

  transactionsOf({ transactions }: DirectAnomaly): Transaction[] {
    return transactions.map((id) => this.#transactions[id]!);
  }
}
