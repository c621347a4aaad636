/** The reporters there are, by the name that `--reporter` knows. */
import { ConsoleReporter } from './console.ts';
import { JsonReporter } from './json.ts';
import type { CreateReporter } from './reporter.ts';

export const REPORTERS = {
  console: {
    description: 'a screen for people: verdict, thresholds, invariants, figures, faults, story',
    create: (context) => new ConsoleReporter(context),
  },
  json: {
    description: 'one JSON document: lictor.result/1 of one run, lictor.summary/1 of several',
    create: (context) => new JsonReporter(context),
  },
} as const satisfies Readonly<
  Record<string, { readonly description: string; readonly create: CreateReporter }>
>;

export type ReporterName = keyof typeof REPORTERS;
export const REPORTER_NAMES = Object.keys(REPORTERS) as ReporterName[];
