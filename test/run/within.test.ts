/** Invariants with `within:` are judged that long after the last fault has ended, not at the end. */
import { expect, test } from 'vitest';
import { parse, run } from './kit.ts';

function judged(within: string) {
  // An election takes 5 to 15 s; the server that is back at 20 s is a follower of nobody until then.
  const text = `
duration: 20s
settle: 40s
load: { kv: { kind: kv, clients: 2, rate: 20/s, keys: 5 } }
faults: [ { at: 19s, crash: leader } ]
invariants: { raft.one-leader: { within: ${within} } }
`;
  return run(parse(text)).result;
}

test('too soon: the cluster still has no leader, and the run fails at that moment', () => {
  const { exitCode, violations } = judged('1s');
  expect(exitCode).toBe(1);
  expect(violations).toHaveLength(1);
  const [{ invariant, time, message }] = violations as [(typeof violations)[number]];
  expect(invariant).toBe('raft.one-leader');
  expect(time).toBeGreaterThanOrEqual(21);
  expect(time).toBeLessThan(22.1);
  expect(message).not.toBe('');
});

test('with time for an election it passes', () => {
  expect(judged('25s')).toMatchObject({ exitCode: 0, violations: [] });
});
