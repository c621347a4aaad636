/** Operations of the visible part of a run, counted in buckets. */
import type { LoadPicture } from '../../../sim/explore/picture/operations.ts';
import type { Frame } from './frame.ts';

export interface Buckets {
  /** Where the first one begins, and how long each lasts. */
  readonly from: number;
  readonly micros: number;
  readonly ok: readonly number[];
  readonly failed: readonly number[];
  readonly unknown: readonly number[];
  readonly p50: readonly number[];
  readonly p99: readonly number[];
}

const BUCKET_PIXELS = 7;

/** Exact as long as all operations are there; of thinned ones the slots of the whole run serve. */
export function bucketsOf(load: LoadPicture, frame: Frame, endMicros: number): Buckets {
  const { operations, slots, total } = load;
  if (operations.start.length < total) return { ...slots, from: 0, micros: slots.slotMicros };
  const count = Math.max(24, Math.min(200, Math.floor((frame.right - frame.left) / BUCKET_PIXELS)));
  const from = Math.max(0, frame.from);
  const micros = Math.max(1, (Math.min(frame.to, endMicros) - from) / count);
  const counts = [0, 1, 2].map(() => Array.from({ length: count }, () => 0));
  const latencies: number[][] = Array.from({ length: count }, () => []);
  operations.start.forEach((start, row) => {
    const bucket = Math.floor((start - from) / micros);
    if (bucket < 0 || bucket >= count) return;
    const outcome = operations.outcome[row]!;
    counts[outcome]![bucket]!++;
    if (outcome === 0) latencies[bucket]!.push(operations.latency[row]!);
  });
  for (const list of latencies) list.sort((left, right) => left - right);
  const quantile = (percent: number): number[] =>
    latencies.map((list) => list[Math.max(1, Math.ceil((list.length * percent) / 100)) - 1] ?? 0);
  const [ok, failed, unknown] = counts as [number[], number[], number[]];
  return { from, micros, ok, failed, unknown, p50: quantile(50), p99: quantile(99) };
}
