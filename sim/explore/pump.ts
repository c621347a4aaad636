/** Moves jobs from a campaign through something that can run them, several at a time. */
import type { Campaign, Job } from './campaign.ts';
import { commandOf } from './plan.ts';
import { crashOf } from './record.ts';
import type { JobRecord } from './record.ts';

/** Runs one job. What it throws becomes the record of that job alone; the rest goes on. */
export type Execute = (job: Job) => JobRecord | Promise<JobRecord>;

/**
 * Runs the campaign to its end, or until it is stopped, with `width` jobs under way. Rejects only
 * with what the campaign's listener throws, after the jobs under way have ended.
 */
export async function pump(campaign: Campaign, execute: Execute, width: number): Promise<void> {
  const errors: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let job = campaign.next(); job !== null; job = campaign.next()) {
      const record = await recordOf(campaign, job, execute);
      try {
        campaign.finish(job, record);
      } catch (error) {
        errors.push(error);
        campaign.stop();
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  if (errors.length > 0) throw errors[0];
  campaign.flush();
}

async function recordOf(campaign: Campaign, job: Job, execute: Execute): Promise<JobRecord> {
  try {
    return await execute(job);
  } catch (error) {
    const { sources, options } = campaign.plan;
    const source = sources[job.source]!;
    return crashOf(
      {
        source: job.source,
        seed: job.seed,
        scenario: source.name,
        command: commandOf(source, job.seed, options),
      },
      error,
    );
  }
}
