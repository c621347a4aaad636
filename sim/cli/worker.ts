/** The program of a worker thread: runs the jobs of the plan it was started with. */
import { workerData } from 'node:worker_threads';
import type { Job } from '../explore/campaign.ts';
import { JobRunner } from '../explore/job.ts';
import type { Plan } from '../explore/plan.ts';
import type { JobRecord } from '../explore/record.ts';
import { threadProbe } from './probe.ts';

const runner = new JobRunner(workerData as Plan, threadProbe());

export default function work(job: Job): JobRecord {
  return runner.run(job);
}
