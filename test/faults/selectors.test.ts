import { describe, expect, test } from 'vitest';
import { joinNames } from '../../sim/faults/label.ts';
import { start } from './support.ts';

/** Hosts that `pause: <selector>` hits at 10 s, as the label names them. */
function hit(selector: string, seed = 1, servers = 5, load = false): string {
  const faults = [`{ at: 10s, for: 1s, pause: ${selector} }`];
  const run = start({ faults, seed, servers, load });
  run.to(10);
  return run.faults.results()[0].name.replace('pause ', '');
}

describe('who is meant, when the fault begins', () => {
  test('fixed hosts', () => {
    expect(hit('s2')).toBe('s2');
    expect(hit('[s4, s2, s4]')).toBe('s4 s2');
    expect(hit('servers')).toBe('s1..s5');
    expect(hit('clients', 1, 3, true)).toBe('kv#1 kv#2');
  });

  test('the leader, its followers, the voters', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const crash = '{ at: 2s, for: 30s, crash: leader }';
      const faults = [
        crash,
        '{ at: 20s, for: 1s, pause: leader }',
        '{ at: 20s, for: 1s, pause: followers }',
      ];
      const run = start({ faults, seed });
      run.to(19.999999);
      const leader = run.leader();
      run.to(20);
      const [, one, others] = run.faults.results();
      expect(one.name).toBe(`pause ${leader}`);
      const rest = ['s1', 's2', 's3'].filter((name) => name !== leader);
      expect(others.name).toBe(`pause ${joinNames(rest)}`);
    }
    expect(hit('voters')).toBe('s1..s5');
  });

  test('the leader is the one of the highest term, not an old one that is cut off', () => {
    const run = start({
      faults: [
        '{ at: 5s, for: 30s, pause: leader, kind: stop }',
        '{ at: 30s, for: 1s, crash: leader }',
      ],
    });
    run.to(30);
    const [first, second] = run.faults.results();
    expect(second.name).not.toBe(first.name.replace('pause', 'crash'));
  });

  test('random ones, drawn from the stream of the fault', () => {
    const counts = (selector: string, servers: number): Set<number> => {
      const sizes = new Set<number>();
      for (let seed = 1; seed <= 6; seed++) sizes.add(sizeOf(hit(selector, seed, servers)));
      return sizes;
    };
    expect(counts('random', 5)).toEqual(new Set([1]));
    expect(counts('"random:2"', 5)).toEqual(new Set([2]));
    expect(counts('"random:50%"', 5)).toEqual(new Set([3]));
    expect(counts('"random:1%"', 5)).toEqual(new Set([1]));
    expect(counts('minority', 5)).toEqual(new Set([2]));
    expect(counts('minority', 4)).toEqual(new Set([1]));
    expect(counts('majority', 4)).toEqual(new Set([3]));
    expect(counts('majority', 5)).toEqual(new Set([3]));
    const seen = new Set(Array.from({ length: 12 }, (_, seed) => hit('random', seed)));
    expect(seen.size).toBeGreaterThan(2);
    expect(hit('random', 7)).toBe(hit('random', 7));
  });

  test('a list of fixed and moving ones, nobody twice', () => {
    const name = hit('[leader, servers]');
    expect(sizeOf(name)).toBe(5);
  });

  test('nobody: a minority of two', () => {
    const run = start({
      servers: 2,
      faults: ['{ at: 10s, for: 1s, pause: minority, patience: 1s }'],
    });
    run.to(20);
    expect(run.told()).toEqual(['pause minority 10..11 affected 0']);
  });
});

function sizeOf(label: string): number {
  return label.split(' ').reduce((sum, word) => {
    const [first, last] = word.split('..').map((name) => Number(name.slice(1)));
    return sum + (last === undefined ? 1 : last - first + 1);
  }, 0);
}

test('names in a row are told as a range', () => {
  expect(joinNames(['s1'])).toBe('s1');
  expect(joinNames(['s1', 's2'])).toBe('s1 s2');
  expect(joinNames(['s1', 's2', 's3', 's5', 's6', 'kv#1', 'kv#2', 'kv#3'])).toBe(
    's1..s3 s5 s6 kv#1..kv#3',
  );
  expect(joinNames(['s9', 's10', 's11'])).toBe('s9..s11');
});
