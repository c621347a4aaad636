/** The reporter for programs that read along: one JSON object a line, as soon as it is known. */
import type { Plan } from '../sim/explore/plan.ts';
import { runLine } from './run-line.ts';
import type { JobRecord } from '../sim/explore/record.ts';
import type { Ending, Reporter, ReporterContext, Sink } from './reporter.ts';

export class NdjsonReporter implements Reporter {
  private readonly sink: Sink;

  constructor({ sink }: ReporterContext) {
    this.sink = sink;
  }

  onStart({ purpose, sources, seeds }: Plan): void {
    this.write({
      schema: 'lictor.ndjson/1',
      type: 'start',
      purpose,
      seeds,
      scenarios: sources.map(({ name, file, overrides }) => ({ scenario: name, file, overrides })),
    });
  }

  onRun(record: JobRecord): void {
    if (record.kind === 'run') {
      this.write({ type: 'run', place: record.source, ...runLine(record) });
      return;
    }
    const { source, scenario, seed, message, command } = record;
    this.write({ type: 'crash', place: source, scenario, seed, message, command });
  }

  onEnd({ summary }: Ending): void {
    // The runs have been told one by one.
    const { schema: _schema, runs: _runs, crashes: _crashes, ...rest } = summary;
    this.write({ type: 'end', ...rest });
  }

  private write(line: object): void {
    this.sink.write(`${JSON.stringify(line)}\n`);
  }
}
