/**
 * Judges a recorded history by the name of a promise: a model that must be linearizable, one of
 * Consul's read modes, a session guarantee, or an isolation level of transactions.
 */
import type { Budget } from './linearizability/budget.ts';
import { checkHistory } from './linearizability/check.ts';
import type { Misfit, Model } from './linearizability/model.ts';
import { misfits } from './linearizability/model.ts';
import type { ModelOptions } from './linearizability/models/index.ts';
import { createModel, MODELS } from './linearizability/models/index.ts';
import type { History } from './linearizability/operation.ts';
import type { Judgement, Verdict } from './linearizability/verdict.ts';
import type { ConsulModeVerdict } from './session-guarantees/consul-modes.ts';
import { checkConsulMode, CONSUL_MODES } from './session-guarantees/consul-modes.ts';
import type { GuaranteeVerdict } from './session-guarantees/result.ts';
import { checkSessions, SESSION_GUARANTEES } from './session-guarantees/sessions.ts';
import { checkBoundedStaleness } from './session-guarantees/staleness.ts';
import type { TransactionModel } from './transactions/check-transactions.ts';
import {
  checkTransactions,
  misfitsOf,
  TRANSACTION_MODELS,
} from './transactions/check-transactions.ts';
import type { Level } from './transactions/levels.ts';
import type { TransactionVerdict } from './transactions/result.ts';

export type Outcome =
  | { readonly kind: 'order'; readonly model: Model; readonly result: Verdict }
  | { readonly kind: 'mode'; readonly model: Model; readonly result: ConsulModeVerdict }
  | { readonly kind: 'guarantee'; readonly result: GuaranteeVerdict }
  | { readonly kind: 'transactions'; readonly result: TransactionVerdict };

export interface Settings extends ModelOptions {
  readonly level?: Level;
  /** Of bounded-staleness. */
  readonly boundMicros?: number;
}

const BOUND_DEFAULT_MICROS = 10_000_000;

const SENTENCES: Readonly<Record<string, string>> = {
  'consul-consistent': 'Consul with consistent reads: linearizable',
  'consul-default': 'Consul with default reads: stale ones are allowed around a change of leader',
  'consul-stale': 'Consul with stale reads: only writes must be linearizable',
  'monotonic-reads': 'a process never reads an older value than before',
  'read-your-writes': 'a process never reads an older value than it wrote',
  'monotonic-writes': 'the writes of a process take effect in its order',
  'writes-follow-reads': 'a write takes effect after the writes its process had read',
  'bounded-staleness': 'no read misses a write older than a bound',
};

/** Every name and what it stands for, in the order in which help lists them. */
export function recordedModels(): (readonly [name: string, summary: string])[] {
  const orders = Object.entries(MODELS).map(
    ([name, create]) => [name, create({}).summary] as const,
  );
  return [...orders, ...Object.entries(SENTENCES), ...Object.entries(TRANSACTION_MODELS)];
}

/** Operations that the model cannot judge. */
export function misfitsFor(name: string, history: History): Misfit[] {
  if (isTransactionModel(name)) return misfitsOf(name, history);
  return misfits(modelFor(name, {}), history.operations);
}

/** The model that tells what operations mean; session guarantees take Consul's verbs. */
function modelFor(name: string, options: ModelOptions): Model {
  return createModel(name, options) ?? createModel('consul-kv')!;
}

/** Judges a history whose operations fit the model. */
export function judgeRecorded(
  name: string,
  history: History,
  budget: Budget,
  settings: Settings = {},
): Outcome {
  const { operations, failed } = history;
  if (isTransactionModel(name)) {
    const result = checkTransactions(history, name, settings.level);
    return { kind: 'transactions', result };
  }
  const model = modelFor(name, settings);
  const mode = CONSUL_MODES.find((candidate) => name === `consul-${candidate}`);
  if (mode !== undefined) {
    return { kind: 'mode', model, result: checkConsulMode(operations, mode, budget) };
  }
  const guarantee = SESSION_GUARANTEES.find((candidate) => candidate === name);
  if (guarantee !== undefined) {
    return { kind: 'guarantee', result: checkSessions(operations, guarantee) };
  }
  if (name === 'bounded-staleness') {
    const bound = settings.boundMicros ?? BOUND_DEFAULT_MICROS;
    return { kind: 'guarantee', result: checkBoundedStaleness(operations, bound) };
  }
  return { kind: 'order', model, result: checkHistory(operations, model, budget, { failed }) };
}

export function judgementOf({ result }: Outcome): Judgement {
  return result.verdict;
}

function isTransactionModel(name: string): name is TransactionModel {
  return Object.hasOwn(TRANSACTION_MODELS, name);
}
