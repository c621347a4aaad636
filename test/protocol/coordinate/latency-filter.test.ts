/** The filter of round trips, and its table under many keys. */
import { describe, expect, test } from 'vitest';
import { LatencyFilter } from '../../../sim/protocol/coordinate/latency-filter.ts';
import { ref } from '../../support/reference.ts';

describe('the latency filter', () => {
  test(ref('gossip 3.5 #4', 'gives the middle one of the last three'), () => {
    const filter = new LatencyFilter();
    const seconds = [0.201, 0.2, 0.207, 1.9, 0.203, 0.199, 0.211];
    const found = seconds.map((one) => filter.add(1, 7, one * 1e6) / 1e6);
    expect(found).toEqual([0.201, 0.201, 0.201, 0.207, 0.207, 0.203, 0.203]);
  });

  test(ref('gossip 3.5 #4', 'knows the nodes apart, and forgets them one by one'), () => {
    const filter = new LatencyFilter();
    for (const micros of [203_000, 199_000, 211_000]) filter.add(1, 7, micros);
    expect(filter.add(1, 8, 310_000)).toBe(310_000);
    filter.forget(1, 7);
    expect(filter.add(1, 7, 888_000)).toBe(888_000);
    expect(filter.add(1, 8, 300_000)).toBe(310_000);
  });

  test(ref('gossip 3.2 #2', 'takes a round trip of no time for what it is'), () => {
    const filter = new LatencyFilter();
    expect(filter.add(1, 7, 0)).toBe(0);
    expect(filter.add(1, 7, 0)).toBe(0);
    expect(filter.add(1, 7, 9)).toBe(0);
  });

  test('holds a hundred thousand pairs, and loses those of one member alone', () => {
    const filter = new LatencyFilter();
    const micros = (member: number, node: number): number => 1000 * member + node;
    const each = (act: (member: number, node: number) => void): void => {
      for (let member = 0; member < 320; member++) {
        for (let node = 0; node < 320; node++) if (node !== member) act(member, node);
      }
    };
    each((member, node) => filter.add(member, node, micros(member, node)));
    filter.forgetAll(5);
    const kept = filter.save();
    let wrong = 0;
    each((member, node) => {
      const expected = member === 5 ? 1 : Math.max(1, micros(member, node));
      if (filter.add(member, node, 1) !== expected) wrong++;
    });
    expect(wrong).toBe(0);
    filter.restore(kept);
    expect(filter.add(300, 9, 1)).toBe(micros(300, 9));
  });
});
