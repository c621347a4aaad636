/** Campaigns: what comes next, in which order results are told, and what a dead worker costs. */
import { describe, expect, test } from 'vitest';
import { Campaign } from '../../sim/explore/campaign.ts';
import type { Job } from '../../sim/explore/campaign.ts';
import { commandOf, overrideMap } from '../../sim/explore/plan.ts';
import type { Plan } from '../../sim/explore/plan.ts';
import { pump } from '../../sim/explore/pump.ts';
import type { JobRecord } from '../../sim/explore/record.ts';
import { combineExitCodes } from '../../sim/explore/summary.ts';
import { Workers } from '../../sim/explore/workers.ts';
import { EXIT_ORDER } from '../../sim/run/result.ts';
import * as fixed from '../reports/support/records.ts';

function tell(plan: Plan): { campaign: Campaign; told: string[]; finished: string[] } {
  const told: string[] = [];
  const finished: string[] = [];
  const label = (record: JobRecord): string =>
    `${record.source}/${record.seed}${record.kind === 'crash' ? ' crashed' : ''}`;
  const campaign = new Campaign(plan, {
    onFinished: (record) => finished.push(label(record)),
    onRecord: (record) => told.push(label(record)),
  });
  return { campaign, told, finished };
}

function recordOf({ source, seed }: Job): JobRecord {
  return fixed.recordOf(fixed.passing({ seed }), { source });
}

describe('a campaign', () => {
  test('hands out every seed of every scenario, once', () => {
    const { campaign } = tell(fixed.planOf(['a', 'b'], 3, 4));
    const jobs: Job[] = [];
    for (let job = campaign.next(); job !== null; job = campaign.next()) jobs.push(job);
    expect(jobs.map(({ source, seed }) => `${source}/${seed}`)).toEqual([
      '0/3',
      '0/4',
      '1/3',
      '1/4',
    ]);
  });

  test('tells results in order, whatever order they come in', () => {
    const { campaign, told, finished } = tell(fixed.planOf(['a'], 1, 4));
    const jobs = [1, 2, 3, 4].map(() => campaign.next()!);
    for (const at of [2, 0, 3]) campaign.finish(jobs[at]!, recordOf(jobs[at]!));
    expect(finished).toEqual(['0/3', '0/1', '0/4']);
    expect(told).toEqual(['0/1']);
    campaign.finish(jobs[1]!, recordOf(jobs[1]!));
    expect(told).toEqual(['0/1', '0/2', '0/3', '0/4']);
  });

  test('that is stopped hands out nothing more and tells what there is', () => {
    const { campaign, told } = tell(fixed.planOf(['a'], 1, 9));
    const [, second] = [campaign.next()!, campaign.next()!];
    expect([campaign.stop(), campaign.stop(), campaign.next()]).toEqual([true, false, null]);
    campaign.finish(second, recordOf(second));
    campaign.flush();
    expect(told).toEqual(['0/2']);
  });
});

describe('a pump', () => {
  test('keeps so many jobs under way, and no more', async () => {
    const { campaign, told } = tell(fixed.planOf(['a'], 1, 20));
    let under = 0;
    let most = 0;
    const execute = async (job: Job): Promise<JobRecord> => {
      most = Math.max(most, ++under);
      for (let i = 0; i < job.seed % 4; i++) await Promise.resolve();
      under--;
      return recordOf(job);
    };
    await pump(campaign, execute, 3);
    expect(most).toBe(3);
    expect(told).toEqual(Array.from({ length: 20 }, (_, i) => `0/${i + 1}`));
  });

  test('reports what throws as an error of that run alone', async () => {
    const { campaign, told } = tell(fixed.planOf(['a'], 1, 3));
    const execute = (job: Job): JobRecord => {
      if (job.seed === 2) throw new Error('no');
      return recordOf(job);
    };
    await pump(campaign, execute, 1);
    expect(told).toEqual(['0/1', '0/2 crashed', '0/3']);
  });

  test('passes on what its listener throws, after the jobs under way', async () => {
    const campaign = new Campaign(fixed.planOf(['a'], 1, 9), {
      onRecord: () => {
        throw new Error('disk full');
      },
    });
    await expect(pump(campaign, recordOf, 2)).rejects.toThrow('disk full');
    expect(campaign.finished).toBeLessThan(9);
  });
});

test('a worker that dies costs its own run, not the rest', async () => {
  const { campaign, told } = tell(fixed.planOf(['a'], 1, 6));
  const program = new URL('./support/mortal-worker.ts', import.meta.url);
  const workers = new Workers<Job, JobRecord>(campaign.plan, 2, program);
  try {
    await pump(campaign, (job) => workers.run(job), 2);
  } finally {
    await workers.close();
  }
  expect(told).toHaveLength(6);
  expect(told.filter((label) => label.endsWith('crashed'))).toEqual(['0/2 crashed', '0/4 crashed']);
});

test('exit codes combine as in the contract', () => {
  for (const [i, code] of EXIT_ORDER.entries()) {
    expect(combineExitCodes([...EXIT_ORDER].slice(i).reverse())).toBe(code);
  }
  expect(combineExitCodes([])).toBe(0);
});

test('the command of a run repeats what decides its result, quoted for a shell', () => {
  const [plain] = fixed.planOf(['a'], 1, 1).sources;
  const source = { ...plain!, file: "it's.yaml", overrides: ['plant=[B4]', 'a.b=1'] };
  const { options } = fixed.planOf([], 1, 1);
  const strict = { ...options, strict: true, maxEvents: 5000 };
  expect(commandOf(source, 7, strict)).toBe(
    "lictor run 'it'\\''s.yaml' --seed 7 --set 'plant=[B4]' --set a.b=1 --strict --max-events 5000",
  );
});

test('overrides by path', () => {
  expect(overrideMap(['a.b=1', 'thresholds."kv.latency"=p99<=2ms', 'a.b= 2'])).toEqual({
    'a.b': '2',
    'thresholds."kv.latency"': 'p99<=2ms',
  });
});
