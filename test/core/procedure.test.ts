import { describe, expect, test } from 'vitest';
import { advance } from '../../sim/core/procedure.ts';
import type { Locals, Procedure } from '../../sim/core/procedure.ts';

type Step = 'fill' | 'settle';

interface Kettle extends Locals<Step> {
  filled: number;
  readonly wanted: number;
}

/** Fills cups one by one; each settles before the next. */
const pour: Procedure<Step, Kettle, { steady: boolean }> = {
  steps: {
    fill: (data) => {
      data.filled++;
      return 'settle';
    },
    settle: (data, { steady }) => {
      if (!steady) return 'wait';
      return data.filled === data.wanted ? 'done' : 'fill';
    },
  },
  describe: (data) => `cup ${data.filled} of ${data.wanted}`,
};

describe('a procedure', () => {
  test('runs until a step waits, and goes on from there', () => {
    const data: Kettle = { step: 'fill', filled: 0, wanted: 3 };
    expect(advance(pour, data, { steady: false })).toBe(false);
    expect(data).toEqual({ step: 'settle', filled: 1, wanted: 3 });
    expect(pour.describe(data, { steady: false })).toBe('cup 1 of 3');
    expect(advance(pour, data, { steady: false })).toBe(false);
    expect(data.filled).toBe(1);
    expect(advance(pour, data, { steady: true })).toBe(true);
    expect(data.filled).toBe(3);
  });

  test('is saved by copying its data', () => {
    const data: Kettle = { step: 'fill', filled: 0, wanted: 2 };
    advance(pour, data, { steady: false });
    const saved = { ...data };
    advance(pour, data, { steady: true });
    expect(saved).toEqual({ step: 'settle', filled: 1, wanted: 2 });
    expect(advance(pour, saved, { steady: true })).toBe(true);
  });

  test('that goes round without waiting is a mistake of the program', () => {
    const endless: Procedure<Step, Kettle, null> = {
      steps: { fill: () => 'settle', settle: () => 'fill' },
      describe: () => '',
    };
    const data: Kettle = { step: 'fill', filled: 0, wanted: 0 };
    expect(() => advance(endless, data, null)).toThrow(/never leaves step/);
  });
});
