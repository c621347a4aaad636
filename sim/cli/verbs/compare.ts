/** `lictor compare`: two scenarios, or one and a changed one, over the same seeds. */
import { OUT_DEFAULT } from '../../../reports/folders.ts';
import { overridesTag } from '../../../reports/folders.ts';
import { formatIssue } from '../../../scenarios/load.ts';
import type { Loaded } from '../../../scenarios/load.ts';
import type { Source } from '../../explore/plan.ts';
import { EXIT } from '../../run/result.ts';
import { commandLine, execute, foldersOf } from '../executing.ts';
import { usageError } from '../failure.ts';
import type { Host } from '../host.ts';
import { describeIssues, readInputs, sourceOf } from '../inputs.ts';
import type { Input } from '../inputs.ts';
import * as read from '../options.ts';
import type { RunningVerbOptions } from '../program.ts';
import { OpenReporters } from '../reporting.ts';
import { planOf, readSettings } from './run.ts';

export async function compareVerb(
  host: Host,
  operands: readonly string[],
  options: RunningVerbOptions,
): Promise<number> {
  const settings = await readSettings(host, options);
  const [first, second = first] = operands as [string, string?];
  if (first === second && options.set.length === 0) {
    throw usageError(
      `Cannot compare ${first} with itself: nothing differs. Name a second file, or --set a value.`,
    );
  }
  // Of two files both are changed alike; of one the second side is what --set makes of it.
  const before = readOne(host, first, first === second ? [] : options.set);
  const after = readOne(host, second, options.set);
  const inputs = [before.input, after.input];
  if (inputs.some(({ loaded }) => !loaded.ok)) {
    host.stderr.write(`${describeIssues(inputs).join('\n')}\n`);
    return EXIT.data;
  }
  for (const { loaded } of inputs) {
    for (const issue of (loaded as Loaded).warnings) {
      host.stderr.write(`warning: ${formatIssue(issue)}\n`);
    }
  }
  const sources = [
    sourceOf(before.input, before.overrides),
    sourceOf(after.input, after.overrides),
  ];
  checkFolders(sources);
  const repeat = Math.max(...inputs.map(({ loaded }) => (loaded as Loaded).repeat));
  const plan = planOf('compare', sources, read.readSeeds(options, repeat), options, settings);
  const folders = foldersOf(host, options.out ?? OUT_DEFAULT, plan);
  const outputs = { ...settings, folders, reporters: new OpenReporters(host, settings) };
  return await execute(host, plan, outputs, commandLine('compare', operands, options));
}

function readOne(
  host: Host,
  name: string,
  overrides: readonly string[],
): { readonly input: Input; readonly overrides: readonly string[] } {
  const inputs = readInputs(host.folder, [name], overrides);
  if (inputs.length > 1) {
    throw usageError(
      `Cannot compare ${name}: it holds ${inputs.length} scenarios. Name two files.`,
    );
  }
  return { input: inputs[0]!, overrides };
}

function checkFolders(sources: readonly Source[]): void {
  const [first, second] = sources.map(({ name, overrides }) => name + overridesTag(overrides));
  if (first !== second) return;
  throw usageError(
    `Cannot compare two scenarios that are both named "${sources[0]!.name}": their results would ` +
      'share a folder. Give one another name.',
  );
}
