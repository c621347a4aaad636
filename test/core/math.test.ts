import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exp, log, normalQuantile, pow } from '../../sim/core/math.ts';

const TOLERANCE = 1e-12;

function expectClose(value: number, wanted: number): void {
  if (!Number.isFinite(wanted) || wanted === 0) expect(value).toBe(wanted);
  else expect(Math.abs(value - wanted) / Math.abs(wanted)).toBeLessThan(TOLERANCE);
}

const positive = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true });
const normal = 2.3e-308;

describe('log', () => {
  test('agrees with the engine over all positive numbers', () => {
    fc.assert(
      fc.property(positive, (x) => expectClose(log(x), Math.log(x))),
      { numRuns: 5000 },
    );
  });
  test('keeps its precision around one', () => {
    for (const delta of [1e-15, 1e-9, 1e-3, 0.29, 0.42]) {
      expectClose(log(1 + delta), Math.log(1 + delta));
      expectClose(log(1 - delta), Math.log(1 - delta));
    }
  });
  test('has the usual values at the ends', () => {
    expect([log(1), log(0), log(-1), log(NaN), log(Infinity)]).toEqual([
      0,
      -Infinity,
      NaN,
      NaN,
      Infinity,
    ]);
    expectClose(log(Number.MIN_VALUE), Math.log(Number.MIN_VALUE));
  });
});

describe('exp', () => {
  test('agrees with the engine wherever the result is a normal number', () => {
    fc.assert(
      fc.property(fc.double({ min: -708, max: 709.7, noNaN: true }), (x) => {
        expectClose(exp(x), Math.exp(x));
      }),
      { numRuns: 5000 },
    );
  });
  test('has the usual values at the ends', () => {
    expect([exp(0), exp(-Infinity), exp(Infinity), exp(NaN), exp(710)]).toEqual([
      1,
      0,
      Infinity,
      NaN,
      Infinity,
    ]);
    expect(exp(-745)).toBe(Number.MIN_VALUE);
  });
  test('undoes log', () => {
    fc.assert(fc.property(fc.double({ min: 1e-6, max: 1e6 }), (x) => expectClose(exp(log(x)), x)));
  });
});

describe('pow', () => {
  test('agrees with the engine', () => {
    const base = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    const power = fc.oneof(fc.integer({ min: -40, max: 40 }), fc.double({ min: -40, max: 40 }));
    fc.assert(
      fc.property(base, power, (x, y) => {
        const wanted = x ** y;
        if (wanted > normal && wanted < 1e300) expectClose(pow(x, y), wanted);
      }),
      { numRuns: 3000 },
    );
  });
  test('takes whole powers of any base exactly', () => {
    expect([pow(-2, 3), pow(0, 2), pow(0, 0), pow(2, -3), pow(10, 15), pow(0, 0.5)]).toEqual([
      -8, 0, 1, 0.125, 1e15, 0,
    ]);
  });
});

describe('normalQuantile', () => {
  // Newton's method on the error function's series with 60 decimal digits.
  test.each([
    [1e-10, -6.361340902404057],
    [1e-6, -4.753424308822899],
    [0.0001, -3.7190164854556804],
    [0.001, -3.0902323061678136],
    [0.02, -2.053748910631823],
    [0.074, -1.4466320671589785],
    [0.08, -1.4050715603096324],
    [0.25, -0.6744897501960817],
    [0.4, -0.2533471031357997],
    [0.5, 0],
    [0.9, 1.2815515655446006],
    [0.99, 2.3263478740408408],
    [0.9999, 3.7190164854557084],
    [0.9999999998835847, 6.3379577545537895],
  ])('of %d', (p, wanted) => expectClose(normalQuantile(p), wanted));

  test('rises and is odd about one half', () => {
    const fraction = fc.double({ min: 0.001, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(fraction, fraction, (p, q) => {
        if (p < q) expect(normalQuantile(p)).toBeLessThanOrEqual(normalQuantile(q));
        expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 10);
      }),
    );
  });
  test('has the usual values at the ends', () => {
    const ends = [0, 1, -0.1, 1.1, NaN].map(normalQuantile);
    expect(ends).toEqual([-Infinity, Infinity, NaN, NaN, NaN]);
  });
});

test('the bits are these, on every engine', () => {
  const bits = (x: number): string => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, x);
    return view.getBigUint64(0).toString(16);
  };
  const values = [log(3), log(1e-7), exp(1), exp(-20.5), pow(1.1, 0.3), normalQuantile(0.999)];
  expect(values.map(bits)).toMatchInlineSnapshot(`
    [
      "3ff193ea7aad030b",
      "c0301e3b843eaa73",
      "4005bf0a8b14576a",
      "3e157a3afeed00ac",
      "3ff076cebe41bf7a",
      "4008b8cbb7204470",
    ]
  `);
});
