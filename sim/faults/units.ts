/** Numbers of a scenario as text that means exactly the same when it is read again. */
import type { DistributionSpec } from '../../scenarios/scenario.ts';

/** `250us`, `12.5ms`, `-3s`. */
export function durationText(micros: number): string {
  const size = Math.abs(micros);
  if (size < 1000) return micros === 0 ? '0' : `${micros}us`;
  return size < 1_000_000 ? `${micros / 1000}ms` : `${micros / 1_000_000}s`;
}

/** `2%`, `0.25%`. */
export function percentText(share: number): string {
  return `${Math.round(share * 1e10) / 1e8}%`;
}

/** `5ms`, `1ms..5ms`, `exp 5ms`, `{ median: 1ms, p99: 8ms }`, `{ table: [[0%, 1ms], [100%, 2ms]] }`. */
export function distributionText(spec: DistributionSpec): string {
  switch (spec.kind) {
    case 'constant':
      return durationText(spec.micros);
    case 'uniform':
      return spec.micros.map(durationText).join('..');
    case 'exponential':
      return `exp ${durationText(spec.meanMicros)}`;
    case 'lognormal':
      return `{ median: ${durationText(spec.medianMicros)}, p99: ${durationText(spec.p99Micros)} }`;
    case 'table': {
      const points = spec.points.map(
        ([share, micros]) => `[${percentText(share)}, ${durationText(micros)}]`,
      );
      return `{ table: [${points.join(', ')}] }`;
    }
    default:
      return spec satisfies never;
  }
}
