/** Consistent hashing: hashes, rings, Maglev's table, bounded load, subsets. */
import { describe, expect, test } from 'vitest';
import { fillTable, permutationOf } from '../../../sim/client/balance/maglev.ts';
import { makeRing, placeOf } from '../../../sim/client/balance/ring-hash.ts';
import { subsetOf } from '../../../sim/client/balance/subset.ts';
import { xxh64 } from '../../../sim/client/balance/xxhash.ts';
import { Streams } from '../../../sim/core/draws.ts';
import { ref } from '../../support/reference.ts';
import { Bench } from './kit.ts';

test('XXH64 has the published values', () => {
  expect(xxh64('').toString(16)).toBe('ef46db3751d8e999');
  expect(xxh64('a').toString(16)).toBe('d24ec4f1a98c6e5b');
  expect(xxh64('abc').toString(16)).toBe('44bc2cf5ad770999');
  expect(xxh64('Nobody inspects the spammish repetition').toString(16)).toBe('fbcea83c8a378bf1');
});

describe('ring hash', () => {
  test(
    ref(
      'clients 6.1 #13',
      'entries in proportion to weights, whole for the least, at least the minimum',
    ),
    () => {
      const count = (weights: number[], min: number, max: number): number[] => {
        const ring = makeRing(
          weights.map((_, at) => `h${at}`),
          weights,
          min,
          max,
        );
        return weights.map((_, at) => ring.endpoints.filter((one) => one === at).length);
      };
      expect(count([1, 1, 1], 1024, 8_388_608)).toEqual([342, 342, 342]);
      expect(count([1, 2], 1024, 8_388_608)).toEqual([342, 684]);
      // Four hosts in a ring of at most six: two, one, two, one.
      expect(count([1, 1, 1, 1], 6, 6)).toEqual([2, 1, 2, 1]);
    },
  );

  test(
    ref(
      'clients 6.1 #14',
      "the first entry at or behind the hash, from the last one on to the first; gRPC's weights 3, 3, 4 in a ring of 7",
    ),
    () => {
      const ring = makeRing(['a', 'b', 'c'], [3, 3, 4], 7, 7);
      expect([0, 1, 2].map((at) => ring.endpoints.filter((one) => one === at).length)).toEqual([
        3, 2, 2,
      ]);
      expect(placeOf(ring, ring.hashes[4]!)).toBe(4);
      expect(placeOf(ring, ring.hashes[4]! + 1)).toBe(5);
      expect(placeOf(ring, ring.hashes.at(-1)! + 1)).toBe(0);
    },
  );

  test('a key keeps its instance while that is there', () => {
    // One entry each, so that the ring of four is the ring of five without one.
    const bench = new Bench('ring-hash', [1, 1, 1, 1, 1], { ring: { min: 1, max: 100 } });
    const before = Array.from({ length: 300 }, (_, hash) => bench.pick({ hash }));
    bench.picking.version++;
    const candidates = [0, 1, 3, 4];
    const after = Array.from({ length: 300 }, (_, hash) => bench.pick({ hash, candidates }));
    before.forEach((one, at) => {
      if (one !== 2) expect(after[at]).toBe(one);
    });
    expect(after).not.toContain(2);
  });
});

describe('maglev', () => {
  const permutations = [
    { offset: 3, skip: 4 },
    { offset: 0, skip: 2 },
    { offset: 3, skip: 1 },
  ];

  test(
    ref(
      'clients 6.1 #15',
      "the paper's example; weights 1 to 2 share 65537 places as 21846 to 43691",
    ),
    () => {
      expect([...fillTable(permutations, [1, 1, 1], 7)]).toEqual([1, 0, 1, 0, 2, 2, 0]);
      const without = [...fillTable([permutations[0]!, permutations[2]!], [1, 1], 7)];
      expect(without).toEqual([0, 0, 0, 0, 1, 1, 1]);
      const names = ['web-1', 'web-2'].map((name) => permutationOf(name, 65_537));
      const table = fillTable(names, [1, 2], 65_537);
      expect(table.filter((one) => one === 0).length).toBe(21_846);
      expect(table.filter((one) => one === 1).length).toBe(43_691);
    },
  );

  test('few places move when an instance goes', () => {
    const names = Array.from({ length: 100 }, (_, at) => permutationOf(`b${at}`, 65_537));
    const before = fillTable(
      names,
      names.map(() => 1),
      65_537,
    );
    const after = fillTable(
      names.slice(1),
      names.slice(1).map(() => 1),
      65_537,
    );
    let moved = 0;
    before.forEach((one, at) => {
      if (one !== 0 && after[at] !== one - 1) moved++;
    });
    expect(moved / 65_537).toBeLessThan(0.03);
  });
});

test(
  ref('clients 6.1 #16', 'bounded load passes over whoever has more than its share under way'),
  () => {
    for (const policy of ['ring-hash', 'maglev'] as const) {
      const bench = new Bench(policy, [1, 1, 1, 1], { bounded: 1.25 });
      const first = bench.pick({ hash: 7 });
      const active = [2, 2, 2, 2];
      // 9 x 1.25 / 4, rounded up: three slots each.
      expect(bench.pick({ active, activeTotal: 8 })).toBe(first);
      active[first] = 4;
      const other = bench.pick({ active, activeTotal: 10 });
      // 11 x 1.25 / 4 are four slots: full, not over.
      expect(other).toBe(first);
      active[first] = 9;
      const next = bench.pick({ active, activeTotal: 15 });
      expect(next).not.toBe(first);
      expect(bench.pick()).toBe(next);
      const all = bench.pick({ active: [9, 9, 9, 9].map((x, at) => x + at), activeTotal: 1 });
      expect(all).toBe(0);
    }
  },
);

test(
  ref(
    'clients 6.1 #17',
    'a client keeps the k instances with the smallest hashes, the same ones when others go',
  ),
  () => {
    const endpoints = Array.from({ length: 30 }, (_, at) => {
      return { process: at, name: `web-${at + 1}`, zone: '', weight: 1 };
    });
    const draws = (seed: number) => new Streams(seed).stream('subset');
    const kept = subsetOf(endpoints, 8, draws(3));
    expect(kept).toHaveLength(8);
    expect(subsetOf(endpoints.slice(0, 8), 8, draws(3))).toHaveLength(8);
    const left = endpoints.filter((_, at) => at !== kept[0]);
    const names = subsetOf(left, 8, draws(3)).map((at) => left[at]!.name);
    for (const at of kept.slice(1)) expect(names).toContain(endpoints[at]!.name);
    expect(subsetOf(endpoints, 8, draws(4))).not.toEqual(kept);
  },
);
