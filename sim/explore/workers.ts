/** Worker threads that run jobs. Each loads the scenarios by itself; only results travel. */
import { Piscina } from 'piscina';
import type { Job } from './campaign.ts';
import type { Plan } from './plan.ts';
import type { JobRecord } from './record.ts';

export class Workers {
  private readonly pool: Piscina<Job, JobRecord>;

  /** `program` is a module whose default export runs one job of the plan in `workerData`. */
  constructor(plan: Plan, threads: number, program: URL) {
    this.pool = new Piscina({
      filename: program.href,
      minThreads: threads,
      maxThreads: threads,
      // Threads without a job wait for the next one instead of leaving.
      idleTimeout: Infinity,
      workerData: plan,
    });
  }

  /** Rejects when the worker dies or its program throws; the pool replaces it. */
  run(job: Job): Promise<JobRecord> {
    return this.pool.run(job);
  }

  /** Ends all threads, whatever they are doing. */
  close(): Promise<void> {
    return this.pool.destroy();
  }
}
