/** `lictor replay`: failures that were kept as files, run again as they were recorded. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readEnvironment } from '../../../reports/environment.ts';
import { COLOURED, PLAIN } from '../../../reports/paint.ts';
import { describeMoment, describeReplay } from '../../../reports/search/replay.ts';
import { formatIssue } from '../../../scenarios/load.ts';
import { parseCount, parseDuration } from '../../../scenarios/units.ts';
import { readReplayable, replay } from '../../explore/replay.ts';
import type { Replayable, Replayed } from '../../explore/replay.ts';
import { storyOf } from '../../explore/story.ts';
import { combineExitCodes } from '../../explore/summary.ts';
import { Transcript } from '../../core/transcript.ts';
import { EXIT } from '../../run/result.ts';
import type { ExitCode } from '../../run/result.ts';
import { Session } from '../../run/session.ts';
import { Failure, usageError } from '../failure.ts';
import type { Host } from '../host.ts';
import { readInputs } from '../inputs.ts';
import { readColour } from '../options.ts';
import { threadProbe } from '../probe.ts';
import type { ReplayVerbOptions } from '../search-commands.ts';

/** The files of a finding, the simplest first. */
const FILES = ['shrunk.yaml', 'found.yaml'];
/** Lines of the transcript that `--until` shows. */
const LINES = 20;

export async function replayVerb(
  host: Host,
  operands: readonly string[],
  options: ReplayVerbOptions,
): Promise<number> {
  const replayables = operands.flatMap((name) => read(host, name, options));
  if (options.watch === true) return await watch(host, replayables, options);
  const environment = readEnvironment(host.variables, host.stdout, readColour(options));
  const paint = environment.colour ? COLOURED : PLAIN;
  if (options.until !== undefined) {
    if (replayables.length > 1) {
      throw usageError('Cannot replay several files until one moment: name one file.');
    }
    host.stdout.write(`${momentOf(replayables[0]!, options.until).join('\n')}\n`);
    return EXIT.pass;
  }
  const codes: ExitCode[] = [];
  for (const one of replayables) {
    const replayed = replay(one, threadProbe());
    warn(host, one, replayed, options.strict === true);
    const { world, result } = replayed.outcome;
    const lines = describeReplay(
      { ...one, ...replayed, result, story: storyOf(world, result) },
      environment.columns,
      paint,
    );
    host.stdout.write(`${lines.join('\n')}\n`);
    codes.push(result.exitCode);
  }
  return combineExitCodes(codes);
}

/** In the terminal, at the violation that it was kept for. */
async function watch(
  host: Host,
  replayables: readonly Replayable[],
  options: ReplayVerbOptions,
): Promise<number> {
  const [only, ...others] = replayables;
  if (only === undefined || others.length > 0) {
    throw usageError('Cannot watch several recorded failures at once: name one file.');
  }
  const { file, scenario, recording } = only;
  const config = { faults: [], ...only.config };
  const run = { name: file, scenario, config, seed: recording.seed, at: 'violation' };
  const { watchRun } = await import('./watch.ts');
  return await watchRun(host, run, options);
}

/** A file, the folder of a finding, or a folder of recorded failures. */
function read(host: Host, name: string, { set }: ReplayVerbOptions): Replayable[] {
  const place = resolve(host.folder, name);
  const finding = FILES.map((file) => join(name, file)).find((file) =>
    existsSync(resolve(host.folder, file)),
  );
  const inputs = readInputs(host.folder, [finding ?? name], set);
  return inputs.map(({ file, text, loaded }) => {
    const replayable = loaded.ok ? readReplayable(text, file, set) : loaded;
    if (replayable === null) {
      throw new Failure(
        `Cannot replay ${file}: it records no failure. Use "lictor run ${file}".`,
        EXIT.data,
      );
    }
    if (!('ok' in replayable)) return replayable;
    const issues = replayable.issues.map((issue) => formatIssue(issue, { caret: true }));
    throw new Failure(
      `Cannot replay ${place}: it is no scenario.\n${issues.join('\n')}`,
      EXIT.data,
    );
  });
}

/** The same file need not be the same run any more; decisions say it where they had no say. */
function warn(host: Host, { file }: Replayable, replayed: Replayed, strict: boolean): void {
  const { differences, missed } = replayed;
  if (strict && differences.length > 0) {
    throw new Failure(
      `Cannot replay ${file}: ${differences.join(', and ')}. Leave out --strict to try.`,
      EXIT.data,
    );
  }
  for (const difference of differences) host.stderr.write(`warning: ${file}: ${difference}\n`);
  const count = (outcome: string): number => missed.filter((one) => one.outcome === outcome).length;
  const [unasked, defaulted] = [count('unasked'), count('defaulted')];
  if (unasked > 0) {
    host.stderr.write(`warning: ${file}: ${unasked} of its decisions are no longer asked for\n`);
  }
  if (defaulted > 0) {
    host.stderr.write(`warning: ${file}: ${defaulted} of its decisions chose what is not there\n`);
  }
}

/** `--until 12.5s` or `--until 4711`: the cluster as it is then. */
function momentOf({ scenario, recording }: Replayable, until: string): string[] {
  const event = parseCount(until);
  const time = parseDuration(until);
  if (!event.ok && !time.ok) {
    throw usageError(
      `Cannot replay until ${until}: write a time or an event, as in --until 12.5s or --until 4711.`,
    );
  }
  const session = new Session(scenario, recording.seed);
  if (event.ok) session.seekEvent(event.value);
  else if (time.ok) session.seekTime(time.value);
  const transcript = new Transcript(session.run.world).lines({ detail: 0 });
  return describeMoment({
    event: session.event,
    seconds: session.nowMicros / 1e6,
    views: session.views(),
    lines: transcript.slice(-LINES),
  });
}
