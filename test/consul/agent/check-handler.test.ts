/** From results to a status: thresholds in both directions. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countResult,
  createCounters,
  thresholdsOf,
} from '../../../sim/consul/agent/check-handler.ts';
import type { Thresholds } from '../../../sim/consul/agent/check-handler.ts';
import { CHECK_STATUSES } from '../../../sim/consul/agent/definitions.ts';
import type { CheckStatus } from '../../../sim/consul/state/rows.ts';
import { ref } from '../../support/reference.ts';

/** What each result makes of the status that was reported before; it begins as critical. */
function reported(given: Partial<Thresholds>, results: readonly CheckStatus[]): CheckStatus[] {
  const thresholds = thresholdsOf(given);
  const counters = createCounters(thresholds);
  let status: CheckStatus = 'critical';
  return results.map((result) => (status = countResult(counters, thresholds, result) ?? status));
}

const P = 'passing';
const W = 'warning';
const C = 'critical';

describe('without thresholds', () => {
  test(ref('agents 2.3 #1', 'every result is the status'), () => {
    expect(reported({}, [P, C, W, C, P])).toEqual([P, C, W, C, P]);
  });

  test('a threshold of one is none', () => {
    const one = { successBeforePassing: 1, failuresBeforeCritical: 1 };
    expect(reported(one, [P, C, W, C, P])).toEqual([P, C, W, C, P]);
  });
});

describe('thresholds', () => {
  test(ref('agents 2.3 #2', 'the first result counts at once, in either direction'), () => {
    const three = { successBeforePassing: 3, failuresBeforeCritical: 3 };
    expect(reported(three, [P])).toEqual([P]);
    expect(reported(three, [C])).toEqual([C]);
  });

  test(ref('agents 2.3 #3', 'the n-th failure in a row is critical, a success begins anew'), () => {
    const given = { failuresBeforeCritical: 3 };
    expect(reported(given, [P, C, C, P, C, C, C])).toEqual([P, P, P, P, P, P, C]);
  });

  test(ref('agents 2.3 #4', 'the n-th success in a row is passing; a warning is a success'), () => {
    const given = { successBeforePassing: 2 };
    expect(reported(given, [C, P, P, C, W, W])).toEqual([C, C, P, C, C, W]);
  });

  test(ref('agents 2.3 #5', 'failures may be a warning before they are critical'), () => {
    const given = { failuresBeforeWarning: 2, failuresBeforeCritical: 4 };
    expect(reported(given, [P, C, C, C, C])).toEqual([P, P, W, W, C]);
  });

  test('a status changes only after as many results in a row as it takes (I4)', () => {
    const counts = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(
        counts,
        counts,
        fc.array(fc.constantFrom(...CHECK_STATUSES), { maxLength: 30 }),
        (successBeforePassing, failuresBeforeCritical, results) => {
          const statuses = reported({ successBeforePassing, failuresBeforeCritical }, results);
          statuses.forEach((status, at) => {
            // Between passing and warning it goes by the last result.
            if (at === 0 || (status === C) === (statuses[at - 1] === C)) return;
            const needed = status === C ? failuresBeforeCritical : successBeforePassing;
            const row = results.slice(Math.max(0, at + 1 - Math.max(1, needed)), at + 1);
            expect(row.length).toBe(Math.max(1, needed));
            expect(row.every((result) => (result === C) === (status === C))).toBe(true);
          });
        },
      ),
    );
  });
});
