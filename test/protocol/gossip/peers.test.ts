/** Random choice: how many are found in small clusters, and orders that are computed. */
import { describe, expect, test } from 'vitest';
import { Streams } from '../../../sim/core/draws.ts';
import { permuted } from '../../../sim/protocol/gossip/order.ts';
import { isRelay, randomPeers } from '../../../sim/protocol/gossip/peers.ts';
import { ref } from '../../support/reference.ts';
import { SHIPPED_BUGS } from '../../../sim/protocol/gossip/bugs.ts';
import { Alone } from './kit.ts';

/** How often a member of three finds nobody to help it with the second. */
function missed(exhaustivePeers: boolean): number {
  const alone = new Alone({
    members: 3,
    config: { bugs: { ...SHIPPED_BUGS, G23: !exhaustivePeers } },
  });
  alone.member.probe.target = 1;
  const draws = new Streams(5).stream('relays');
  let none = 0;
  for (let i = 0; i < 10_000; i++) {
    const found = randomPeers(alone.member, 3, isRelay, draws, alone.now);
    if (found.length === 0) none++;
    else expect(found).toEqual([2]);
  }
  return none / 10_000;
}

describe('peers', () => {
  test(ref('gossip 1.8 #1', 'the old way misses the only candidate of three in (2/3)^9'), () => {
    expect(missed(false)).toBeCloseTo((2 / 3) ** 9, 2);
    expect(missed(false)).toBeGreaterThan(0.02);
  });

  test(ref('gossip 1.8 #2', 'the new way misses nobody'), () => {
    expect(missed(true)).toBe(0);
  });

  test(ref('gossip 1.8 #1', 'every peer is drawn equally often'), () => {
    const alone = new Alone({ members: 20 });
    alone.member.probe.target = 1;
    const draws = new Streams(6).stream('relays');
    const counts = new Array<number>(20).fill(0);
    for (let i = 0; i < 6000; i++) {
      for (const node of randomPeers(alone.member, 3, isRelay, draws, 0)) counts[node]!++;
    }
    expect(counts.slice(0, 2)).toEqual([0, 0]);
    for (const count of counts.slice(2)) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('a computed order', () => {
  test.each([5, 100, 4097, 10_000])('of %i is a permutation', (nodes) => {
    const seen = new Uint8Array(nodes);
    for (let at = 0; at < nodes; at++) seen[permuted(12_345, at, nodes)]!++;
    expect(seen.every((times) => times === 1)).toBe(true);
  });

  test('puts every region beside every other equally often', () => {
    // A permutation can look random place by place and not be so in pairs.
    const nodes = 4096;
    const regions = 64;
    const pairs = new Float64Array(regions * regions);
    const keys = 100;
    for (let key = 0; key < keys; key++) {
      let before = permuted(key * 7919, 0, nodes);
      for (let at = 1; at < nodes; at++) {
        const node = permuted(key * 7919, at, nodes);
        pairs[(before >> 6) * regions + (node >> 6)]!++;
        before = node;
      }
    }
    const expected = (keys * (nodes - 1)) / pairs.length;
    const square = pairs.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    // Chi-squared of 4 096 cells, five deviations wide.
    expect(Math.abs(square - pairs.length)).toBeLessThan(5 * Math.sqrt(2 * pairs.length));
  });
});
