/** Every way a run can end, against what the scenario expects and how strict the caller is. */
import { describe, expect, test } from 'vitest';
import type { BugSpec, ExpectSpec } from '../../scenarios/scenario.ts';
import { judge } from '../../sim/run/verdict.ts';
import type { Findings } from '../../sim/run/verdict.ts';
import type { ThresholdResult, Verdict, Violation } from '../../sim/run/result.ts';

const NOTHING: Findings = {
  violations: [],
  limits: [],
  unexercised: [],
  thresholds: [],
  interrupted: false,
};
const PASS: ExpectSpec = { kind: 'pass' };
const EXPECTED: ExpectSpec = { kind: 'violation', invariant: 'raft.vote-once', known: null };
const KNOWN: ExpectSpec = { kind: 'violation', invariant: 'raft.vote-once', known: 'raft#695' };
const ANOMALY: ExpectSpec = { kind: 'anomaly', invariant: 'raft.vote-once' };

function violation(
  status: Violation['status'],
  invariant = 'raft.vote-once',
  reference = status === 'violation' ? '' : 'raft#695',
): Violation {
  return { invariant, status, reference, time: 1, event: 1, message: 'x', hosts: [] };
}

function threshold(verdict: Verdict): ThresholdResult {
  return { metric: 'kv.latency', expression: 'max<1s', value: 1, verdict };
}

function judged(
  expected: ExpectSpec,
  findings: Partial<Findings>,
  { strict = false, knownIssues = 'fail' as BugSpec['knownIssues'] } = {},
): string {
  const bugs: BugSpec = { planted: [], fixed: [], knownIssues };
  const { verdict, exitCode } = judge(expected, bugs, strict, { ...NOTHING, ...findings });
  return `${verdict} ${exitCode}`;
}

const V = violation('violation');
const K = violation('known');
const A = violation('allowed');
const OTHER = violation('violation', 'raft.election-safety');
const OTHER_KNOWN = violation('known', 'raft.vote-once', 'raft#661');

describe('what a scenario expects', () => {
  test.each<[string, ExpectSpec, Violation[], string]>([
    ['pass, nothing', PASS, [], 'pass 0'],
    ['pass, a violation', PASS, [V], 'fail 1'],
    ['pass, a known one', PASS, [K], 'fail 1'],
    ['pass, an allowed one', PASS, [A], 'pass 0'],
    ['violation, nothing', EXPECTED, [], 'fail 1'],
    ['violation, that one', EXPECTED, [V], 'pass 0'],
    ['violation, that one, which is known', EXPECTED, [K], 'pass 0'],
    ['violation, another', EXPECTED, [OTHER], 'fail 1'],
    ['violation, that one and another', EXPECTED, [V, OTHER], 'fail 1'],
    ['violation, only an allowed one', EXPECTED, [A], 'fail 1'],
    ['violation, that one and an allowed one', EXPECTED, [V, A], 'pass 0'],
    ['known, that one', KNOWN, [K], 'pass 0'],
    ['known, but nobody knows it', KNOWN, [V], 'fail 1'],
    ['known, but put down to another bug', KNOWN, [OTHER_KNOWN], 'fail 1'],
    ['known, and another', KNOWN, [K, OTHER_KNOWN], 'fail 1'],
    ['anomaly, that one', ANOMALY, [A], 'pass 0'],
    ['anomaly, nothing', ANOMALY, [], 'fail 1'],
    ['anomaly, a violation of it', ANOMALY, [V], 'fail 1'],
    ['anomaly, and a violation', ANOMALY, [A, OTHER], 'fail 1'],
  ])('%s', (_name, expected, violations, result) => {
    expect(judged(expected, { violations })).toBe(result);
  });
});

describe('known issues', () => {
  test.each<[BugSpec['knownIssues'], Violation[], string]>([
    ['fail', [K], 'fail 1'],
    ['allow', [K], 'pass 0'],
    ['allow', [K, V], 'fail 1'],
    ['fix', [K], 'fail 1'],
  ])('%s', (knownIssues, violations, result) => {
    expect(judged(PASS, { violations }, { knownIssues })).toBe(result);
  });
});

describe('a run that was cut short', () => {
  const limits = ['events'];
  test.each<[string, ExpectSpec, Partial<Findings>, string]>([
    ['by a limit', PASS, { limits }, 'unknown 2'],
    ['by Ctrl-C', PASS, { interrupted: true }, 'unknown 130'],
    ['by a limit, after a violation', PASS, { limits, violations: [V] }, 'fail 1'],
    ['by Ctrl-C, after a violation', PASS, { interrupted: true, violations: [V] }, 'fail 1'],
    ['before what was expected', EXPECTED, { limits }, 'unknown 2'],
    ['by Ctrl-C, before what was expected', EXPECTED, { interrupted: true }, 'unknown 130'],
    ['after what was expected', EXPECTED, { limits, violations: [V] }, 'unknown 2'],
    ['before an anomaly', ANOMALY, { limits }, 'unknown 2'],
    ['and missed a threshold', PASS, { limits, thresholds: [threshold('fail')] }, 'unknown 2'],
  ])('%s', (_name, expected, findings, result) => {
    expect(judged(expected, findings)).toBe(result);
  });
});

describe('thresholds and what was not exercised', () => {
  const unexercised = ['raft.vote-once'];
  const missed = { thresholds: [threshold('pass'), threshold('fail')] };
  const unmeasured = { thresholds: [threshold('unknown')] };
  test.each<[string, Partial<Findings>, string, string]>([
    ['nothing unexercised', {}, 'pass 0', 'pass 0'],
    ['something unexercised', { unexercised }, 'pass 0', 'unknown 2'],
    ['a threshold kept', { thresholds: [threshold('pass')] }, 'pass 0', 'pass 0'],
    ['a threshold missed', missed, 'pass 4', 'pass 4'],
    ['a threshold not measured', unmeasured, 'pass 0', 'unknown 2'],
    ['missed and unexercised', { ...missed, unexercised }, 'pass 4', 'unknown 2'],
    ['a violation outweighs both', { ...missed, violations: [V] }, 'fail 1', 'fail 1'],
  ])('%s', (_name, findings, lax, strict) => {
    expect(judged(PASS, findings)).toBe(lax);
    expect(judged(PASS, findings, { strict: true })).toBe(strict);
  });
});
