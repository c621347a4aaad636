/** `decisions:` of a scenario: each changes what it names, and says so where it could not. */
import { describe, expect, test } from 'vitest';
import { NamedDecisions } from '../../sim/core/named-decisions.ts';
import { begin, parse, run } from './kit.ts';

const SHORT = `
duration: 8s
settle: 2s
cluster: { agent: { performance: { raft_multiplier: 1 } } }
load: { kv: { kind: kv, clients: 2, rate: 20/s, keys: 2 } }
known_issues: fix
`;
const fingerprintOf = (text: string): string => run(parse(text)).result.fingerprint;
const deciding = (...items: string[]): string =>
  `${SHORT}decisions:\n${items.map((item) => `  - ${item}\n`).join('')}`;

describe('decisions', () => {
  const plain = fingerprintOf(SHORT);

  test.each([
    '{ delay: raft.heartbeat, from: s1, to: s2, nth: 3, takes: 300ms }',
    '{ delay: rpc.write, from: kv#1, to: s1, nth: 1, takes: 40ms }',
    '{ draw: arrival, of: kv#2, nth: 2, value: 0.9 }',
  ])('%s changes the run, always in the same way', (item) => {
    const text = deciding(item);
    const { missed, result } = run(parse(text));
    // Servers differ in who leads: what is not asked for is not applied.
    if (missed.length === 0) expect(result.fingerprint).not.toBe(plain);
    else expect(result.fingerprint).toBe(plain);
    expect(fingerprintOf(text)).toBe(result.fingerprint);
  });

  test('some of them are asked for', () => {
    const items = ['s1', 's2', 's3'].flatMap((from) =>
      ['s1', 's2', 's3']
        .filter((to) => to !== from)
        .map((to) => `{ delay: raft.heartbeat, from: ${from}, to: ${to}, nth: 1, takes: 50ms }`),
    );
    const { missed } = run(parse(deciding(...items)));
    expect(missed.length).toBeGreaterThan(0);
    expect(missed.length).toBeLessThan(items.length);
    expect(new Set(missed.map(({ outcome }) => outcome))).toEqual(new Set(['unasked']));
  });

  test('a choice that is not there is left to the draws', () => {
    const choose = (choice: number) =>
      new NamedDecisions([{ kind: 'select', process: 0, lane: 1, ordinal: 2, choice }]);
    const [second, third] = [choose(1), choose(3)];
    expect([second.select(0, 1, 3, 0), second.select(0, 1, 3, 0)]).toEqual([0, 1]);
    expect(second.results()).toEqual(['applied']);
    expect([third.select(0, 1, 3, 0), third.select(0, 1, 3, 2)]).toEqual([0, 2]);
    expect(third.results()).toEqual(['defaulted']);
  });

  test('a run that is saved half-way decides the same again', () => {
    const items = ['s1', 's2', 's3'].map(
      (of) => `{ draw: heartbeat-timer, of: ${of}, nth: 2, value: 0.5 }`,
    );
    const execution = begin(parse(deciding(...items)));
    for (let i = 0; i < 1500; i++) execution.step();
    const state = execution.world.save();
    const rest = (): string => {
      while (execution.step());
      return execution.world.fingerprint.hex();
    };
    const first = rest();
    execution.world.restore(state);
    expect(rest()).toBe(first);
  });

  test.each([
    ['{ delay: raft.append, from: s1, to: s9, nth: 1, takes: 1s }', 'there is no process "s9"'],
    ['{ delay: raft.append, from: s1, to: s2, nth: 0, takes: 1s }', 'outside'],
    ['{ hold: s1 }', 'decides nothing'],
  ])('%s is refused', (item, message) => {
    expect(() => parse(deciding(item))).toThrow(message);
  });
});
