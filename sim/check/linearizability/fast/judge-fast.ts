/**
 * The fast path: judges a register, compare-and-set register or key in near-linear time when it is
 * known which write each read saw, from unique values or from Raft indexes. It says `impossible`
 * only for what no order can repair and `ordered` only with an order in hand; everything else it
 * refuses.
 */
import type { Model } from '../model.ts';
import type { Operation } from '../operation.ts';
import type { ClusterProblem, Clusters } from './clusters.ts';
import { clustersOf } from './clusters.ts';
import type { Columns } from './columns.ts';
import { columnsOf } from './columns.ts';
import { placeFloating } from './floating.ts';
import { orderByVersions, hasVersions } from './versions.ts';
import { orderByZones } from './zones.ts';

export type FastJudgement =
  | { readonly outcome: 'ordered' }
  | { readonly outcome: 'refused' }
  | {
      readonly outcome: 'impossible';
      readonly reason: string;
      readonly culprits: readonly number[];
    };

const REFUSED: FastJudgement = { outcome: 'refused' };

/** Judges operations on one key, in order of `call`. */
export function judgeFast(model: Model, operations: readonly Operation[]): FastJudgement {
  const columns = columnsOf(model, operations);
  if (columns === undefined) return REFUSED;
  const byIndex = model.ordersByIndex === true;
  const clusters = clustersOf(columns, byIndex);
  if ('reason' in clusters) return impossible(columns, clusters, true);
  clusters.leftOut = clusters.certain.includes(0);
  if (hasVersions(clusters)) {
    const order = orderByVersions(columns, clusters);
    if (Array.isArray(order)) {
      if (placeFloating(columns, clusters, order)) return { outcome: 'ordered' };
      if (byIndex) return REFUSED;
    } else if (byIndex) {
      return impossible(columns, order as ClusterProblem, true);
    }
    // Another order than that of the indexes may still explain the values.
    return judgeByZones(model, columns);
  }
  return judgeByZones(model, columns, clusters);
}

function judgeByZones(model: Model, columns: Columns, built?: Clusters): FastJudgement {
  const byIndex = model.ordersByIndex === true;
  const clusters = built ?? clustersOf(columns, byIndex);
  if ('reason' in clusters) return impossible(columns, clusters, true);
  const order = orderByZones(columns, clusters);
  // Which write of several was read is known from indexes only. A model that promises nothing about
  // them has other explanations; one that does may not have counted a repeated value as a write.
  if (!Array.isArray(order)) {
    return impossible(columns, order as ClusterProblem, !clusters.usedIndex);
  }
  if (byIndex && !plain(clusters, order)) return REFUSED;
  return placeFloating(columns, clusters, order) ? { outcome: 'ordered' } : REFUSED;
}

/** Known indexes grow along the order, and no write repeats the value before it. */
function plain({ version, value }: Clusters, order: readonly number[]): boolean {
  let last = 0;
  for (let place = 1; place < order.length; place++) {
    if (value[order[place]!] === value[order[place - 1]!]) return false;
    const index = version[order[place]!]!;
    if (index > 0 && index <= last) return false;
    last = Math.max(last, index);
  }
  return true;
}

function impossible(columns: Columns, problem: ClusterProblem, certain: boolean): FastJudgement {
  if (problem.reason === undefined || !certain) return REFUSED;
  const ids = problem.rows.map((row) => columns.operations[row]!.id);
  const culprits = [...new Set(ids)].sort((left, right) => left - right);
  return { outcome: 'impossible', reason: problem.reason, culprits };
}
