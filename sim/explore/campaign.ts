/**
 * A campaign: every seed of every scenario, once. It owns the policy (what comes next, when to
 * stop, in which order results are told) and no means: pumps ask for jobs and hand back records,
 * in whatever order they like.
 */
import type { Plan } from './plan.ts';
import { runCount, seedCount } from './plan.ts';
import type { JobRecord } from './record.ts';

export interface Job {
  /** Place in the order in which results are told. */
  readonly index: number;
  readonly source: number;
  readonly seed: number;
}

export interface CampaignListener {
  /** As soon as a run has ended, in any order: for progress. */
  onFinished?(record: JobRecord): void;
  /** In the order of scenarios and seeds: for reports. */
  onRecord(record: JobRecord): void;
}

export class Campaign {
  readonly plan: Plan;
  readonly total: number;
  private readonly listener: CampaignListener;
  private handedOut = 0;
  private told = 0;
  private finishedCount = 0;
  private stopAsked = false;
  /** Records that wait for those before them. */
  private readonly waiting = new Map<number, JobRecord>();

  constructor(plan: Plan, listener: CampaignListener) {
    this.plan = plan;
    this.total = runCount(plan);
    this.listener = listener;
  }

  get finished(): number {
    return this.finishedCount;
  }

  /** True once it was stopped. */
  get stopped(): boolean {
    return this.stopAsked;
  }

  /** The next job, or null when there is none to begin. */
  next(): Job | null {
    if (this.stopAsked || this.handedOut === this.total) return null;
    const index = this.handedOut++;
    const place = this.plan.only?.[index] ?? index;
    const seeds = seedCount(this.plan.seeds);
    return {
      index,
      source: Math.floor(place / seeds),
      seed: this.plan.seeds.first + (place % seeds),
    };
  }

  /** Takes the record of a job that ended. */
  finish(job: Job, record: JobRecord): void {
    this.finishedCount++;
    this.listener.onFinished?.(record);
    this.waiting.set(job.index, record);
    for (;;) {
      const ready = this.waiting.get(this.told);
      if (ready === undefined) return;
      this.waiting.delete(this.told++);
      this.listener.onRecord(ready);
    }
  }

  /** Begins nothing more; what is under way may still finish. False when it was stopped before. */
  stop(): boolean {
    const first = !this.stopAsked;
    this.stopAsked = true;
    return first;
  }

  /** Tells what still waits for jobs that will not come; after the pump has ended. */
  flush(): void {
    const rest = [...this.waiting].sort(([left], [right]) => left - right);
    this.waiting.clear();
    for (const [, record] of rest) this.listener.onRecord(record);
  }
}
