/**
 * Judges a history of transactions: dependencies between them must not form a cycle that the
 * isolation level forbids, and no read may show what it should not.
 */
import type { Misfit } from '../linearizability/model.ts';
import type { History } from '../linearizability/operation.ts';
import type { Verdict } from '../linearizability/verdict.ts';
import { components } from './components.ts';
import type { Cycle } from './cycles.ts';
import { cyclesOf } from './cycles.ts';
import type { Graph } from './graph.ts';
import { EDGE, GraphBuilder, subgraphOf } from './graph.ts';
import type { Inference } from './inference.ts';
import type { Level } from './levels.ts';
import { forbids, weakestExcluded } from './levels.ts';
import { isAppend, ListAppend } from './list-append.ts';
import { addRealTimeOrder, addSessionOrder } from './order-edges.ts';
import type { CycleStep, Dependency, TransactionAnomaly, TransactionVerdict } from './result.ts';
import { RwRegister } from './rw-register.ts';
import type { Transaction } from './transaction.ts';
import { isWrite, misfitTransactions, transactionsOf } from './transaction.ts';

export type TransactionModel = TransactionVerdict['model'];

export const TRANSACTION_MODELS: Readonly<Record<TransactionModel, string>> = {
  'list-append': 'transactions of lists: [append, key, value], [r, key, list]',
  'rw-register': 'transactions of registers: [w, key, value], [r, key, value]',
};

/** Components that are searched for cycles; more of them are all alike. */
const COMPONENTS_MAX = 50;
const ALL_KINDS = 0b11111;
const DEPENDENCIES: readonly Dependency[] = ['ww', 'wr', 'rw', 'session', 'realtime'];

/** Operations that the model cannot judge. */
export function misfitsOf(model: TransactionModel, history: History): Misfit[] {
  return model === 'list-append'
    ? misfitTransactions(history, isAppend, 'append, r')
    : misfitTransactions(history, isWrite, 'w, r');
}

export function checkTransactions(
  history: History,
  model: TransactionModel,
  level: Level = 'strict-serializable',
): TransactionVerdict {
  const transactions = transactionsOf(history);
  const strict = level === 'strict-serializable';
  const inference: Inference =
    model === 'list-append' ? new ListAppend(transactions) : new RwRegister(transactions, strict);
  const committed = transactions.filter(({ status }) => status === 'committed').length;
  const base = { model, level, transactions: transactions.length, committed };
  if (inference.reason !== '') {
    const { reason } = inference;
    return { ...base, verdict: 'unknown', reason, dependencies: 0, anomalies: [], excluded: [] };
  }
  const builder = new GraphBuilder();
  inference.addEdges(builder);
  if (level === 'session-serializable' || strict) addSessionOrder(builder, transactions);
  if (strict) addRealTimeOrder(builder, transactions);
  const graph = builder.build(transactions.length);
  const anomalies = [
    ...directAnomalies(inference, level),
    ...cycleAnomalies(graph, transactions, inference, level),
  ];
  const verdict: Verdict['verdict'] = anomalies.some(({ forbidden }) => forbidden)
    ? 'fail'
    : 'pass';
  const excluded = weakestExcluded(anomalies.map(({ name }) => name));
  return { ...base, verdict, reason: '', dependencies: builder.count, anomalies, excluded };
}

function directAnomalies({ findings }: Inference, level: Level): TransactionAnomaly[] {
  return findings.all.map((anomaly) => ({
    name: anomaly.name,
    forbidden: forbids(level, anomaly.name),
    message: anomaly.message,
    operations: findings.transactionsOf(anomaly).map(({ operation }) => operation),
    cycle: [],
  }));
}

function cycleAnomalies(
  graph: Graph,
  transactions: readonly Transaction[],
  inference: Inference,
  level: Level,
): TransactionAnomaly[] {
  const anomalies: TransactionAnomaly[] = [];
  const places = new Int32Array(graph.nodes).fill(-1);
  for (const component of components(graph, ALL_KINDS).slice(0, COMPONENTS_MAX)) {
    const part = subgraphOf(graph, component, places);
    for (const cycle of cyclesOf(part.graph)) {
      const members = cycle.nodes.map((node) => transactions[component[node]!]!);
      const steps = explain(part.graph, cycle, members, inference);
      const { name } = cycle;
      anomalies.push({
        name,
        forbidden: forbids(level, name),
        message: `${steps.map(({ reason }) => reason).join('; ')}: a cycle`,
        operations: members.map(({ operation }) => operation),
        cycle: steps,
      });
    }
  }
  return anomalies;
}

function explain(
  graph: Graph,
  { edges }: Cycle,
  members: readonly Transaction[],
  inference: Inference,
): CycleStep[] {
  return edges.map((edge, i) => {
    const next = (i + 1) % members.length;
    const [from, to] = [`T${i + 1}`, `T${next + 1}`];
    const kind = graph.kinds[edge]!;
    const reason =
      kind === EDGE.session
        ? `${from} was called by the same process before ${to}`
        : kind === EDGE.realtime
          ? `${from} ended before ${to} was called`
          : inference.describe(kind, graph.keys[edge]!, graph.versions[edge]!, from, to);
    return {
      from: members[i]!.operation,
      to: members[next]!.operation,
      dependency: DEPENDENCIES[kind]!,
      reason,
    };
  });
}
