/** Whether anything notices a mutant: the tests beside it, a run, a search, tests further off. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT } from './draw.ts';
import { mutated } from './sites.ts';
import type { Mutant } from './sites.ts';

/** What has noticed it; null: nothing. */
export interface Verdict {
  readonly killer: string | null;
  readonly stage: Stage | '';
}

export const STAGES = {
  'tests beside it': 'the tests of the folder that mirrors its own',
  scenarios: 'the bundled basic scenarios, one seed each',
  search: '120 runs of the mixes of faults',
  'tests further off': 'the tests of what is built on it, of checks and of runs',
} as const;
export type Stage = keyof typeof STAGES;

const PARTS = ['bin', 'sim', 'scenarios', 'reports', 'test', 'docs'];
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'vitest.config.ts'];
/** A stage that takes so long is caught in a loop. */
const SECONDS_MAX = 420;

/**
 * Tests of what a file decides: those that mirror its folder, and those further off. Golden
 * fingerprints change with whatever changes at all, for the better too, so that they would say nothing
 * about whether a mistake is known for one; what shows and explains runs is not asked either.
 */
const TESTS: readonly (readonly [prefix: string, beside: string, ...others: string[]])[] = [
  ['sim/protocol/raft-paper/', 'protocol/raft-paper', 'paper/elections', 'paper/textbook', 'run'],
  ['sim/protocol/raft/', 'protocol/raft/', 'golden', 'consul/duties', 'check/raft', 'run'],
  ['sim/protocol/gossip/', 'protocol/gossip', 'protocol/serf', 'check/gossip', 'measure', 'run'],
  ['sim/protocol/serf/', 'protocol/serf', 'golden', 'check/gossip', 'measure', 'run'],
  ['sim/protocol/coordinate/', 'protocol/coordinate', 'check/gossip', 'paper/coordinates'],
  ['sim/consul/agent/mesh/', 'consul/mesh', 'consul', 'client', 'run'],
  ['sim/consul/connect/', 'consul/mesh', 'consul', 'client', 'run'],
  ['sim/consul/agent/reads/', 'consul/reads', 'consul', 'client'],
  ['sim/consul/agent/', 'consul/agent', 'consul', 'client', 'check/catalog', 'run'],
  ['sim/consul/state/', 'consul/state', 'consul', 'check', 'client'],
  ['sim/consul/session/', 'consul/session', 'consul', 'check', 'run'],
  ['sim/consul/leader/', 'consul/duties', 'consul', 'golden', 'run'],
  ['sim/consul/autopilot/', 'consul/duties', 'consul', 'golden', 'run'],
  ['sim/consul/membership/', 'consul/duties', 'consul', 'golden', 'run'],
  ['sim/consul/', 'consul', 'golden', 'client', 'run'],
];

/** A copy of the project in which files may be broken. */
export class Workshop {
  private readonly folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  /** Commands that succeed where nothing is broken, and those that do not, with what fails. */
  private readonly clean = new Map<string, string | null>();

  constructor() {
    for (const part of PARTS) {
      const filter = (path: string): boolean => relative(ROOT, path) !== join('reports', 'out');
      cpSync(join(ROOT, part), join(this.folder, part), { recursive: true, filter });
    }
    for (const file of FILES) cpSync(join(ROOT, file), join(this.folder, file));
    mkdirSync(join(this.folder, 'node_modules'));
    for (const name of readdirSync(join(ROOT, 'node_modules'))) {
      if (name === 'lictor') continue;
      symlinkSync(join(ROOT, 'node_modules', name), join(this.folder, 'node_modules', name));
    }
    symlinkSync('..', join(this.folder, 'node_modules', 'lictor'));
  }

  /** With the mutant in its place, which is taken out again. */
  judge(mutant: Mutant, stages: readonly Stage[]): Verdict {
    const path = join(this.folder, mutant.file);
    const text = readFileSync(path, 'utf8');
    for (const stage of stages) {
      writeFileSync(path, mutated(text, mutant));
      const killer = this.killerIn(stage, mutant.file);
      writeFileSync(path, text);
      if (killer === null) continue;
      this.requireClean(stage, mutant.file);
      return { killer, stage };
    }
    return { killer: null, stage: '' };
  }

  /** What fails without a mutant shows nothing about one. */
  private requireClean(stage: Stage, file: string): void {
    const name = `${stage} ${testsOf(file).join(' ')}`;
    if (!this.clean.has(name)) this.clean.set(name, this.killerIn(stage, file));
    const killer = this.clean.get(name);
    if (killer !== null) {
      throw new Error(`Cannot judge mutants: without one, ${killer} fails. Repair it first.`);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private killerIn(stage: Stage, file: string): string | null {
    if (stage === 'scenarios') {
      return this.failedRun('run', ['scenarios/basic', '--seeds', '1..1']);
    }
    if (stage === 'search') {
      const words = ['scenarios/swarm', '--seeds', '1..120', '--no-shrink', '-x', '--fresh'];
      return this.failedRun('explore', words);
    }
    const [beside, ...others] = testsOf(file);
    const folders = stage === 'tests beside it' ? [beside!] : others;
    return this.failedTest(folders.map((folder) => `test/${folder}`));
  }

  private failedTest(folders: readonly string[]): string | null {
    const report = join(this.folder, 'tests.json');
    rmSync(report, { force: true });
    const words = [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...folders,
      '--bail=1',
      '--maxWorkers=1',
      '--testTimeout=120000',
      '--reporter=json',
      `--outputFile=${report}`,
    ];
    const status = this.spawn(words);
    if (status === 0) return null;
    if (status === null) return 'a test without end';
    return existsSync(report) ? firstFailed(report, this.folder) : 'tests that do not start';
  }

  private failedRun(verb: string, words: readonly string[]): string | null {
    const bin = join(this.folder, 'bin/lictor.mjs');
    const status = this.spawn([bin, verb, ...words, '--jobs', '1', '--quiet']);
    if (status === 0) return null;
    return status === null ? `lictor ${verb}, without end` : `lictor ${verb}`;
  }

  /** The exit code; null where it had to be ended. */
  private spawn(words: readonly string[]): number | null {
    const { status } = spawnSync(process.execPath, words, {
      cwd: this.folder,
      stdio: 'ignore',
      timeout: SECONDS_MAX * 1000,
      killSignal: 'SIGKILL',
      env: { ...process.env, NO_COLOR: '1' },
    });
    return status;
  }
}

function testsOf(file: string): readonly string[] {
  return TESTS.find(([prefix]) => file.startsWith(prefix))!.slice(1);
}

interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    /** Why the file as a whole failed, or "". */
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Files that were not begun any more count as failed too, with neither tests nor a message. */
function firstFailed(report: string, folder: string): string {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as TestReport;
  for (const { name, assertionResults } of testResults) {
    const first = assertionResults.find(({ status }) => status === 'failed');
    if (first !== undefined) return `${relative(folder, name)}: ${first.fullName.trim()}`;
  }
  const broken = testResults.find(({ message }) => message !== '');
  return broken === undefined ? 'a test' : relative(folder, broken.name);
}
