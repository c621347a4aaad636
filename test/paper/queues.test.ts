/** Short form of `npm run proof -- queues`: fewer jobs, so that three standard errors are wider. */
import { describe, expect, test } from 'vitest';
import {
  BALANCED,
  DISCOVERED,
  FORMULAS,
  SLOW_REPLICA,
  STORMS,
  UNEVEN,
  agrees,
  measureQueue,
  measureStorm,
  slowReplica,
} from './queues.ts';

const JOBS = 20_000;

describe('queues by their formulas', () => {
  test.each(FORMULAS.filter(({ rho }) => rho <= 0.8))('$name at $rho', (one) => {
    const found = measureQueue(one, JOBS, 1);
    expect(agrees(found, one), `${found.mean} +- ${found.error}, not ${one.mean}`).toBe(true);
    expect(Math.abs(found.little - 1)).toBeLessThan(0.005);
  });
});

describe('balancing as published', () => {
  const short = [...BALANCED, ...UNEVEN].filter(
    ({ instances, rho }) => instances === 10 && rho < 0.7,
  );
  test.each(short)('$name at $rho', (one) => {
    const found = measureQueue(one, JOBS, 1);
    expect(agrees(found, one), `${found.mean} +- ${found.error}, not ${one.mean}`).toBe(true);
  });
});

test('clients that discover their instances balance as those that know them', () => {
  const found = [BALANCED, DISCOVERED].map((cases) => {
    const one = cases.find(({ clients, policy }) => clients > 1 && policy === 'least-outstanding')!;
    return measureQueue({ ...one, rho: 0.5 }, 2 * JOBS, 1);
  });
  const [known, discovered] = found as [(typeof found)[0], (typeof found)[0]];
  expect(discovered.jobs).toBeGreaterThan(0.98 * known.jobs);
  const error = Math.hypot(known.error, discovered.error);
  expect(Math.abs(known.mean - discovered.mean)).toBeLessThan(3 * error);
});

test.each(SLOW_REPLICA)('slow replica: $policy', ({ policy, expected }) => {
  expect(Math.abs(slowReplica(policy, 1) - expected)).toBeLessThan(0.0015);
});

describe('retry storms', () => {
  const short = STORMS.filter(({ rho }) => rho === 0.3 || rho === 0.7);
  test.each(short)('$name at $rho', (one) => {
    const { share, amplification } = measureStorm(one, 1);
    expect(share).toBeGreaterThanOrEqual(one.share[0]);
    expect(share).toBeLessThanOrEqual(one.share[1]);
    expect(Math.abs(amplification - one.amplification)).toBeLessThan(0.1);
  });
});
