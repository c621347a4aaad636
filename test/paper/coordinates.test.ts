/** Short form of `npm run proof -- coordinates`, and what its page says. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ref } from '../support/reference.ts';
import { DRIFT_LIMIT, TOPOLOGIES, judge, judgeDrift } from './coordinates.ts';

const SEEDS = 20;

describe(ref('gossip 3.6 #1', 'coordinates settle on what is true'), () => {
  for (const topology of TOPOLOGIES) {
    test(`of a ${topology.name}`, () => {
      expect(judge(topology, SEEDS)).toMatchObject({ holds: true, resets: 0 });
    });
  }

  test('and the high node of a star is high, the others low', () => {
    const star = TOPOLOGIES.find(({ name }) => name === 'height')!;
    const [high, low] = judge(star, SEEDS).heights;
    expect(high).toBeGreaterThan(0.097);
    expect(low).toBeLessThan(0.003);
  });
});

test(ref('gossip 3.6 #2', 'gravity brings what has drifted away back'), () => {
  expect(judgeDrift(SEEDS)[0]).toBeLessThan(DRIFT_LIMIT);
});

test('the page of the proof has a row for each topology, within its limit', () => {
  const page = readFileSync(new URL('../../docs/proof/coordinates.md', import.meta.url), 'utf8');
  for (const { name, limits } of TOPOLOGIES) {
    const [, found] = new RegExp(`^\\| ${name} .*?\\| +([0-9.e-]+) +\\|`, 'm').exec(page)!;
    expect(Number(found)).toBeLessThan(1.25 * limits[0]);
  }
});
