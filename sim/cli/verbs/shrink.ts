/** `lictor shrink`: the simplest scenario that still fails the same way. */
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { writeFileAtomically } from '../../../reports/atomic.ts';
import { readEnvironment } from '../../../reports/environment.ts';
import type { ColourMode } from '../../../reports/environment.ts';
import { OUT_DEFAULT } from '../../../reports/folders.ts';
import { toJson } from '../../../reports/json.ts';
import { COLOURED, PLAIN } from '../../../reports/paint.ts';
import { describeShrunk } from '../../../reports/search/shrunk.ts';
import type { ShrunkView } from '../../../reports/search/shrunk.ts';
import type { Config, Loaded } from '../../../scenarios/load.ts';
import { loadDrawn } from '../../explore/drawn.ts';
import { explain } from '../../explore/explain/explain.ts';
import { recorded } from '../../explore/recording.ts';
import type { Recording } from '../../explore/recording.ts';
import { savedScenario } from '../../explore/saved-scenario.ts';
import { failureOf } from '../../explore/search/failure.ts';
import { shrink, sizeOf } from '../../explore/shrink/shrink.ts';
import type { Case } from '../../explore/shrink/attempt.ts';
import { EXIT } from '../../run/result.ts';
import { runScenario } from '../../run/run.ts';
import { Failure, usageError } from '../failure.ts';
import type { Host } from '../host.ts';
import { describeIssues, readInputs } from '../inputs.ts';
import type { Input } from '../inputs.ts';
import { readColour, readSeeds } from '../options.ts';
import { threadProbe } from '../probe.ts';
import type { ShrinkVerbOptions } from '../search-commands.ts';
import { readOutputs, readShrinkRuns, writeOutput } from '../search-options.ts';
import type { SearchOutput } from '../search-options.ts';
import { shown } from '../executing.ts';

/** Where `--save` keeps failures, so that CI replays them. */
const REGRESSIONS = 'scenarios/regressions';

export async function shrinkVerb(
  host: Host,
  operands: readonly string[],
  options: ShrinkVerbOptions,
): Promise<number> {
  const runs = readShrinkRuns(options.runs);
  const outputs = readOutputs(options.reporter, ['console', 'json']);
  const inputs = readInputs(host.folder, operands, options.set);
  if (inputs.some(({ loaded }) => !loaded.ok)) {
    host.stderr.write(`${describeIssues(inputs).join('\n')}\n`);
    return EXIT.data;
  }
  if (inputs.length > 1) throw usageError('Cannot shrink several scenarios: name one file.');
  const [input] = inputs as [Input];
  const { name } = (input.loaded as Loaded).scenario;
  const start = failingCase(input, options);
  let interrupted = false;
  const release = host.onInterrupt(() => {
    if (interrupted) return host.exit(EXIT.interrupted);
    interrupted = true;
  });
  await host.breathe();
  const shrunk = shrink(start, { runs, probe: threadProbe(), stopped: () => interrupted });
  release();
  if (shrunk === null) throw passes(input.file, `seed ${start.seed}`);
  const text = recorded(stringify(shrunk.config), name, shrunk.seed, shrunk.failure);
  const folder = options.save === true ? REGRESSIONS : join(options.out ?? OUT_DEFAULT, 'shrunk');
  const place = resolve(host.folder, folder, `${fileName(name, shrunk.failure.invariant)}.yaml`);
  writeFileAtomically(place, text);
  const view: ShrunkView = {
    failure: shrunk.failure,
    runs: shrunk.runs,
    done: shrunk.done,
    before: sizeOf(start),
    after: sizeOf(shrunk),
    file: shown(host, place),
    text,
    explanation: options.explain === false ? null : explain(shrunk, threadProbe()),
  };
  for (const output of outputs) tell(host, view, output, readColour(options));
  return EXIT.pass;
}

function tell(
  host: Host,
  view: ShrunkView,
  { name, path }: SearchOutput,
  colour: ColourMode,
): void {
  const environment = readEnvironment(host.variables, host.stdout, colour);
  const paint = environment.colour && path === null ? COLOURED : PLAIN;
  const text =
    name === 'json'
      ? toJson({ schema: 'lictor.shrunk/1', ...view })
      : `${describeShrunk(view, environment.columns, paint).join('\n')}\n`;
  if (path === null) host.stdout.write(text);
  else writeOutput(host.folder, path, text);
}

function fileName(name: string, invariant: string): string {
  return name.includes(invariant) ? name : `${name}-${invariant}`;
}

/** The run that is recorded, or the first of the seeds that fails, with what its seed has drawn. */
function failingCase({ file, text, loaded }: Input, options: ShrinkVerbOptions): Case {
  const base = loaded as Loaded;
  const recording = base.written['replay'] as Recording | undefined;
  if (recording !== undefined && options.seed === undefined && options.seeds === undefined) {
    const { replay: _replay, ...config } = base.written;
    return { config, seed: recording.seed };
  }
  const { first, last } = readSeeds(options, 50);
  for (let seed = first; seed <= last; seed++) {
    const { scenario, written } = loadDrawn({ file, text, overrides: options.set }, base, seed);
    const run = { seed, command: '', overrides: {}, strict: false, probe: threadProbe() };
    const { result, plan } = runScenario(scenario, run);
    if (failureOf(result) === null) continue;
    const { replay: _replay, ...config } = parse(savedScenario(written, plan)) as Config;
    return { config, seed };
  }
  throw passes(file, first === last ? `seed ${first}` : `seeds ${first}..${last}`);
}

function passes(file: string, seeds: string): Failure {
  return new Failure(
    `Cannot shrink ${file}: it does not fail with ${seeds}. Name a seed that fails: --seed N.`,
    EXIT.usage,
  );
}
