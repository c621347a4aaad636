/** What the script of a page reads from it. */
import type { Plot } from './draw/plots.ts';
import type { TimelineData } from './draw/timeline.ts';

export interface PageData {
  readonly runs: readonly TimelineData[];
  readonly plots: readonly Plot[];
}
