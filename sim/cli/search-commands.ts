/** The command line of searches: explore, shrink, replay. */
import type { Command } from 'commander';
import { acts, collect, examples } from './commands.ts';
import type { CommonOptions, OnExitCode } from './commands.ts';
import type { Host } from './host.ts';

export interface ExploreVerbOptions extends CommonOptions {
  readonly seeds?: string;
  readonly time?: string;
  readonly jobs?: string;
  readonly strategy?: string;
  readonly set: readonly string[];
  readonly reporter: readonly string[];
  readonly out?: string;
  readonly shard?: string;
  readonly fresh?: true;
  readonly x?: true;
  /** False with --no-shrink. */
  readonly shrink: boolean;
  readonly shrinkRuns?: string;
  readonly quiet?: true;
}

export interface ReplayVerbOptions extends CommonOptions {
  readonly until?: string;
  readonly watch?: true;
  readonly strict?: true;
  readonly set: readonly string[];
}

export interface ShrinkVerbOptions extends CommonOptions {
  readonly seed?: string;
  readonly seeds?: string;
  readonly runs?: string;
  readonly set: readonly string[];
  readonly reporter: readonly string[];
  /** False with --no-explain. */
  readonly explain: boolean;
  readonly out?: string;
  readonly save?: true;
}

/** The verbs that look for failures and look into them. */
export function addExplore(program: Command, host: Host, onExitCode: OnExitCode): void {
  const explore = program
    .command('explore')
    .description('search for failures over clusters and faults that nobody wrote down')
    .argument('[file...]', 'scenarios to search from (default: the bundled mixes of faults)')
    .option('--seeds <n>', 'so many runs, or those of a range a..b (default: 300)')
    .option('--time <duration>', 'begin no run after this time, such as 10m')
    .option('--strategy <name>', 'swarm, random, coverage or pct (default: swarm)')
    .option('--jobs <n>', 'worker threads (default: one per core)')
    .option('--set <path=value>', 'change a value of the scenario; repeatable', collect, [])
    .option('--reporter <name[=path]>', 'console, json or blob; repeatable', collect, [])
    .option('--out <folder>', 'where results go (default: reports/out)')
    .option('--shard <i/n>', 'of n equal parts of the runs the i-th; "lictor merge" joins them')
    .option('--fresh', 'begin anew where an earlier search has been')
    .option('-x', 'stop at the first finding')
    .option('--no-shrink', 'leave failures as they were found')
    .option('--shrink-runs <n>', 'runs that making one failure simpler may take (default: 400)')
    .option('-q, --quiet', 'the verdict alone')
    .option('--color <when>', 'auto, always or never (default: auto)')
    .addHelpText(
      'before',
      examples(
        ['lictor explore --time 10m', 'the bundled mixes of faults, for ten minutes'],
        ['lictor explore mine.yaml --seeds 2000', 'faults in your own cluster'],
        ["lictor explore --set 'plant=[B4]' -x", 'see that a planted bug is found'],
      ),
    );
  acts<ExploreVerbOptions>(explore, host, onExitCode, async () => {
    return (await import('./verbs/explore.ts')).exploreVerb;
  });
  addFailures(program, host, onExitCode);
}

/** What is done with one failure. */
function addFailures(program: Command, host: Host, onExitCode: OnExitCode): void {
  const shrink = program
    .command('shrink')
    .description('make a failing scenario simpler while it still fails the same way')
    .argument('<file>', 'a scenario that fails, or a file that records a failure')
    .option('--seed <n>', 'the seed that fails (default: the recorded one, or the first to 50)')
    .option('--seeds <a..b>', 'the first of these seeds that fails')
    .option('--runs <n>', 'runs that it may take (default: 400)')
    .option('--set <path=value>', 'change a value of the scenario; repeatable', collect, [])
    .option('--no-explain', 'do not look for what it needs and when it could not be avoided')
    .option('--reporter <name[=path]>', 'console or json; repeatable', collect, [])
    .option('--save', 'keep it in scenarios/regressions, which CI replays')
    .option('--out <folder>', 'where it goes otherwise (default: reports/out)')
    .option('--color <when>', 'auto, always or never (default: auto)')
    .addHelpText(
      'before',
      examples(
        ["lictor shrink voter-crash --set 'plant=[B4]'", 'the first seed that fails'],
        ['lictor shrink found.yaml --save', 'a recorded failure, to be replayed by CI'],
        ['lictor shrink mine.yaml --seed 7 --runs 2000', 'with more patience'],
      ),
    );
  acts<ShrinkVerbOptions>(shrink, host, onExitCode, async () => {
    return (await import('./verbs/shrink.ts')).shrinkVerb;
  });
  const replay = program
    .command('replay')
    .description('run recorded failures again and tell whether they still show')
    .argument('<file...>', 'files with replay:, folders of them, or the folder of a finding')
    .option('--until <moment>', 'stop at a time or an event and show every process')
    .option('--watch', 'open it in the terminal, at its violation')
    .option('--strict', 'refuse a file of another version or meaning')
    .option('--set <path=value>', 'change a value of the scenario; repeatable', collect, [])
    .option('--color <when>', 'auto, always or never (default: auto)')
    .addHelpText(
      'before',
      examples(
        ['lictor replay scenarios/regressions', 'what was kept must not show any more'],
        ['lictor replay shrunk.yaml --until 12.5s', 'the cluster at that time'],
        ['lictor replay shrunk.yaml --strict', 'only if it is the very same run'],
      ),
    );
  acts<ReplayVerbOptions>(replay, host, onExitCode, async () => {
    return (await import('./verbs/replay.ts')).replayVerb;
  });
}
