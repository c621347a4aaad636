/** Histories that no search gets through, and how punctually it gives up on them. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Budget } from '../../../sim/check/linearizability/budget.ts';
import { checkHistory } from '../../../sim/check/linearizability/check.ts';
import { createModel } from '../../../sim/check/linearizability/models/index.ts';
import type { Operation } from '../../../sim/check/linearizability/operation.ts';
import { createOperation } from '../../../sim/check/linearizability/operation.ts';
import { explosive } from '../../check/linearizability/reference/explosive.ts';

export interface ExplosionRow {
  readonly history: string;
  readonly operations: number;
  readonly limit: string;
  readonly budget: number;
  readonly used: number;
  /** Share by which the budget was exceeded; negative when it was not. */
  readonly over: number;
  readonly steps: number;
  readonly verdict: string;
  /** Positions that the window spans, and how many operations are in it. */
  readonly window: string;
}

/** Many concurrent writes of few values, and then two reads that contradict each other. */
function crowdedRegister(crowd: number): Operation[] {
  const operations: Operation[] = [];
  const add = (fields: Partial<Operation>): void => {
    const process = `${operations.length}`;
    operations.push(createOperation({ key: 'k', id: operations.length, process, ...fields }));
  };
  for (let i = 0; i < crowd; i++) {
    add({ f: 'write', input: i % 7, call: i, return: crowd + i });
  }
  const after = 2 * crowd;
  add({ f: 'read', output: 1, call: after, return: after + 1 });
  add({ f: 'read', output: 2, call: after + 2, return: after + 3 });
  return operations;
}

const HISTORIES: readonly (readonly [name: string, model: string, operations: Operation[]])[] = [
  ['30 concurrent enqueues', 'queue', explosive(30)],
  ['40 concurrent writes of 7 values', 'cas-register', crowdedRegister(40)],
];

const MEBIBYTE = 1024 * 1024;
const SELF = fileURLToPath(import.meta.url);

const now = (): number => performance.now() / 1000;

export function timeLimits(seconds: number): ExplosionRow[] {
  return HISTORIES.map(([history, name, operations]) => {
    const model = createModel(name)!;
    const start = now();
    const bytes = 8 * 1024 * MEBIBYTE;
    const verdict = checkHistory(operations, model, new Budget({ seconds, now, bytes }));
    const used = now() - start;
    return row(history, operations, 'time', seconds, used, verdict);
  });
}

/** Each in a process of its own, which holds nothing else. */
export function memoryLimits(mebibytes: number): ExplosionRow[] {
  return HISTORIES.map((_, i) => {
    const child = spawnSync(process.execPath, [SELF, `${i}`, `${mebibytes}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    });
    return JSON.parse(child.stdout) as ExplosionRow;
  });
}

function memoryLimit(index: number, mebibytes: number): ExplosionRow {
  const [history, name, operations] = HISTORIES[index]!;
  const model = createModel(name)!;
  const before = process.memoryUsage.rss();
  let peak = before;
  const residentBytes = (): number => {
    const bytes = process.memoryUsage.rss();
    peak = Math.max(peak, bytes);
    return bytes;
  };
  const budget = new Budget({ seconds: 60, now, bytes: mebibytes * MEBIBYTE, residentBytes });
  const verdict = checkHistory(operations, model, budget);
  residentBytes();
  const used = (peak - before) / MEBIBYTE;
  return row(history, operations, 'memory', mebibytes, used, verdict);
}

function row(
  history: string,
  operations: readonly Operation[],
  limit: string,
  budget: number,
  used: number,
  verdict: ReturnType<typeof checkHistory>,
): ExplosionRow {
  const { from, to, operations: inside } = verdict.findings[0]!.window;
  return {
    history,
    operations: operations.length,
    limit,
    budget,
    used,
    over: used / budget - 1,
    steps: verdict.steps,
    verdict: verdict.limit === limit ? verdict.verdict : `${verdict.verdict} (${verdict.limit})`,
    window: `${inside.length} operations, records ${from} to ${to}`,
  };
}

if (import.meta.main) {
  const [index, mebibytes] = process.argv.slice(2).map(Number);
  process.stdout.write(JSON.stringify(memoryLimit(index!, mebibytes!)));
}
