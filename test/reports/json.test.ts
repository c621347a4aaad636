/** The documents for programs: valid by their schemas, and those are as shipped. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { JsonReporter, toJson } from '../../reports/json.ts';
import { documentSchema, DOCUMENT_NAMES } from '../../reports/schema/json-schema.ts';
import { RESULT_MATCHES_TYPE, resultSchema } from '../../reports/schema/result.ts';
import { summarySchema } from '../../reports/schema/summary.ts';
import type { JobRecord } from '../../sim/explore/record.ts';
import { summarise } from '../../sim/explore/summary.ts';
import * as fixed from './support/records.ts';

function document(records: readonly JobRecord[], first: number, last: number): unknown {
  let text = '';
  const sink = { write: (part: string) => void (text += part) };
  const reporter = new JsonReporter({ sink, environment: fixed.PIPE, verbosity: 0, variables: {} });
  const plan = fixed.planOf(['leader-crash'], first, last);
  reporter.onStart(plan);
  for (const record of records) reporter.onRun(record);
  reporter.onEnd({ summary: summarise(fixed.factsOf(plan, records)), written: null });
  return JSON.parse(text);
}

describe('one run', () => {
  test.each([fixed.passing(), fixed.failing()])('is its result', (result) => {
    const printed = document([fixed.recordOf(result)], 7, 7);
    expect(printed).toEqual(result);
    expect(resultSchema.safeParse(printed).error).toBeUndefined();
    expect(Object.keys(printed as object)).toEqual(Object.keys(result));
  });

  test('that crashed is a summary with the crash', () => {
    const printed = document([fixed.crashed(7)], 7, 7);
    expect(printed).toMatchObject({ schema: 'lictor.summary/1', exitCode: 70, verdict: 'unknown' });
    expect(summarySchema.safeParse(printed).error).toBeUndefined();
  });

  test('a field that is not in the contract is refused', () => {
    const wrong = { ...fixed.passing(), host: 's1' };
    expect(resultSchema.safeParse(wrong).success).toBe(false);
    expect(RESULT_MATCHES_TYPE).toBe(true);
  });
});

test('several runs are one summary', () => {
  const records = [
    fixed.recordOf(fixed.passing({ seed: 1 })),
    fixed.recordOf(fixed.failing({ seed: 2 })),
    fixed.crashed(3),
    fixed.recordOf(fixed.passing({ seed: 4, exitCode: 4 })),
  ];
  const printed = document(records, 1, 4);
  const summary = summarise(fixed.factsOf(fixed.planOf(['leader-crash'], 1, 4), records));
  const text = toJson(summary);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(summary)));
  expect(text.split('\n').filter((line) => line.startsWith('    {"verdict":'))).toHaveLength(3);
  expect(summarySchema.safeParse(printed).error).toBeUndefined();
  expect(printed).toMatchObject({
    schema: 'lictor.summary/1',
    verdict: 'fail',
    exitCode: 70,
    planned: 4,
    finished: 4,
    scenarios: [{ runs: 4, pass: 2, fail: 1, unknown: 0, missed: 1, crashed: 1 }],
    crashes: [{ scenario: 'leader-crash', seed: 3 }],
  });
});

describe('the shipped schema of', () => {
  test.each(DOCUMENT_NAMES)('%s is fresh (lictor schema prints it)', (name) => {
    const file = new URL(`../../reports/${name}.schema.json`, import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(toJson(documentSchema(name)));
  });
});
