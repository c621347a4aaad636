/** A cluster whose clients are made up: tests say what they asked and were told. */
import type { RunRecord } from '../../../sim/check/linearizability/operation-log.ts';
import type { Violation } from '../../../sim/check/invariant.ts';
import type { CheckedCluster } from '../../support/checked.ts';
import { checkedCluster } from '../../support/checked.ts';

export const SECOND = 1_000_000;

export interface Told extends CheckedCluster {
  /** One operation from its call to its answer, now. */
  tell(op: number, fields: Partial<RunRecord>): void;
}

/** Formed, a second old: no leader may give stale answers any more. */
export function toldCluster(): Told {
  const cluster = checkedCluster({ servers: 3, seed: 1, formed: 0 });
  cluster.run(SECOND);
  const record = (fields: Partial<RunRecord>): RunRecord => ({
    process: 0,
    type: 'invoke',
    f: 'put',
    key: 'k',
    value: null,
    time: cluster.world.now,
    op: 0,
    mode: 'default',
    ...fields,
  });
  return {
    ...cluster,
    tell: (op, { index, ...fields }) => {
      const { history } = cluster.checks;
      history.append(record({ ...fields, op, type: 'invoke' }));
      history.append(record({ type: 'ok', ...fields, op, index, event: cluster.world.event }));
    },
  };
}

/** Invariant, status and reference of each, without repetitions. */
export function kindsOf(violations: readonly Omit<Violation, 'invariant'>[] | unknown): string[] {
  const list = violations as readonly Violation[];
  return [...new Set(list.map((one) => `${one.invariant} ${one.status} ${one.reference}`.trim()))];
}
