/** Worker threads that run jobs. Each loads the scenarios by itself; only results travel. */
import { Piscina } from 'piscina';

export interface WorkerLimits {
  /** A job that takes longer is ended, with its thread. */
  readonly wallSeconds: number;
  /** Heap of one thread. */
  readonly heapMebibytes: number;
}

export class Workers<Job extends object, Result> {
  private readonly pool: Piscina<Job, Result>;
  private readonly limits: WorkerLimits | null;

  /** `program` is a module whose default export runs one job of the plan in `workerData`. */
  constructor(plan: object, threads: number, program: URL, limits: WorkerLimits | null = null) {
    this.limits = limits;
    this.pool = new Piscina({
      filename: program.href,
      minThreads: threads,
      maxThreads: threads,
      // Threads without a job wait for the next one instead of leaving.
      idleTimeout: Infinity,
      workerData: plan,
      ...(limits === null
        ? {}
        : { resourceLimits: { maxOldGenerationSizeMb: limits.heapMebibytes } }),
    });
  }

  /** Rejects when the worker dies or its program throws; the pool replaces it. */
  run(job: Job): Promise<Result> {
    if (this.limits === null) return this.pool.run(job);
    const { wallSeconds } = this.limits;
    const signal = AbortSignal.timeout(wallSeconds * 1000);
    return this.pool.run(job, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
      throw new WallTimeReached(`it took more than ${wallSeconds} s`);
    });
  }

  /** Ends all threads, whatever they are doing. */
  close(): Promise<void> {
    return this.pool.destroy();
  }
}

/** A job was ended because of its wall time. */
export class WallTimeReached extends Error {
  override readonly name = 'WallTimeReached';
}
