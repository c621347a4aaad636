/** The transcript of a whole run: what the processes noted, and what the faults did to them. */
import { Transcript } from '../core/transcript.ts';
import type { RunOutcome } from '../run/run.ts';
import type { JobOptions } from './plan.ts';

/** Lines oldest first; with `messages` also what comes with every message. */
export function transcriptOf(
  { world, result }: RunOutcome,
  { transcript }: Pick<JobOptions, 'transcript'>,
): string[] {
  const noted = new Transcript(world).lines({ detail: transcript === 'messages' ? 1 : 0 });
  const width = Math.max(8, ...world.processes.map(({ name }) => name.length + 2));
  const faults = result.faults.flatMap(({ name, begin, end, inert }) => {
    const line = (time: number, what: string): [number, string] => [
      time,
      `${`${time.toFixed(6)}s`.padStart(10)}  ${'-'.padEnd(width)}fault   ${what} ${name}`,
    ];
    if (inert && begin === end) return [line(begin, 'inert')];
    return end > begin ? [line(begin, 'begin'), line(end, 'end')] : [line(begin, 'do')];
  });
  faults.sort(([left], [right]) => left - right);
  return merge(noted, faults);
}

/** Faults of a microsecond come before everything else of it. */
function merge(noted: readonly string[], faults: readonly (readonly [number, string])[]): string[] {
  const lines: string[] = [];
  let next = 0;
  for (const line of noted) {
    const time = Number.parseFloat(line);
    while (next < faults.length && faults[next]![0] <= time) lines.push(faults[next++]![1]);
    lines.push(line);
  }
  return [...lines, ...faults.slice(next).map(([, line]) => line)];
}
