/** What each exit code means: for help, `explain` and the documentation. */
import { EXIT } from '../run/result.ts';
import type { ExitCode } from '../run/result.ts';

export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  pass: 'pass',
  violation: 'an invariant was violated, or what was expected did not come true',
  unknown: 'unknown: a limit was reached, or nothing was exercised (with --strict)',
  nondeterminism: 'two executions of one seed were not the same',
  threshold: 'the invariants hold, a threshold was missed',
  usage: 'bad command line',
  data: 'bad scenario; found before the first run starts',
  internal: 'internal error',
  io: 'cannot read or write files',
  interrupted: 'interrupted',
};

export function exitCodeRows(): (readonly [code: ExitCode, meaning: string])[] {
  return Object.entries(EXIT).map(([name, code]) => [
    code,
    EXIT_MEANINGS[name as keyof typeof EXIT],
  ]);
}
