/** Runs jobs in a thread of its own (messages) or a process of its own (arguments and stdout). */
import { parentPort } from 'node:worker_threads';
import { bundled } from '../run/kit.ts';
import { straight } from './outcome.ts';
import type { Outcome } from './outcome.ts';

export interface Job {
  readonly scenario: string;
  readonly seed: number;
}

export interface Done extends Job {
  readonly outcome: Outcome;
}

function work({ scenario, seed }: Job): Done {
  return { scenario, seed, outcome: straight(bundled(scenario), seed) };
}

if (parentPort !== null) {
  parentPort.on('message', (job: Job) => parentPort!.postMessage(work(job)));
} else {
  const jobs = JSON.parse(process.argv[2]!) as Job[];
  process.stdout.write(JSON.stringify(jobs.map(work)));
}
