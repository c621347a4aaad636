/**
 * The command line as data for commander: verbs, options, help. Only commander is imported here;
 * what a verb does is loaded when it is called, so that `--help` is quick.
 */
import { Command } from 'commander';
import { VERSION } from '../run/version.ts';
import type { CheckOptions } from './check-options.ts';
import { acts, collect, examples } from './commands.ts';
import type { CommonOptions, OnExitCode } from './commands.ts';
import type { Host } from './host.ts';
import { addExplore } from './search-commands.ts';

/** Options of the verbs that run scenarios. */
export interface RunningVerbOptions extends CommonOptions {
  readonly seed?: string;
  readonly seeds?: string;
  readonly jobs?: string;
  readonly set: readonly string[];
  readonly reporter: readonly string[];
  readonly export: readonly string[];
  readonly out?: string;
  readonly keep?: true;
  readonly shard?: string;
  readonly x?: true;
  readonly maxFailures?: string;
  readonly maxEvents?: string;
  readonly strict?: true;
  readonly quiet?: true;
  readonly verbose: number;
  /** Of run alone. */
  readonly verifyDeterminism?: true;
  /** Of sweep alone. */
  readonly vary?: readonly string[];
}

export interface RunVerbOptions extends RunningVerbOptions {
  readonly lastFailed?: true;
  readonly printConfig?: true;
}

export interface MergeVerbOptions extends CommonOptions {
  readonly reporter: readonly string[];
  readonly out?: string;
  readonly quiet?: true;
}

export interface ReportVerbOptions extends CommonOptions {
  readonly reporter: readonly string[];
  readonly export: readonly string[];
  readonly quiet?: true;
}

export interface QueryVerbOptions {
  readonly out?: string;
  readonly format?: string;
}

export interface SweepVerbOptions extends RunningVerbOptions {
  readonly dryRun?: true;
  readonly fresh?: true;
}

export interface WatchVerbOptions extends CommonOptions {
  readonly seed?: string;
  readonly set: readonly string[];
  readonly at?: string;
  readonly lines?: true;
}

const EXIT_CODES = `
Exit codes: 0 pass, 1 violation, 2 unknown, 3 not deterministic, 4 threshold missed,
64 bad command line, 65 bad scenario, 70 internal error, 74 files, 130 interrupted.`;

/** Builds the program without running it, so that tests and documentation can read it. */
export function createProgram(host: Host, onExitCode: OnExitCode): Command {
  const program = new Command('lictor')
    .description('A deterministic simulator of Consul-style clusters.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [verb]', 'print help for a verb')
    .showHelpAfterError('(run "lictor --help" for the list of verbs)')
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
      getOutHelpWidth: () => Math.min(host.stdout.columns ?? 80, 100),
      getErrHelpWidth: () => Math.min(host.stderr.columns ?? 80, 100),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  program.addHelpText(
    'after',
    `\nA bare file means run: lictor FILE = lictor run FILE.${EXIT_CODES}`,
  );
  addRun(program, host, onExitCode);
  addExperiments(program, host, onExitCode);
  addWatch(program, host, onExitCode);
  addExplore(program, host, onExitCode);
  addResults(program, host, onExitCode);
  addReport(program, host, onExitCode);
  addQuery(program, host, onExitCode);
  addValidate(program, host, onExitCode);
  addCheck(program, host, onExitCode);
  addReading(program, host, onExitCode);
  addHelping(program, host, onExitCode);
  return program;
}

/** What all verbs that run scenarios can be told. */
function addRunningOptions(command: Command, seeds: string): Command {
  return command
    .option('--seed <n>', `one seed (default: ${seeds})`)
    .option('--seeds <a..b>', 'every seed from a to b')
    .option('--set <path=value>', 'change a value of the scenario; repeatable', collect, [])
    .option('--reporter <name[=path]>', 'how results are told; repeatable', collect, [])
    .option('--out <folder>', 'where results go (default: reports/out)')
    .option('--export <format>', 'csv, parquet, perfetto, ...; repeatable', collect, [])
    .option('--keep', 'keep the folders of all seeds, not only of those that did not pass')
    .option('--jobs <n>', 'worker threads (default: one per core from nine runs on)')
    .option('--shard <i/n>', 'of n equal parts of the runs the i-th; "lictor merge" joins them')
    .option('-x', 'stop at the first run that does not pass')
    .option('--max-failures <n>', 'stop when so many runs did not pass')
    .option('--strict', 'what was never exercised makes the verdict unknown')
    .option('--max-events <n>', 'limit on the events of a run, such as 5M')
    .option('-q, --quiet', 'the verdict alone')
    .option('-v, --verbose', 'faults and elections; -vv: every message', (_, n: number) => n + 1, 0)
    .option('--color <when>', 'auto, always or never (default: auto)');
}

function addRun(program: Command, host: Host, onExitCode: OnExitCode): void {
  const command = program
    .command('run')
    .description('run scenarios and judge them')
    .argument('<file...>', 'scenario files, folders of them, or names of bundled ones');
  addRunningOptions(command, '1')
    .option('--last-failed', 'only what did not pass last time')
    .option('--print-config', 'print every value with its origin, and run nothing')
    .option('--verify-determinism', 'run twice and name the first event that differs')
    .addHelpText(
      'before',
      examples(
        ['lictor run scenarios/basic/leader-crash.yaml', 'one run, seed 1'],
        ['lictor run scenarios/basic --seeds 1..200', 'every scenario of a folder'],
        ['lictor run FILE --set network.lan.loss=2%', 'with one value changed'],
      ),
    );
  acts<RunVerbOptions>(command, host, onExitCode, async () => {
    return (await import('./verbs/run.ts')).runVerb;
  });
}

function addWatch(program: Command, host: Host, onExitCode: OnExitCode): void {
  const command = program
    .command('watch')
    .description('watch a run in the terminal, break it, and step through time')
    .argument('<file>', 'a scenario file, the name of a bundled one, or a folder of results')
    .option('--seed <n>', 'the seed (default: 1, or that of the results)')
    .option('--set <path=value>', 'change a value of the scenario; repeatable', collect, [])
    .option('--at <where>', 'begin at 12.5s, #4711, 50% or violation')
    .option('--lines', 'print lines, for screen readers, instead of drawing a screen')
    .option('--color <when>', 'auto, always or never (default: auto)')
    .addHelpText(
      'before',
      examples(
        ['lictor watch leader-crash', 'from the beginning; ? lists the keys'],
        ['lictor watch leader-crash --seed 7 --at 20s', 'seed 7, paused at 20 s'],
        ['lictor watch FILE --at violation', 'where the first invariant breaks'],
      ),
    );
  acts<WatchVerbOptions>(command, host, onExitCode, async () => {
    return (await import('./verbs/watch.ts')).watchVerb;
  });
}

/** The verbs that put runs side by side. */
function addExperiments(program: Command, host: Host, onExitCode: OnExitCode): void {
  const sweep = program
    .command('sweep')
    .description('run every combination of the values that a scenario varies')
    .argument('<file>', 'a scenario file, or the name of a bundled one');
  addRunningOptions(sweep, 'as many as repeat: of the scenario says, from 1 on')
    .option('--vary <path=values>', 'values of one key; repeatable', collect, [])
    .option('--dry-run', 'list the settings, and run nothing')
    .option('--fresh', 'begin anew where an earlier attempt was interrupted')
    .addHelpText(
      'before',
      examples(
        ['lictor sweep FILE', 'what its sweep: says'],
        ['lictor sweep FILE --vary load.kv.clients=1,5,20', 'one key, three values'],
        ["lictor sweep FILE --vary 'network.lan.loss=0%..4% step 1%'", 'a range'],
      ),
    );
  acts<SweepVerbOptions>(sweep, host, onExitCode, async () => {
    return (await import('./verbs/sweep.ts')).sweepVerb;
  });

  const compare = program
    .command('compare')
    .description('run two scenarios over the same seeds and tell what differs')
    .argument('<first>', 'a scenario file, or the name of a bundled one')
    .argument('[second]', 'another one; without, --set says what the second side is');
  addRunningOptions(compare, 'as many as repeat: of the scenarios says, from 1 on').addHelpText(
    'before',
    examples(
      ['lictor compare FILE --set network.lan.loss=2%', 'one value before and after'],
      ['lictor compare old.yaml new.yaml --seeds 1..50', 'two scenarios'],
      ['lictor compare old.yaml new.yaml --set duration=5m', 'both of them changed'],
    ),
  );
  acts<RunningVerbOptions>(compare, host, onExitCode, async () => {
    return (await import('./verbs/compare.ts')).compareVerb;
  });
}

function addValidate(program: Command, host: Host, onExitCode: OnExitCode): void {
  const command = program
    .command('validate')
    .description('check scenarios and estimate what they cost, without running them')
    .argument('<file...>', 'scenario files, folders of them, or names of bundled ones')
    .option('--set <path=value>', 'change a value of the scenario; repeatable', collect, [])
    .addHelpText(
      'before',
      examples(
        ['lictor validate my.yaml', 'every problem of a file at once'],
        ['lictor validate scenarios', 'of all files of a folder'],
        ['lictor validate my.yaml --set load.kv.rate=1000/s', 'with one value changed'],
      ),
    );
  acts<{ readonly set: readonly string[] }>(command, host, onExitCode, async () => {
    return (await import('./verbs/validate.ts')).validateVerb;
  });
}

function addCheck(program: Command, host: Host, onExitCode: OnExitCode): void {
  const command = program
    .command('check')
    .description('judge histories that were recorded, here or elsewhere')
    .argument('<file...>', 'histories: JSON lines, EDN or text, recognised by themselves')
    .option('--model <name>', 'what the history is of: kv, register, lock, list-append, ...')
    .option('--format <name>', 'the format, where it is not recognised')
    .option('--level <name>', 'of transactions: the isolation level (default: strict-serializable)')
    .option('--bound <duration>', 'of bounded staleness: the bound')
    .option('--initial <value>', 'what a register or counter holds at first')
    .option('--independent', 'values are [key value], keys are judged one by one')
    .option('--failed <meaning>', 'a failed conditional operation was refused, or means nothing')
    .option('--time <duration>', 'limit on the time of one file (default: 60s)')
    .option('--memory <size>', 'limit on the memory of one file (default: 1GiB)')
    .option('--reporter <name>', 'console or json (default: console)')
    .option('--svg <file>', 'draw the first finding')
    .addHelpText(
      'before',
      examples(
        ['lictor check reports/out/x/1/history.ndjson --model consul-default', 'a run of ours'],
        ['lictor check history.edn --model register', 'recorded elsewhere'],
        ['lictor check history.edn --model list-append --svg cycle.svg', 'with a picture'],
      ),
    );
  acts<CheckOptions>(command, host, onExitCode, async () => {
    return (await import('./verbs/check.ts')).checkVerb;
  });
}

/** The verbs that look at results again. */
function addResults(program: Command, host: Host, onExitCode: OnExitCode): void {
  const merge = program
    .command('merge')
    .description('join the blobs of shards into one report')
    .argument('<blob...>', 'files that --reporter blob=FILE wrote, or folders of them')
    .option('--reporter <name[=path]>', 'how results are told; repeatable', collect, [])
    .option('--out <folder>', 'where results go (default: reports/out)')
    .option('-q, --quiet', 'the verdict alone')
    .option('--color <when>', 'auto, always or never (default: auto)')
    .addHelpText(
      'before',
      examples(
        ['lictor merge blobs', 'all blobs of a folder'],
        ['lictor merge 1.blob 2.blob --reporter junit=all.xml', 'as another report'],
        ['lictor run FILE --seeds 1..50 --shard 1/2 --reporter blob=1.blob', 'how blobs are made'],
      ),
    );
  acts<MergeVerbOptions>(merge, host, onExitCode, async () => {
    return (await import('./verbs/merge.ts')).mergeVerb;
  });
}

function addReport(program: Command, host: Host, onExitCode: OnExitCode): void {
  const report = program
    .command('report')
    .description('tell or export results again, without running anything')
    .argument('<folder>', 'a folder of results, or its summary.json or result.json')
    .option('--reporter <name[=path]>', 'how results are told; repeatable', collect, [])
    .option('--export <format>', 'csv, parquet, openmetrics, jepsen; repeatable', collect, [])
    .option('-q, --quiet', 'the verdict alone')
    .option('--color <when>', 'auto, always or never (default: auto)')
    .addHelpText(
      'before',
      examples(
        ['lictor report reports/out/leader-crash/7', 'one run'],
        ['lictor report reports/out/leader-crash --reporter markdown', 'many, as a page'],
        ['lictor report reports/out/leader-crash --export csv', 'as tables'],
      ),
    );
  acts<ReportVerbOptions>(report, host, onExitCode, async () => {
    return (await import('./verbs/report.ts')).reportVerb;
  });
}

function addQuery(program: Command, host: Host, onExitCode: OnExitCode): void {
  const query = program
    .command('query')
    .description('ask exported tables with SQL; needs the package @duckdb/node-api')
    .argument('<sql>', 'a query on the tables runs, metrics, operations, events, notes')
    .option('--out <folder>', 'where results are (default: reports/out)')
    .option('--format <name>', 'table, csv or json (default: table)')
    .addHelpText(
      'before',
      examples(
        ['lictor run leader-crash --seeds 1..20 --export parquet', 'make tables first'],
        ['lictor query "select * from runs"', 'a row for each run'],
        ['lictor query "select seed, p99 from metrics where metric = \'kv.latency\'"', 'a metric'],
      ),
    );
  acts<QueryVerbOptions>(query, host, onExitCode, async () => {
    return (await import('./verbs/query.ts')).queryVerb;
  });
}

/** The verbs that tell what there is. */
function addReading(program: Command, host: Host, onExitCode: OnExitCode): void {
  const list = program
    .command('list')
    .description('list scenarios, faults, invariants, metrics, bugs, models')
    .argument('[what]', 'one of these kinds; all of them without')
    .addHelpText(
      'before',
      examples(
        ['lictor list', 'everything there is'],
        ['lictor list scenarios', 'the bundled scenarios'],
        ['lictor list invariants', 'what every run checks'],
      ),
    );
  acts<CommonOptions>(
    list,
    host,
    onExitCode,
    async () => (await import('./verbs/list.ts')).listVerb,
  );

  const explain = program
    .command('explain')
    .description('explain an invariant, fault, metric, key, bug, reporter or exit code')
    .argument('<name>', 'its name, such as raft.election-safety, crash, kv.latency, 65')
    .addHelpText(
      'before',
      examples(
        ['lictor explain raft.election-safety', 'what it states, why, and its source'],
        ['lictor explain network.lan.latency', 'how a key of the scenario is written'],
        ['lictor explain 4', 'what an exit code means'],
      ),
    );
  acts<CommonOptions>(explain, host, onExitCode, async () => {
    return (await import('./verbs/explain.ts')).explainVerb;
  });
}

/** The verbs that write a file, print a schema, or look at the machine. */
function addHelping(program: Command, host: Host, onExitCode: OnExitCode): void {
  const create = program
    .command('new')
    .description('write a commented scenario to start from')
    .argument('<file>', 'the file to write, such as my-scenario.yaml')
    .addHelpText(
      'before',
      examples(
        ['lictor new my-scenario.yaml', 'then edit it'],
        ['lictor new tests/slow-disk', 'folders are made, .yaml is added'],
        ['lictor my-scenario.yaml', 'and run it'],
      ),
    );
  acts<CommonOptions>(
    create,
    host,
    onExitCode,
    async () => (await import('./verbs/new.ts')).newVerb,
  );

  const schema = program
    .command('schema')
    .description('print the JSON Schema of a document')
    .argument('[document]', 'scenario, result, summary or ndjson (default: scenario)')
    .addHelpText(
      'before',
      examples(
        ['lictor schema', 'of scenario files, for editors'],
        ['lictor schema result', 'of --reporter json with one run'],
        ['lictor schema summary', 'of --reporter json with several runs'],
      ),
    );
  acts<CommonOptions>(schema, host, onExitCode, async () => {
    return (await import('./verbs/schema.ts')).schemaVerb;
  });

  const doctor = program
    .command('doctor')
    .description('check this machine: Node, terminal, determinism, speed')
    .option('--color <when>', 'auto, always or never (default: auto)')
    .addHelpText(
      'before',
      examples(
        ['lictor doctor', 'takes a few seconds'],
        ['lictor doctor --color always', 'see whether colours can be told apart'],
        ['npx lictor doctor', 'in a clone'],
      ),
    );
  acts<CommonOptions>(doctor, host, onExitCode, async () => {
    return (await import('./verbs/doctor.ts')).doctorVerb;
  });
}
