/** Scenarios of a search take turns by what they are likely to cost. */
import { expect, test } from 'vitest';
import { roundOf, turnOf } from '../../sim/explore/search/turns.ts';
import { parse } from '../run/kit.ts';

const scenario = (servers: number, seconds: number) =>
  parse(`
duration: ${seconds}s
settle: 0s
cluster: { datacenters: { dc1: { servers: ${servers} } }, raft: { alone: true } }
`);

test('cheap ones have more turns, spread over the round, and every one has one', () => {
  const round = roundOf([scenario(5, 60), scenario(3, 50), scenario(1, 1)]);
  const times = [0, 1, 2].map((source) => round.filter((one) => one === source).length);
  expect(times).toEqual([1, 2, 12]);
  expect(round.indexOf(1)).toBeLessThan(round.indexOf(0));
  expect(round.lastIndexOf(1)).toBeGreaterThan(round.indexOf(0));
  expect(roundOf([scenario(3, 30), scenario(3, 30)])).toEqual([0, 1]);
});

test('each scenario counts its own turns, over rounds', () => {
  const round = [1, 0, 1];
  const turns = [0, 1, 2, 3, 4, 5].map((index) => turnOf(round, index));
  expect(turns).toEqual([
    { source: 1, nth: 0 },
    { source: 0, nth: 0 },
    { source: 1, nth: 1 },
    { source: 1, nth: 2 },
    { source: 0, nth: 1 },
    { source: 1, nth: 3 },
  ]);
});
