/** The reporters of one command line: each with its place to write to, none in the way of another. */
import { dirname, join, resolve } from 'node:path';
import { writeFileAtomically } from '../../reports/atomic.ts';
import { readEnvironment } from '../../reports/environment.ts';
import type { ColourMode, Environment } from '../../reports/environment.ts';
import { fileOf } from '../../reports/registry.ts';
import type { Ending, Reporter, Sink, Verbosity } from '../../reports/reporter.ts';
import type { Plan } from '../explore/plan.ts';
import type { JobRecord } from '../explore/record.ts';
import { EXIT } from '../run/result.ts';
import { shown } from './executing.ts';
import { Failure } from './failure.ts';
import type { Host } from './host.ts';
import type { ReporterChoice } from './options.ts';

/** A reporter, and how what it wrote gets to its file. */
interface OpenReporter {
  readonly name: string;
  readonly reporter: Reporter;
  readonly close: (ending: Ending | null) => void;
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
  private ending: Ending | null = null;

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
    this.ending = ending;
    this.each((reporter) => reporter.onEnd?.(ending));
  }

  /** Writes the files of those that got through; returns what went wrong, by reporter. */
  close(): unknown[] {
    return this.open.flatMap(({ failure, close }): unknown[] => {
      if (failure !== null) return [failure];
      try {
        close(this.ending);
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
  const { variables } = host;
  const file = path === null ? fileOf(name) : null;
  if (path === null && file === null) {
    const environment = readEnvironment(variables, host.stdout, colour);
    const reporter = create({ sink: host.stdout, environment, verbosity, variables });
    return { name, reporter, close: () => {}, failure: null };
  }
  const parts: string[] = [];
  const sink: Sink = { write: (text) => void parts.push(text) };
  const environment: Environment = readEnvironment({}, {}, 'never');
  const reporter = create({ sink, environment, verbosity, variables });
  const close = (ending: Ending | null): void => {
    const place = resolve(host.folder, path ?? besideResults(ending, file!));
    writeFileAtomically(place, parts.join(''));
    if (path === null && verbosity >= 0) host.stderr.write(`${name}: ${shown(host, place)}\n`);
  };
  return { name, reporter, close, failure: null };
}

/** Where nobody named a path: in the folder of the results, or here where none were written. */
function besideResults(ending: Ending | null, file: string): string {
  const written = ending?.written ?? null;
  if (written === null) return file;
  return join(written.endsWith('.json') ? dirname(written) : written, file);
}
