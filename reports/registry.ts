/** The reporters there are, by the name that `--reporter` knows. */
import { BlobReporter } from './blob.ts';
import { ConsoleReporter } from './console.ts';
import { GithubReporter } from './github.ts';
import { JsonReporter } from './json.ts';
import { JunitReporter } from './junit.ts';
import { MarkdownReporter } from './markdown.ts';
import { MinimalReporter } from './minimal.ts';
import { NdjsonReporter } from './ndjson.ts';
import type { CreateReporter } from './reporter.ts';
import { SarifReporter } from './sarif.ts';

interface ReporterEntry {
  readonly description: string;
  readonly create?: CreateReporter;
  /** Of those that are large, and loaded when somebody asks for them. */
  readonly load?: () => Promise<CreateReporter>;
  /** What it writes is for no screen: without a path it goes to this file beside the results. */
  readonly file?: string;
}

export const REPORTERS = {
  console: {
    description: 'a screen for people: verdict, thresholds, invariants, figures, faults, story',
    create: (context) => new ConsoleReporter(context),
  },
  minimal: {
    description: 'a line for each run that did not pass, and the verdict',
    create: (context) => new MinimalReporter(context),
  },
  json: {
    description: 'one JSON document: lictor.result/1 of one run, lictor.summary/1 of several',
    create: (context) => new JsonReporter(context),
  },
  ndjson: {
    description: 'JSON lines as runs end: start, run or crash for each, end (lictor.ndjson/1)',
    create: (context) => new NdjsonReporter(context),
  },
  markdown: {
    description: 'tables and commands in Markdown, for pages and pull requests',
    create: (context) => new MarkdownReporter(context),
  },
  junit: {
    description: 'JUnit XML for CI servers: a scenario is a suite, a seed a case',
    create: (context) => new JunitReporter(context),
  },
  github: {
    description: 'annotations for GitHub Actions, worst first, and the summary of the job',
    create: (context) => new GithubReporter(context),
  },
  sarif: {
    description: 'SARIF 2.1.0 for code scanning: a rule is an invariant or metric',
    create: (context) => new SarifReporter(context),
  },
  html: {
    description: 'a page of pictures and tables, one file; without a path beside the results',
    load: async () => (await import('./html.ts')).createHtmlReporter,
    file: 'report.html',
  },
  blob: {
    description: 'everything the runs brought back, for "lictor merge" (lictor.blob/1)',
    create: (context) => new BlobReporter(context),
  },
} as const satisfies Readonly<Record<string, ReporterEntry>>;

export type ReporterName = keyof typeof REPORTERS;
export const REPORTER_NAMES = Object.keys(REPORTERS) as ReporterName[];

/** What makes the reporter of this name. */
export async function creatorOf(name: ReporterName): Promise<CreateReporter> {
  const { create, load }: ReporterEntry = REPORTERS[name];
  return create ?? (await load!());
}

/** The file for a reporter that was given none; null: standard output. */
export function fileOf(name: string): string | null {
  const entries: Readonly<Record<string, ReporterEntry>> = REPORTERS;
  return entries[name]?.file ?? null;
}
