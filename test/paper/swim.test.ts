/** Short form of `npm run proof -- swim`: fewer seeds, so a wider tolerance. */
import { describe, expect, test } from 'vitest';
import {
  DETECTION_CASES,
  ISOLATION_CASES,
  difference,
  mean,
  measureDetections,
  measureIsolation,
} from './swim.ts';

describe('a crash', () => {
  for (const { members, wait, detection } of DETECTION_CASES.slice(0, 4)) {
    test(`of one of ${members} is probed and found out in time`, () => {
      const found = measureDetections(members, members > 10 ? 60 : 250);
      expect(difference(mean(found.detections), detection[0])).toBeLessThan(0.06);
      if (wait !== undefined) expect(difference(mean(found.waits), wait[0])).toBeLessThan(0.25);
    });
  }
});

test('a member that is cut off grows slow in blaming the others', () => {
  const [{ members, seconds }] = ISOLATION_CASES as [(typeof ISOLATION_CASES)[number]];
  expect(difference(mean(measureIsolation(members, 40)), seconds)).toBeLessThan(0.1);
});
