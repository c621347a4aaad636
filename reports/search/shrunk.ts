/** A failure that was made simpler, on a screen. */
import type { Explanation } from '../../sim/explore/explain/explain.ts';
import type { Failure } from '../../sim/explore/search/failure.ts';
import type { Size } from '../../sim/explore/search/report.ts';
import type { Paint } from '../paint.ts';
import { describeExplanation } from './explanation.ts';
import { formatMoment, plural, wrap } from '../text.ts';

export interface ShrunkView {
  readonly failure: Failure;
  readonly runs: number;
  readonly done: boolean;
  readonly before: Size;
  readonly after: Size;
  readonly file: string;
  /** The scenario as it was written. */
  readonly text: string;
  readonly explanation: Explanation | null;
}

export function describeShrunk(view: ShrunkView, columns: number, paint: Paint): string[] {
  const { failure, runs, done, before, after, file, text, explanation } = view;
  const { invariant, time, event, message } = failure;
  const open = done ? '' : '; --runs allows more';
  return [
    `${paint.bad('VIOLATED')} ${invariant} at ${formatMoment(time)}, event ${event}`,
    ...wrap(message, columns - 2).map((line) => `  ${line}`),
    `${sizeText(before)} became ${sizeText(after)} in ${plural(runs, 'run')}${open}`,
    '',
    ...text.trimEnd().split('\n'),
    ...(explanation === null ? [] : describeExplanation(explanation, columns, paint)),
    '',
    `npx lictor replay ${file}`,
  ];
}

function sizeText({ faults, hosts }: Size): string {
  return `${plural(faults, 'fault')} on ${plural(hosts, 'host')}`;
}
