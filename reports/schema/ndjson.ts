/** The shape of each line of `lictor.ndjson/1`. */
import * as z from 'zod';
import { outcome } from './result.ts';
import { summarySchema } from './summary.ts';

const count = z.number().int().min(0);

const start = z
  .strictObject({
    schema: z.literal('lictor.ndjson/1'),
    type: z.literal('start'),
    purpose: z.enum(['run', 'sweep', 'compare']),
    seeds: z.strictObject({ first: count, last: count }),
    scenarios: z.array(
      z.strictObject({
        scenario: z.string(),
        file: z.string(),
        overrides: z.array(z.string()),
      }),
    ),
  })
  .describe('The first line: what is run.');

const place = count.describe('Which of the scenarios of the first line.');

const run = z
  .strictObject({ type: z.literal('run'), place, ...outcome, command: z.string() })
  .describe('One run, as in the summary.');

const crash = z
  .strictObject({
    type: z.literal('crash'),
    place,
    scenario: z.string(),
    seed: count,
    message: z.string(),
    command: z.string(),
  })
  .describe('A run that ended in an error of the program.');

const end = summarySchema
  .omit({ schema: true, runs: true, crashes: true })
  .extend({ type: z.literal('end') })
  .describe('The last line: the summary without its runs.');

export const ndjsonLine = z.discriminatedUnion('type', [start, run, crash, end]);
