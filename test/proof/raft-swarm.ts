/** Mixes of faults that nobody thought of, tens of thousands of them: nothing may go wrong in any. */
import type { Scenario } from '../../scenarios/scenario.ts';
import type { RunResult } from '../../sim/run/result.ts';
import { bundled, run as runOne } from '../run/kit.ts';
import { writePage } from './support/page.ts';
import type { PageOptions } from './support/page.ts';
import { Progress } from './support/resume.ts';

export const title =
  'swarms of faults over clusters of 3 to 7 servers break nothing once bugs are fixed';

const SCENARIO = 'swarm/any-faults';
const SIZES = [3, 4, 5, 6, 7];
const TELL_EVERY = 250;

interface Done {
  runs: number;
  /** Seeds that did not pass, with their exit codes. */
  failed: [seed: number, exitCode: number][];
  events: number;
  simulatedSeconds: number;
  faults: number;
  /** Occasions on which each invariant could have found something. */
  exercised: Record<string, number>;
}

const TEXT =
  'Each seed of `scenarios/swarm/any-faults.yaml` draws its own mix of crashes, partitions, pauses, ' +
  'disk faults, loss, delay and clock errors, heals everything, and must then recover; all open bugs are ' +
  'fixed and all invariants at work. The seeds are dealt to five sizes of cluster in equal parts.';

function count(done: Done, seed: number, result: RunResult): void {
  done.runs++;
  if (result.exitCode !== 0) done.failed.push([seed, result.exitCode]);
  done.events += result.events;
  done.simulatedSeconds += result.simulatedSeconds;
  done.faults += result.faults.filter(({ inert }) => !inert).length;
  for (const { name, exercised } of result.invariants) {
    done.exercised[name] = (done.exercised[name] ?? 0) + exercised;
  }
}

function runSize(progress: Progress<Done>, servers: number, seeds: number): Done {
  const key = String(servers);
  const fresh = { runs: 0, failed: [], events: 0, simulatedSeconds: 0, faults: 0, exercised: {} };
  const done: Done = progress.get(key) ?? fresh;
  const scenario: Scenario = bundled(SCENARIO, [`cluster.datacenters.dc1.servers=${servers}`]);
  while (done.runs < seeds) {
    const seed = done.runs + 1;
    count(done, seed, runOne(scenario, { seed, trace: 'off' }).result);
    progress.set(key, done);
    if (seed % TELL_EVERY === 0) {
      process.stderr.write(`${servers} servers, ${seed} seeds, ${done.failed.length} not passed\n`);
    }
  }
  progress.finish(key, done);
  return done;
}

export function run({ seeds = 50_000, page }: PageOptions = {}): number {
  const progress = new Progress<Done>('raft-swarm');
  const each = Math.ceil(seeds / SIZES.length);
  const all = SIZES.map((servers) => runSize(progress, servers, each));
  const names = [...new Set(all.flatMap(({ exercised }) => Object.keys(exercised)))];
  const sum = (name: string): number =>
    all.reduce((total, { exercised }) => total + (exercised[name] ?? 0), 0);
  const failed = all.map(({ failed: seedsOf }) =>
    seedsOf.map(([seed, exitCode]) => `${seed} (exit ${exitCode})`).join(', '),
  );
  writePage(
    {
      name: 'raft-swarm',
      heading: 'Swarms of faults',
      text: TEXT,
      seeds,
      columns: ['servers', 'seeds', 'not passed', 'which', 'faults that acted', 'events', 'hours'],
      rows: all.map((done, at) => [
        SIZES[at]!,
        done.runs,
        done.failed.length,
        failed[at] || 'none',
        done.faults,
        done.events,
        Math.round(done.simulatedSeconds / 3600),
      ]),
      more: [
        {
          heading: 'What was looked at',
          text: 'Occasions on which each invariant could have found something, in all runs.',
          columns: ['invariant', 'occasions'],
          rows: names.map((name) => [name, sum(name)]),
        },
      ],
    },
    page,
  );
  return all.every((done) => done.failed.length === 0) ? 0 : 1;
}
