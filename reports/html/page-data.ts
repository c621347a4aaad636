/** What the script of a page reads from it. */
import type { Curve } from './draw/curves.ts';
import type { TimelineData } from './draw/timeline.ts';

export interface PageData {
  readonly runs: readonly TimelineData[];
  /** For each figure of percentiles. */
  readonly curves: readonly (readonly Curve[])[];
}
