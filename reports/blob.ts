/**
 * The reporter for `lictor merge`: everything that the runs brought back, one JSON object a line, so
 * that parts of a campaign that were run elsewhere can be put together. `lictor.blob/1`.
 */
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord } from '../sim/explore/record.ts';
import type { Ending, Reporter, ReporterContext, Sink } from './reporter.ts';

export interface BlobStart {
  readonly type: 'start';
  readonly schema: 'lictor.blob/1';
  readonly plan: Plan;
}

export interface BlobEnd {
  readonly type: 'end';
  readonly version: string;
  readonly node: string;
  readonly command: string;
  readonly interrupted: boolean;
  readonly wallSeconds: number;
}

export type BlobLine =
  BlobStart | { readonly type: 'record'; readonly record: JobRecord } | BlobEnd;

export class BlobReporter implements Reporter {
  private readonly sink: Sink;

  constructor({ sink }: ReporterContext) {
    this.sink = sink;
  }

  onStart(plan: Plan): void {
    this.write({ type: 'start', schema: 'lictor.blob/1', plan });
  }

  onRun(record: JobRecord): void {
    // Folders are written where the run was.
    const slim = record.kind === 'run' ? { ...record, transcript: [], files: null } : record;
    this.write({ type: 'record', record: slim });
  }

  onEnd({ summary }: Ending): void {
    const { version, node, command, interrupted, wallSeconds } = summary;
    this.write({ type: 'end', version, node, command, interrupted, wallSeconds });
  }

  private write(line: BlobLine): void {
    this.sink.write(`${JSON.stringify(line)}\n`);
  }
}
