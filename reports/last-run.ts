/** Which runs did not pass last time, for `--last-failed`: `<out>/last-run.json`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord } from '../sim/explore/record.ts';
import { writeFileAtomically } from './atomic.ts';
import { overridesTag } from './folders.ts';
import { toJson } from './json.ts';

export interface FailedRun {
  /** As the folder of its results is called: the scenario and what was changed in it. */
  readonly name: string;
  readonly seed: number;
}

interface LastRun {
  readonly schema: 'lictor.last-run/1';
  readonly failed: readonly FailedRun[];
}

export function nameOf({ sources }: Plan, source: number): string {
  const { name, overrides } = sources[source]!;
  return name + overridesTag(overrides);
}

/** Written after every run, so that what passes now is not run again. */
export function writeLastRun(out: string, plan: Plan, records: readonly JobRecord[]): void {
  const failed = records
    .filter(({ exitCode }) => exitCode !== 0)
    .map(({ source, seed }) => ({ name: nameOf(plan, source), seed }));
  const document: LastRun = { schema: 'lictor.last-run/1', failed };
  writeFileAtomically(join(out, 'last-run.json'), toJson(document));
}

/** Null where there was no run, or nothing that can be read. */
export function readLastRun(out: string): readonly FailedRun[] | null {
  try {
    const document = JSON.parse(readFileSync(join(out, 'last-run.json'), 'utf8')) as LastRun;
    return document.schema === 'lictor.last-run/1' ? document.failed : null;
  } catch {
    return null;
  }
}
