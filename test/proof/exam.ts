/** Every bug there is, looked for by mixes of faults that know of none. */
import { parse } from 'yaml';
import type { Config } from '../../scenarios/load.ts';
import { OPEN_BUGS, PLANTS } from '../../scenarios/vocabulary.ts';
import { loadDrawn, loadWritten } from '../../sim/explore/drawn.ts';
import type { SearchPlan } from '../../sim/explore/search/plan.ts';
import { Search } from '../../sim/explore/search/search.ts';
import { TrialRunner } from '../../sim/explore/search/trial-runner.ts';
import { STRATEGY_NAMES } from '../../sim/explore/search/trial.ts';
import type { Strategy, TrialRecord } from '../../sim/explore/search/trial.ts';
import { attempt } from '../../sim/explore/shrink/attempt.ts';
import { shrink, sizeOf } from '../../sim/explore/shrink/shrink.ts';
import { NEVER, planOfMixes } from './support/mixes.ts';
import { writePage } from './support/page.ts';
import type { PageOptions } from './support/page.ts';
import { Progress } from './support/resume.ts';

export const title = 'bugs of every class are found from mixes of faults that name none of them';

const REPETITIONS = 3;
const SECONDS = 45;
const SECONDS_OTHERS = 20;
const SHRINK_RUNS = 300;
/** Seeds of one repetition lie apart from those of the next. */
const SEEDS_APART = 1_000_000;

interface Done {
  /** Null: not within the time. */
  found: {
    readonly invariant: string;
    readonly scenario: string;
    readonly faults: number;
    readonly hosts: number;
  } | null;
  runs: number;
  seconds: number;
  /** Failures that show without the bug too: alarms that are false, or bugs nobody knows. */
  others: string[];
}

interface ExamOptions extends PageOptions {
  /** Repetitions of the strategy that is taken by default. */
  readonly count?: number;
  /** CPU seconds of one repetition. */
  readonly seconds?: number;
  /** Runs that making a finding simpler may take. */
  readonly shrink?: number;
  readonly strategies?: string;
  /** Of all bugs those whose ids are named, with commas between. */
  readonly bugs?: string;
}

const IDS = [...Object.keys(PLANTS), ...Object.keys(OPEN_BUGS)];

/** What turns one bug on and everything else that is known off, and what turns it off too. */
function settingsOf(bug: string): readonly string[] {
  if (bug in PLANTS) return ['expect=pass', 'known_issues=fix', `plant=[${bug}]`];
  const others = Object.keys(OPEN_BUGS).filter((one) => one !== bug);
  return ['expect=pass', 'known_issues=fail', `fix=[${others.join(', ')}]`];
}

function planOf(bug: string, strategy: Strategy, repetition: number): SearchPlan {
  const firstSeed = repetition * SEEDS_APART + 1;
  return { ...planOfMixes(settingsOf(bug)), strategy, firstSeed, shrinkRuns: SHRINK_RUNS };
}

/** This process works on nothing else. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function examine(plan: SearchPlan, seconds: number, shrinkRuns: number): Done {
  const { sources } = plan;
  const bases = sources.map((source) => loadWritten(source));
  const search = new Search(plan, (at, seed) => {
    return loadDrawn(sources[at]!, bases[at]!, seed).scenario;
  });
  const runner = new TrialRunner(plan, NEVER);
  const done: Done = { found: null, runs: 0, seconds: 0, others: [] };
  if (sources.length === 0) return done;
  const began = cpuSeconds();
  for (;;) {
    const records: TrialRecord[] = [];
    for (const trial of search.nextBatch()) {
      const record = runner.run(trial);
      done.runs++;
      done.seconds = cpuSeconds() - began;
      if (record.failure !== null) {
        if (isDueToBug(record))
          return { ...done, found: simplified(record, sources[trial.source]!.name, shrinkRuns) };
        done.others.push(
          `${record.failure.invariant} (${sources[trial.source]!.name} ${trial.seed})`,
        );
      }
      if (done.seconds >= seconds) return done;
      records.push(record);
    }
    search.finishBatch(records);
  }
}

/** Without the bug the same run passes. */
function isDueToBug({ scenario, trial, failure }: TrialRecord): boolean {
  if (failure!.kind === 'error') return false;
  const { plant: _plant, fix: _fix, ...config } = parse(scenario) as Record<string, unknown>;
  const clean: Config = { ...config, known_issues: 'fix' };
  return attempt({ config: clean, seed: trial.seed }, NEVER) === null;
}

function simplified(
  { scenario, trial, failure }: TrialRecord,
  name: string,
  runs: number,
): Done['found'] {
  const start = { config: parse(scenario) as Config, seed: trial.seed };
  const shrunk = shrink(start, { runs, probe: NEVER });
  return { invariant: failure!.invariant, scenario: name, ...sizeOf(shrunk ?? start) };
}

function median(values: readonly number[]): number | string {
  const sorted = [...values].sort((left, right) => left - right);
  if (sorted.length === 0) return '';
  const [low, high] = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!];
  return Number(((low + high) / 2).toPrecision(3));
}

function classOf(bug: string): string {
  return bug in PLANTS ? 'plant' : 'open';
}

const TEXT =
  'Each bug is turned on alone, every other open bug is fixed, and a search goes through the mixes of ' +
  'faults of `scenarios/swarm`, none of which names a bug, until a run fails that passes without the bug, ' +
  'or the CPU seconds are over. What was found is then made simpler, in time that is not counted. Rows: ' +
  'found in so many of the repetitions; medians over those that found it.';

/** A table of what one strategy has found. */
function rowsOf(progress: Progress<Done>, strategy: Strategy, asked: readonly string[][]) {
  return asked.map(([bug, ...keys]) => {
    const all = keys.map((key) => progress.get(key)!);
    const found = all.flatMap((one) => (one.found === null ? [] : [one]));
    const names = [...new Set(found.map((one) => one.found!.invariant))].join(', ');
    const commits = [...new Set(keys.map((key) => progress.commitOf(key)))].join(' ');
    return [
      bug!,
      classOf(bug!),
      `${found.length} of ${all.length}`,
      median(found.map(({ seconds }) => seconds)),
      median(found.map(({ runs }) => runs)),
      median(found.map((one) => one.found!.faults)),
      median(found.map((one) => one.found!.hosts)),
      names || (strategy === 'swarm' ? 'not found' : ''),
      commits,
    ];
  });
}

const COLUMNS = [
  'bug',
  'class',
  'found',
  'CPU seconds',
  'runs',
  'faults',
  'hosts',
  'violated first',
  'commit',
];

export function run(options: ExamOptions = {}): number {
  const { count = REPETITIONS, seconds = SECONDS, page } = options;
  const shrinkRuns = options.shrink ?? SHRINK_RUNS;
  const ids = options.bugs === undefined ? IDS : options.bugs.split(',');
  const others =
    options.strategies === 'all' ? STRATEGY_NAMES.filter((one) => one !== 'swarm') : [];
  const progress = new Progress<Done>('exam');
  const falseAlarms = new Set<string>();
  const asked = new Map<Strategy, string[][]>();
  for (const strategy of ['swarm' as const, ...others]) {
    const [times, limit] = strategy === 'swarm' ? [count, seconds] : [1, SECONDS_OTHERS];
    const rows: string[][] = [];
    for (const bug of ids) {
      const keys = Array.from({ length: times }, (_, at) => `${bug} ${strategy} ${at} ${limit}`);
      for (const [repetition, key] of keys.entries()) {
        const done =
          progress.get(key) ?? examine(planOf(bug, strategy, repetition), limit, shrinkRuns);
        progress.finish(key, done);
        for (const other of done.others) falseAlarms.add(other);
        const what = done.found?.invariant ?? 'nothing';
        process.stderr.write(`${key}: ${what}, ${done.runs} runs, ${done.seconds.toFixed(1)} s\n`);
      }
      rows.push([bug, ...keys]);
    }
    asked.set(strategy, rows);
  }
  const [first, ...more] = [...asked];
  const rows = rowsOf(progress, first![0], first![1]);
  const missing = IDS.filter((id) => !ids.includes(id));
  const found = rows.filter((row) => !String(row[2]).startsWith('0 of')).length;
  writePage(
    {
      name: 'exam',
      heading: 'Exam',
      text:
        `${TEXT} ${count} ${count === 1 ? 'repetition' : 'repetitions'} of at most ${seconds} CPU seconds, ` +
        `at most ${shrinkRuns} runs to make a finding simpler: ${found} of ${rows.length} ` +
        `bugs were found. ` +
        (missing.length > 0 ? `Not examined: ${missing.join(', ')}. ` : '') +
        `Failures that show without the bug: ${[...falseAlarms].join(', ') || 'none'}.`,
      seeds: count,
      command:
        `npm run proof -- exam --count ${count} --seconds ${seconds}` +
        (shrinkRuns === SHRINK_RUNS ? '' : ` --shrink ${shrinkRuns}`),
      columns: COLUMNS,
      rows,
      more: more.map(([strategy, keys]) => ({
        heading: `Strategy ${strategy}`,
        text: `One repetition of at most ${SECONDS_OTHERS} CPU seconds.`,
        columns: COLUMNS,
        rows: rowsOf(progress, strategy, keys),
      })),
    },
    page,
  );
  return found / rows.length >= 0.85 ? 0 : 1;
}
