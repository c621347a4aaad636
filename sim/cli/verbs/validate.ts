/** `lictor validate`: every problem of every file, or what a run of it will cost. */
import { formatIssue } from '../../../scenarios/load.ts';
import { expandSweep } from '../../../scenarios/sweep.ts';
import { formatCount, formatSeconds, plural } from '../../../reports/text.ts';
import { estimate } from '../../run/estimate.ts';
import { EXIT } from '../../run/result.ts';
import type { Host } from '../host.ts';
import { describeIssues, readInputs } from '../inputs.ts';
import { threadProbe } from '../probe.ts';

const MEBIBYTE = 1024 * 1024;

export function validateVerb(
  host: Host,
  operands: readonly string[],
  options: { readonly set: readonly string[] },
): number {
  const inputs = readInputs(host.folder, operands, options.set).map((input) => {
    const { file, text, loaded } = input;
    if (!loaded.ok) return input;
    // Every setting of its sweep must be right too.
    const expanded = expandSweep(text, { file, overrides: options.set });
    return expanded.ok ? input : { ...input, loaded: expanded };
  });
  const bad = inputs.filter(({ loaded }) => !loaded.ok);
  for (const { file, loaded } of inputs) {
    if (!loaded.ok) continue;
    for (const issue of loaded.warnings) host.stderr.write(`warning: ${formatIssue(issue)}\n`);
    const { events, wallSeconds, memoryBytes } = estimate(loaded.scenario, threadProbe());
    host.stdout.write(
      `${file}: ok; a run takes about ${formatCount(rounded(events))} events, ` +
        `${formatSeconds(rounded(wallSeconds))}, ${formatCount(memoryBytes / MEBIBYTE)} MiB\n`,
    );
  }
  if (bad.length === 0) return EXIT.pass;
  const issues = describeIssues(inputs);
  host.stderr.write(`${issues.join('\n')}\n`);
  host.stderr.write(`${plural(issues.length, 'problem')} in ${plural(bad.length, 'file')}.\n`);
  return EXIT.data;
}

/** An estimate has two digits; more would pretend to know. */
function rounded(value: number): number {
  return Number(value.toPrecision(2));
}
