/** The shape of `lictor.summary/1`: what several runs add up to, and each of them in short. */
import * as z from 'zod';
import { exitCode, metric, outcome, verdict } from './result.ts';

const count = z.number().int().min(0);

const interval = z
  .strictObject({ low: z.number(), high: z.number() })
  .describe('95 % interval, by resampling the runs.');

const spread = z
  .strictObject({
    unit: z.enum(['s', '1', 'By']),
    runs: count.describe('Runs that measured it.'),
    min: z.number().optional(),
    median: z.number().optional().describe('Over the runs, of a metric with a single value.'),
    max: z.number().optional(),
    count: count.optional().describe('Samples of all runs.'),
    p50: z.number().optional().describe("Median of the runs' medians."),
    p99: z.number().optional().describe("Median of the runs' 99th percentiles."),
    intervals: z
      .strictObject({
        median: interval.optional(),
        p50: interval.optional(),
        p99: interval.optional(),
      })
      .optional()
      .describe('Of the medians of that name; none of fewer than ten runs.'),
    pooled: metric
      .omit({ unit: true, value: true, count: true })
      .optional()
      .describe('All samples of all runs in one distribution.'),
  })
  .describe('One metric over the runs of a scenario.');

const side = z.strictObject({
  mean: z.number(),
  median: z.number(),
  interval: interval.nullable().describe('Of the median; null of fewer than ten pairs.'),
});

const compared = z
  .strictObject({
    metric: z.string(),
    figure: z.enum(['value', 'mean', 'p50', 'p99']).describe('Which number of each run.'),
    unit: z.enum(['s', '1', 'By']),
    pairs: count.describe('Seeds that measured it on both sides.'),
    first: side,
    second: side,
    lower: count.describe('Seeds in which the second side is lower.'),
    equal: count,
    higher: count,
    difference: z.number().describe('Mean of second minus first, over the pairs.'),
    interval: interval.nullable().describe('Of the difference; null of fewer than ten pairs.'),
    unpaired: interval
      .nullable()
      .describe('What the interval would be if the runs were not paired.'),
    finding: z
      .enum(['lower', 'higher', 'same', 'unclear'])
      .describe('What the interval leaves no doubt about.'),
  })
  .describe('One figure of the second scenario against the first, seed by seed.');

const scenario = z.strictObject({
  scenario: z.string(),
  file: z.string(),
  scenarioHash: z.string(),
  resolved: z.unknown().describe('The scenario with every default, in base units.'),
  overrides: z.record(z.string(), z.unknown()),
  parameters: z
    .record(z.string(), z.string())
    .describe('Of a sweep: the keys that it varies, by path, and their values here.'),
  runs: count,
  pass: count,
  fail: count,
  unknown: count,
  missed: count.describe('Runs that pass but miss a threshold; they count among pass.'),
  crashed: count.describe('Runs that ended in an error of the program.'),
  thresholds: z
    .array(
      z.strictObject({
        metric: z.string(),
        expression: z.string(),
        seeds: z.number().describe('The share of the seeds that must keep to it.'),
        met: count,
        missed: count,
        unmeasured: count,
        verdict,
      }),
    )
    .describe('Those that not every seed must keep to.'),
  unexercised: z.array(z.string()).describe('Names that no run at all exercised.'),
  metrics: z.record(z.string(), spread),
});

export const summarySchema = z
  .strictObject({
    schema: z.literal('lictor.summary/1'),
    purpose: z
      .enum(['run', 'sweep', 'compare'])
      .describe('A sweep has one entry of scenarios per setting, a comparison two.'),
    verdict,
    exitCode: exitCode.describe('The gravest of all runs.'),
    version: z.string(),
    node: z.string(),
    command: z.string(),
    seeds: z.strictObject({ first: count, last: count }),
    planned: count,
    finished: count.describe('Fewer than planned when it was interrupted.'),
    interrupted: z.boolean(),
    events: count,
    simulatedSeconds: z.number(),
    wallSeconds: z.number(),
    eventsPerSecond: z.number(),
    scenarios: z.array(scenario),
    runs: z.array(z.strictObject({ ...outcome, command: z.string() })),
    crashes: z.array(
      z.strictObject({
        scenario: z.string(),
        seed: count,
        message: z.string(),
        command: z.string(),
      }),
    ),
    comparison: z.array(compared).optional().describe('Of a comparison alone.'),
  })
  .describe('Several runs: seeds of one scenario, or several scenarios.');
