/** Thresholds that only a share of the seeds must keep to: judged once all runs are there. */
import { EXIT } from '../run/result.ts';
import type { RunResult, Verdict } from '../run/result.ts';
import type { JobRecord } from './record.ts';

export interface SeedThreshold {
  readonly metric: string;
  readonly expression: string;
  /** The share of the seeds that must keep to it. */
  readonly seeds: number;
  readonly met: number;
  readonly missed: number;
  /** Runs in which nothing was measured for it; they count for neither. */
  readonly unmeasured: number;
  readonly verdict: Verdict;
}

/** Over the runs of one scenario. */
export function judgeOverSeeds(results: readonly RunResult[]): SeedThreshold[] {
  const [first] = results;
  return (first?.thresholds ?? []).flatMap(({ metric, expression, seeds }, at): SeedThreshold[] => {
    if (seeds === undefined) return [];
    const count = (verdict: Verdict): number =>
      results.filter(({ thresholds }) => thresholds[at]?.verdict === verdict).length;
    const [met, missed, unmeasured] = [count('pass'), count('fail'), count('unknown')];
    const judged = met + missed;
    const verdict = judged === 0 ? 'unknown' : met >= seeds * judged ? 'pass' : 'fail';
    return [{ metric, expression, seeds, met, missed, unmeasured, verdict }];
  });
}

/** Whether a run missed nothing but what enough of the other seeds keep to. */
export function isExcused(record: JobRecord, thresholds: readonly SeedThreshold[]): boolean {
  if (record.kind !== 'run' || record.exitCode !== EXIT.threshold) return false;
  return record.result.thresholds.every(
    ({ metric, expression, verdict }) =>
      verdict !== 'fail' ||
      thresholds.some(
        (one) => one.metric === metric && one.expression === expression && one.verdict === 'pass',
      ),
  );
}
