/**
 * Consul's three read modes as models. What each promises:
 *
 * - `consistent`: reads and writes are linearizable.
 * - `default`: the same, except around a change of leader. A leader that does not know yet that it
 *   was replaced answers from memory (consul#54), and so does a new one that has not yet applied
 *   what it inherited (consul#2644). Such reads miss writes; they are anomalies, but allowed.
 * - `stale`: any server answers, however far behind.
 *
 * In every mode writes are linearizable, and no read invents a value or sees the future.
 */
import type { Budget } from '../linearizability/budget.ts';
import { checkHistory } from '../linearizability/check.ts';
import { createModel } from '../linearizability/models/index.ts';
import { isReadVerb } from '../linearizability/models/verbs.ts';
import type { Operation } from '../linearizability/operation.ts';
import type { Verdict } from '../linearizability/verdict.ts';
import type { Anomaly } from './result.ts';
import type { Missed } from './staleness.ts';
import { describeMissed, Staleness } from './staleness.ts';
import { versionsOf } from './versions.ts';

export const CONSUL_MODES = ['consistent', 'default', 'stale'] as const;
export type ConsulMode = (typeof CONSUL_MODES)[number];

/** A time in which a leader may give stale answers. */
export interface LeaderWindow {
  /** `replaced`: another leader was elected. `unready`: it has not applied what it inherited. */
  readonly kind: 'replaced' | 'unready';
  readonly host: string;
  readonly fromMicros: number;
  readonly toMicros: number;
}

export interface ConsulModeVerdict {
  readonly verdict: Verdict['verdict'];
  readonly mode: ConsulMode;
  /** The operations that must be linearizable: all but the anomalies. */
  readonly linearizable: Verdict;
  /** Stale reads, each with the reason why it is allowed or not. */
  readonly anomalies: readonly Anomaly[];
}

const REFERENCES: Readonly<Record<LeaderWindow['kind'], string>> = {
  replaced: 'consul#54',
  unready: 'consul#2644',
};
const STALE_REFERENCE = 'consistency mode stale';
const LEADER_CHANGE = `${REFERENCES.replaced} or ${REFERENCES.unready}`;

/** Rounds in which reads that turn out to be in the way are set aside. */
const ROUNDS_MAX = 20;

/**
 * Judges a history whose reads were made in `mode`; a read that carries a mode of its own is
 * judged by that one.
 *
 * @param windows when leaders could give stale answers; without them every stale read of mode
 *   `default` is taken to lie in one
 */
export function checkConsulMode(
  operations: readonly Operation[],
  mode: ConsulMode,
  budget: Budget,
  windows?: readonly LeaderWindow[],
): ConsulModeVerdict {
  const model = createModel('consul-kv')!;
  const staleness = new Staleness(versionsOf(operations));
  const anomalies: Anomaly[] = [];
  const setAside = new Set<Operation>();
  const suspects = new Map<Operation, Anomaly>();
  for (const read of operations) {
    if (!isLenient(read, mode)) continue;
    const missed = staleness.missed(read);
    if (missed === undefined) continue;
    setAside.add(read);
    anomalies.push(label(read, mode, missed, windows));
  }
  let linearizable = checkHistory(without(operations, setAside), model, budget);
  for (let round = 0; round < ROUNDS_MAX && linearizable.verdict === 'fail'; round++) {
    const { findings } = linearizable;
    const inTheWay = findings
      .flatMap(({ involved }) => involved)
      .filter((one) => isLenient(one, mode));
    // What nobody wrote is wrong in every mode; so is a contradiction among strict operations.
    const stale = inTheWay.filter((read) => couldBeStale(operations, read));
    if (stale.length === 0) break;
    for (const { call } of stale) {
      // The checker was given renumbered copies; positions stay.
      const read = operations.find((operation) => operation.call === call)!;
      setAside.add(read);
      suspects.set(read, label(read, mode, undefined, windows));
    }
    linearizable = checkHistory(without(operations, setAside), model, budget);
  }
  if (linearizable.verdict === 'pass') {
    linearizable = acquit(operations, setAside, suspects, linearizable, budget);
  }
  anomalies.push(...suspects.values());
  const broken = anomalies.some(({ status }) => status === 'violation');
  const verdict = broken ? 'fail' : linearizable.verdict;
  return { verdict, mode, linearizable, anomalies };
}

/**
 * A contradiction also involves reads that are in order: a read with which the others still have
 * an order is no anomaly. Reads that nothing would excuse are tried first.
 */
function acquit(
  operations: readonly Operation[],
  setAside: Set<Operation>,
  suspects: Map<Operation, Anomaly>,
  passed: Verdict,
  budget: Budget,
): Verdict {
  const model = createModel('consul-kv')!;
  let verdict = passed;
  for (const status of ['violation', 'allowed'] as const) {
    for (const [read, anomaly] of suspects) {
      if (anomaly.status !== status) continue;
      setAside.delete(read);
      const retried = checkHistory(without(operations, setAside), model, budget);
      if (retried.verdict === 'pass') {
        suspects.delete(read);
        verdict = retried;
      } else {
        setAside.add(read);
      }
    }
  }
  return verdict;
}

/** Its mode does not promise a fresh answer. */
function isLenient(operation: Operation, mode: ConsulMode): boolean {
  if (!isReadVerb(operation.f) || operation.outcome !== 'ok') return false;
  const own = operation.mode === '' ? mode : operation.mode;
  return own !== 'consistent';
}

function without(operations: readonly Operation[], left: ReadonlySet<Operation>): Operation[] {
  return operations
    .filter((operation) => !left.has(operation))
    .map((operation, id) => ({ ...operation, id }));
}

/** Some write of that value was called before the read ended. */
function couldBeStale(
  operations: readonly Operation[],
  { key, output, return: end }: Operation,
): boolean {
  if (output === null) return true;
  return operations.some(
    (write) =>
      write.key === key &&
      write.call < end &&
      write.outcome !== 'refused' &&
      !isReadVerb(write.f) &&
      JSON.stringify(write.input) === JSON.stringify(output),
  );
}

function label(
  read: Operation,
  mode: ConsulMode,
  missed: Missed | undefined,
  windows: readonly LeaderWindow[] | undefined,
): Anomaly {
  const own = read.mode === '' ? mode : read.mode;
  const message =
    missed === undefined
      ? `process ${read.process} read ${JSON.stringify(read.output)} of ${read.key}, which fits no order`
      : describeMissed(missed);
  const write = missed?.newer.write;
  const operations = write === undefined ? [read] : [write, read];
  const base = { guarantee: `${own} reads`, message, operations };
  const reference = allowance(own, read, windows);
  return reference === undefined
    ? { ...base, status: 'violation', reference: '' }
    : { ...base, status: 'allowed', reference };
}

/** Where it is documented that a read of this mode may give an earlier state; undefined: nowhere. */
export function allowance(
  mode: string,
  { callMicros, returnMicros }: Pick<Operation, 'callMicros' | 'returnMicros'>,
  windows: readonly LeaderWindow[] | undefined,
): string | undefined {
  if (mode === 'stale') return STALE_REFERENCE;
  if (mode !== 'default') return undefined;
  if (windows === undefined) return LEADER_CHANGE;
  // An answer is given shortly before it arrives, so of several windows the last one counts.
  const window = windows
    .filter((one) => callMicros <= one.toMicros && returnMicros >= one.fromMicros)
    .reduce<LeaderWindow | undefined>(
      (last, one) => (last === undefined || one.toMicros > last.toMicros ? one : last),
      undefined,
    );
  return window === undefined ? undefined : REFERENCES[window.kind];
}
