/** The checker and a brute force agree on random small histories; the long form is a proof. */
import { describe, expect, test } from 'vitest';
import { compare } from './reference/agreement.ts';
import { SUBJECTS } from './reference/subjects.ts';

const HISTORIES = 1500;

describe('agreement with brute force', () => {
  test.each(SUBJECTS.map((subject, i) => [subject.title ?? subject.model, i] as const))(
    '%s',
    (_, i) => {
      const result = compare(SUBJECTS[i]!, HISTORIES, `test ${i}`);
      expect(result.differences).toEqual([]);
      // A comparison that only ever sees one verdict proves nothing.
      expect(result.ordered).toBeGreaterThan(HISTORIES / 5);
      expect(result.ordered).toBeLessThan((HISTORIES * 24) / 25);
      expect(result.lost).toBeGreaterThan(HISTORIES / 10);
    },
  );
});
