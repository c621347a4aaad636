/** The reporters of one command line: each with its place to write to, none in the way of another. */
import { resolve } from 'node:path';
import { writeFileAtomically } from '../../reports/atomic.ts';
import { readEnvironment } from '../../reports/environment.ts';
import type { ColourMode, Environment } from '../../reports/environment.ts';
import { REPORTERS } from '../../reports/registry.ts';
import type { Ending, Reporter, Sink, Verbosity } from '../../reports/reporter.ts';
import type { Plan } from '../explore/plan.ts';
import type { JobRecord } from '../explore/record.ts';
import { EXIT } from '../run/result.ts';
import { Failure } from './failure.ts';
import type { Host } from './host.ts';
import type { ReporterChoice } from './options.ts';

/** A reporter, and how what it wrote gets to its file. */
interface OpenReporter {
  readonly name: string;
  readonly reporter: Reporter;
  readonly close: () => void;
  /** Set once it has thrown: from then on it is left alone. */
  failure: Failure | null;
}

export interface ReportingOptions {
  readonly reporters: readonly ReporterChoice[];
  readonly verbosity: Verbosity;
  readonly colour: ColourMode;
}

export class OpenReporters {
  private readonly open: readonly OpenReporter[];

  constructor(host: Host, options: ReportingOptions) {
    this.open = options.reporters.map((choice) => openReporter(host, choice, options));
  }

  onStart(plan: Plan): void {
    this.each((reporter) => reporter.onStart?.(plan));
  }

  onRun(record: JobRecord): void {
    this.each((reporter) => reporter.onRun?.(record));
  }

  onEnd(ending: Ending): void {
    this.each((reporter) => reporter.onEnd?.(ending));
  }

  /** Writes the files of those that got through; returns what went wrong, by reporter. */
  close(): unknown[] {
    return this.open.flatMap(({ failure, close }): unknown[] => {
      if (failure !== null) return [failure];
      try {
        close();
        return [];
      } catch (error) {
        return [error];
      }
    });
  }

  private each(call: (reporter: Reporter) => void): void {
    for (const one of this.open) {
      if (one.failure !== null) continue;
      try {
        call(one.reporter);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const message = `Cannot report with ${one.name}: ${reason}. Use another --reporter.`;
        one.failure = new Failure(message, EXIT.io);
      }
    }
  }
}

function openReporter(host: Host, choice: ReporterChoice, options: ReportingOptions): OpenReporter {
  const { name, path, create } = choice;
  const { verbosity, colour } = options;
  const make = create ?? REPORTERS[name as keyof typeof REPORTERS].create;
  const { variables } = host;
  if (path === null) {
    const environment = readEnvironment(variables, host.stdout, colour);
    const reporter = make({ sink: host.stdout, environment, verbosity, variables });
    return { name, reporter, close: () => {}, failure: null };
  }
  const parts: string[] = [];
  const sink: Sink = { write: (text) => void parts.push(text) };
  const environment: Environment = readEnvironment({}, {}, 'never');
  const reporter = make({ sink, environment, verbosity, variables });
  const close = (): void => writeFileAtomically(resolve(host.folder, path), parts.join(''));
  return { name, reporter, close, failure: null };
}
