/** A failure that was run again, on a screen. */
import type { ProcessView } from '../../sim/run/session.ts';
import type { Failure } from '../../sim/explore/search/failure.ts';
import type { Recording } from '../../sim/explore/recording.ts';
import type { RunResult } from '../../sim/run/result.ts';
import type { Paint } from '../paint.ts';
import { formatMoment, shorten, table, wrap } from '../text.ts';

export interface ReplayView {
  readonly file: string;
  readonly recording: Recording;
  readonly failure: Failure | null;
  readonly shows: boolean;
  readonly result: RunResult;
  readonly story: readonly string[];
}

export function describeReplay(view: ReplayView, columns: number, paint: Paint): string[] {
  const { file, recording, failure, shows, result, story } = view;
  const { seed, violates } = recording;
  const where = `${file}, seed ${seed}`;
  if (failure === null) {
    return [`${paint.good('GONE')} ${violates}: ${where}, does not show any more`];
  }
  const word = shows ? paint.bad('SHOWS') : paint.warn('OTHER');
  const instead = shows ? '' : ` instead of ${violates}`;
  const name = shows ? violates : failure.invariant;
  return [
    `${word} ${name}${instead}: ${where}, at ${formatMoment(failure.time)}, event ${failure.event}`,
    ...wrap(failure.message, columns - 2).map((line) => `  ${line}`),
    ...story.map((line) => shorten(line, columns)),
    `fingerprint ${result.fingerprint}`,
  ];
}

export interface MomentView {
  readonly event: number;
  readonly seconds: number;
  readonly views: readonly ProcessView[];
  readonly lines: readonly string[];
}

/** What led here, and what every process shows of itself. */
export function describeMoment({ event, seconds, views, lines }: MomentView): string[] {
  const rows = views.flatMap(({ name, status, machines }) =>
    machines.map(({ machine, view }, at) => [
      at === 0 ? name : '',
      at === 0 ? status : '',
      machine,
      Object.entries(view)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(' '),
    ]),
  );
  return [`at ${formatMoment(seconds)}, after event ${event}`, ...lines, '', ...table(rows)];
}
