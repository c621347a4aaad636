/** What was the case at a moment of a run, in lines. */
import { formatSeconds, formatShare } from '../../format.ts';
import { bucketsOf } from './buckets.ts';
import type { Frame } from './frame.ts';
import type { TimelineData } from './timeline.ts';

export function factsAt({ picture, faults }: TimelineData, frame: Frame, micros: number): string[] {
  const { leadership, loads, lanes, endMicros } = picture;
  const lines = [`${(micros / 1e6).toFixed(frame.to - frame.from < 2e6 ? 6 : 3)} s`];
  for (const { name, begin, end, inert } of faults) {
    if (!inert && begin * 1e6 <= micros && micros <= end * 1e6) lines.push(`fault: ${name}`);
  }
  if (leadership.length > 0) {
    const leaders = leadership.filter(({ from, to }) => from <= micros && micros < to);
    const names = leaders.map(({ host, term }) => `${host} in term ${term}`);
    lines.push(names.length > 0 ? `leader: ${names.join(' and ')}` : 'no leader');
  }
  for (const load of loads) {
    const buckets = bucketsOf(load, frame, endMicros);
    const at = Math.floor((micros - buckets.from) / buckets.micros);
    const counts = [buckets.ok, buckets.failed, buckets.unknown].map((column) => column[at] ?? 0);
    const all = counts.reduce((sum, count) => sum + count, 0);
    if (all === 0) {
      lines.push(`${load.name}: no operation began`);
      continue;
    }
    const latency =
      counts[0] === 0
        ? ''
        : `, p50 ${formatSeconds(buckets.p50[at]! / 1e6)}, p99 ${formatSeconds(buckets.p99[at]! / 1e6)}`;
    lines.push(`${load.name}: ${formatShare(counts[0]! / all)} of ${all} ok${latency}`);
  }
  for (const { name, spans } of lanes) {
    const span = spans.find(({ from, to }) => from <= micros && micros < to);
    if (span !== undefined && /down|paused|candidate/.test(span.state)) {
      lines.push(`${name}: ${span.state}`);
    }
  }
  return lines.length <= 12 ? lines : [...lines.slice(0, 11), `and ${lines.length - 11} more`];
}
