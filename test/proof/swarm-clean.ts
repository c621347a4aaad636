/** Mixes of faults that nobody thought of, tens of thousands of them: nothing may go wrong in any. */
import { EXIT } from '../../sim/run/result.ts';
import { TrialRunner } from '../../sim/explore/search/trial-runner.ts';
import type { TrialRecord } from '../../sim/explore/search/trial.ts';
import { NEVER, planOfMixes } from './support/mixes.ts';
import { writePage } from './support/page.ts';
import type { PageOptions } from './support/page.ts';
import { Progress } from './support/resume.ts';

export const title = 'mixes of faults break nothing once bugs are fixed';

const SETTINGS = ['expect=pass', 'known_issues=fix'];
const TELL_EVERY = 250;

interface Done {
  runs: number;
  /** Seeds that failed, with what was violated first. */
  failed: [seed: number, what: string][];
  /** Seeds in which something could not be judged within its limits. */
  undecided: number[];
  faults: number;
  events: number;
  simulatedSeconds: number;
}

const TEXT =
  'Each seed of each mix of faults in `scenarios/swarm` draws its own cluster and its own faults, heals ' +
  'everything, and must then recover; all open bugs are fixed and all invariants at work. The seeds are ' +
  'dealt to the mixes in equal parts. A run that reached a limit of a check shows neither.';

function count(done: Done, record: TrialRecord): void {
  const { exitCode, failure, trial } = record;
  done.runs++;
  if (failure !== null) done.failed.push([trial.seed, failure.invariant]);
  else if (exitCode === EXIT.unknown) done.undecided.push(trial.seed);
  done.faults += record.faults.length;
  done.events += record.events;
  done.simulatedSeconds += record.simulatedSeconds;
}

/** Stops within the time, so that a long campaign can be made in parts. */
export function run({ seeds = 50_000, seconds, page }: PageOptions & { seconds?: number }): number {
  const plan = planOfMixes(SETTINGS);
  const runner = new TrialRunner(plan, NEVER);
  const progress = new Progress<Done>('swarm-clean');
  const each = Math.ceil(seeds / plan.sources.length);
  const until = performance.now() + (seconds ?? Infinity) * 1000;
  const all = plan.sources.map(({ name }): Done => {
    const fresh = { runs: 0, failed: [], undecided: [], faults: 0, events: 0, simulatedSeconds: 0 };
    return progress.get(name) ?? fresh;
  });
  for (let seed = 1; seed <= each && performance.now() < until; seed++) {
    for (const [source, done] of all.entries()) {
      if (done.runs >= seed) continue;
      count(done, runner.run({ index: seed, source, seed, schedule: null }));
      progress.set(plan.sources[source]!.name, done);
    }
    if (seed % TELL_EVERY > 0) continue;
    const failed = all.reduce((sum, one) => sum + one.failed.length, 0);
    process.stderr.write(`${seed} of ${each} seeds of each mix, ${failed} failed\n`);
  }
  progress.save();
  const made = all.reduce((sum, { runs }) => sum + runs, 0);
  writePage(
    {
      name: 'swarm-clean',
      heading: 'Mixes of faults without a bug',
      text: `${TEXT} ${made} of ${seeds} runs are made.`,
      seeds,
      columns: ['mix', 'seeds', 'failed', 'which', 'undecided', 'faults', 'events', 'hours'],
      rows: all.map((done, at) => [
        plan.sources[at]!.name,
        done.runs,
        done.failed.length,
        done.failed.map(([seed, what]) => `${what} (${seed})`).join(', ') || 'none',
        done.undecided.length,
        done.faults,
        done.events,
        Math.round(done.simulatedSeconds / 3600),
      ]),
    },
    page,
  );
  return made >= seeds && all.every(({ failed }) => failed.length === 0) ? 0 : 1;
}
