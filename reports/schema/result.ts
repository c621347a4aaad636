/**
 * The shape of `lictor.result/1`, for programs that read results. The JSON Schema beside it is made
 * from this by `npm run schema`.
 */
import * as z from 'zod';
import type { RunResult } from '../../sim/run/result.ts';

const seconds = z.number().min(0);
const count = z.number().int().min(0);
export const verdict = z.enum(['pass', 'fail', 'unknown']);
export const exitCode = z.union([
  z.literal(0).describe('pass'),
  z.literal(1).describe('an invariant was violated, or what was expected did not come true'),
  z.literal(2).describe('unknown'),
  z.literal(3).describe('non-determinism detected'),
  z.literal(4).describe('a threshold was missed'),
  z.literal(64).describe('bad command line'),
  z.literal(65).describe('bad scenario'),
  z.literal(70).describe('internal error'),
  z.literal(74).describe('cannot read or write files'),
  z.literal(130).describe('interrupted'),
]);

const hash = z.string().regex(/^[0-9a-f]{16}$/);

export const metric = z
  .strictObject({
    unit: z.enum(['s', '1', 'By']),
    value: z.number().optional().describe('Counters, shares and single times.'),
    count: count.optional().describe('Samples of a distribution; the rest is of these.'),
    mean: z.number().optional(),
    min: z.number().optional(),
    p50: z.number().optional(),
    p90: z.number().optional(),
    p99: z.number().optional(),
    p999: z.number().optional(),
    max: z.number().optional(),
  })
  .describe('One metric, in its unit: seconds, a plain number, or bytes.');

export const manifest = z.strictObject({
  version: z.string().describe('Version of lictor.'),
  node: z.string(),
  scenarioHash: hash.describe('Over the resolved scenario.'),
  command: z.string().describe('The command line that makes the run again.'),
  resolved: z.unknown().describe('The scenario with every default, in base units.'),
  overrides: z.record(z.string(), z.unknown()).describe('Values of --set by path.'),
});

/** What the result says beside its schema and manifest; the summary repeats it per run. */
export const outcome = {
  verdict: verdict.describe('Of the invariants alone.'),
  exitCode,
  scenario: z.string(),
  seed: count,
  fingerprint: hash.describe('Over all events: equal for equal runs.'),
  simulatedSeconds: seconds,
  wallSeconds: seconds.describe('May differ between two runs of one seed.'),
  events: count,
  eventsPerSecond: z.number().min(0).describe('May differ between two runs of one seed.'),
  invariants: z.array(
    z.strictObject({
      name: z.string(),
      expectation: z.enum(['always', 'eventually', 'sometimes']),
      verdict,
      exercised: count.describe('Opportunities that the check had; 0: never exercised.'),
    }),
  ),
  violations: z.array(
    z.strictObject({
      invariant: z.string(),
      time: seconds,
      event: count,
      message: z.string(),
      hosts: z.array(z.string()),
      status: z.enum(['violation', 'known', 'allowed']),
      reference: z.string().describe('Issue or rule behind a known or allowed one.'),
    }),
  ),
  faults: z.array(
    z.strictObject({
      name: z.string(),
      begin: seconds,
      end: seconds,
      affected: count.describe('Messages, writes or processes that it touched.'),
      inert: z.boolean(),
    }),
  ),
  unexercised: z.array(z.string()).describe('Invariants and faults that had no effect.'),
  limits: z.array(z.string()).describe('Limits that ended the run.'),
  thresholds: z.array(
    z.strictObject({
      metric: z.string(),
      expression: z.string(),
      value: z.number().nullable().describe('Null when nothing was measured.'),
      verdict,
      seeds: z
        .number()
        .optional()
        .describe('The share of the seeds that must keep to it; without, every one must.'),
    }),
  ),
  metrics: z.record(z.string(), metric),
} as const;

export const resultSchema = z
  .strictObject({ schema: z.literal('lictor.result/1'), ...outcome, manifest })
  .describe('One run of one scenario with one seed.');

type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Loose<Exclude<T[Key], undefined>> }
    : T;
type Equal<Left, Right> = Left extends Right ? (Right extends Left ? true : 'right') : 'left';

/** Does not compile when the schema and the type no longer say the same. */
export const RESULT_MATCHES_TYPE: Equal<
  Loose<z.output<typeof resultSchema>>,
  Loose<RunResult>
> = true;
