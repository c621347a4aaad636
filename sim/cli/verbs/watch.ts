/** `lictor watch`: a run in the interactive terminal. */
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readEnvironment } from '../../../reports/environment.ts';
import { writeFileAtomically } from '../../../reports/atomic.ts';
import type { Config } from '../../../scenarios/load.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { loadDrawn } from '../../explore/drawn.ts';
import { EXIT } from '../../run/result.ts';
import { Watched } from '../../run/watch/watched.ts';
import { Failure, usageError } from '../failure.ts';
import type { Host } from '../host.ts';
import { describeIssues, readInputs } from '../inputs.ts';
import { readColour, readSeeds } from '../options.ts';
import type { CommonOptions } from '../commands.ts';
import type { WatchVerbOptions } from '../program.ts';

export async function watchVerb(
  host: Host,
  operands: readonly string[],
  options: WatchVerbOptions,
): Promise<number> {
  if (operands.length !== 1) throw usageError('Cannot watch several runs at once. Name one.');
  readColour(options);
  const [operand] = operands as [string];
  const { file, seed, at } = whatToWatch(host, operand, options);
  const inputs = readInputs(host.folder, [file], options.set);
  if (inputs.length !== 1) throw usageError(`Cannot watch ${file}: it holds several. Name one.`);
  const { loaded, text } = inputs[0]!;
  if (!loaded.ok) {
    host.stderr.write(`${describeIssues(inputs).join('\n')}\n`);
    return EXIT.data;
  }
  const written = { file, text, overrides: options.set };
  const { scenario, config } = loadDrawn(written, loaded, seed);
  return await watchRun(host, { name: operand, scenario, config, seed, at }, options);
}

/** What is watched, and where it begins; `name` is what the user calls it. */
export interface WatchedRun {
  readonly name: string;
  readonly scenario: Scenario;
  readonly config: Config;
  readonly seed: number;
  /** Null: at the beginning, running. */
  readonly at: string | null;
}

/** Opens the terminal on a run, and comes back when the user has left it. */
export async function watchRun(
  host: Host,
  { name, scenario, config, seed, at }: WatchedRun,
  options: CommonOptions & { readonly lines?: true },
): Promise<number> {
  const mode = readColour(options);
  const { stdin, screen } = host;
  if (stdin?.isTTY !== true || screen?.isTTY !== true) {
    throw usageError(
      `Cannot watch ${name}: this is not a terminal, so that nobody can press keys. ` +
        `Use "lictor run ${name} -v" for a story in lines.`,
    );
  }
  const environment = readEnvironment(host.variables, host.stdout, mode);
  const [{ openTerminal }, { createTheme }] = await Promise.all([
    import('../../../reports/terminal/open.ts'),
    import('../../../reports/terminal/theme.ts'),
  ]);
  const watched = new Watched({ scenario, config, seed });
  await openTerminal({
    watched,
    theme: createTheme(environment),
    file: `${scenario.name}-edited.yaml`,
    save: (place, text) => writeFileAtomically(resolve(host.folder, place), text),
    stdin,
    stdout: screen,
    now: () => host.now(),
    stop: () => host.stop(),
    lines: options.lines === true || environment.spoken,
    prepare: (controller) => {
      if (controller.begin(at, () => host.now())) return;
      throw usageError(`Cannot begin at ${at}: expected 12.5s, #4711, 50% or violation.`);
    },
  });
  return EXIT.pass;
}

/** A folder of results is its scenario, its seed, and the violation that it ended with. */
function whatToWatch(host: Host, operand: string, options: WatchVerbOptions) {
  const given = options.seed === undefined ? null : readSeeds(options).first;
  const at = options.at ?? null;
  const place = resolve(host.folder, operand);
  const result = join(place, 'result.json');
  const isResult = statSync(result, { throwIfNoEntry: false })?.isFile() ?? false;
  if (!isResult) return { file: operand, seed: given ?? 1, at };
  const { seed, violations } = readResult(result, operand);
  const broken = violations.length > 0 ? 'violation' : null;
  return { file: join(operand, 'scenario.yaml'), seed: given ?? seed, at: at ?? broken };
}

function readResult(file: string, operand: string): { seed: number; violations: unknown[] } {
  try {
    const { seed, violations } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (Number.isSafeInteger(seed) && Array.isArray(violations)) {
      return { seed: seed as number, violations };
    }
  } catch {
    // What cannot be read is as good as none.
  }
  throw new Failure(
    `Cannot watch ${operand}: its result.json is not a result of lictor. Name its scenario.yaml.`,
    EXIT.io,
  );
}
