/** The reporter for people, on fixed results: files in `golden/` hold what it must print. */
import { describe, expect, test } from 'vitest';
import { ConsoleReporter } from '../../reports/console.ts';
import type { Environment } from '../../reports/environment.ts';
import { unpainted } from '../../reports/paint.ts';
import type { Verbosity } from '../../reports/reporter.ts';
import type { JobRecord } from '../../sim/explore/record.ts';
import { summarise } from '../../sim/explore/summary.ts';
import * as fixed from './support/records.ts';

interface Show {
  readonly environment?: Environment;
  readonly verbosity?: Verbosity;
  readonly names?: readonly string[];
  readonly seeds?: readonly [number, number];
  readonly interrupted?: boolean;
}

function show(records: readonly JobRecord[], options: Show = {}): string {
  const { environment = fixed.PIPE, verbosity = 0, interrupted = false } = options;
  const { names = ['leader-crash'], seeds = [7, 7] } = options;
  const plan = fixed.planOf(names, ...seeds);
  let text = '';
  const sink = { write: (part: string) => void (text += part) };
  const reporter = new ConsoleReporter({ sink, environment, verbosity, variables: {} });
  reporter.onStart(plan);
  for (const record of records) reporter.onRun(record);
  const summary = summarise(fixed.factsOf(plan, records, { interrupted }));
  reporter.onEnd({ summary, written: 'reports/out/leader-crash/7' });
  return text;
}

const NAMES = 'bridge,clock-drift,leader-crash,one-way,pause,power-loss,rolling,slow-disk'.split(
  ',',
);

/** Two seeds of eight scenarios; seed 2 of the third fails and seed 1 of the fourth crashes. */
function campaign(): JobRecord[] {
  return NAMES.flatMap((scenario, source) =>
    [1, 2].map((seed): JobRecord => {
      if (source === 3 && seed === 1) return { ...fixed.crashed(1), source, scenario };
      const make = source === 2 && seed === 2 ? fixed.failing : fixed.passing;
      return fixed.recordOf(make({ seed, scenario }), { source });
    }),
  );
}

describe('one run', () => {
  test.each([
    ['pass', [fixed.recordOf(fixed.passing())], {}],
    ['fail', [fixed.recordOf(fixed.failing())], {}],
    ['fail-80x24', [fixed.recordOf(fixed.failing())], { environment: fixed.SCREEN }],
    ['fail-quiet', [fixed.recordOf(fixed.failing())], { verbosity: -1 as const }],
    ['crash', [fixed.crashed(7)], {}],
  ])('looks like golden/%s.txt', async (name, records, options) => {
    await expect(show(records, options)).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test('fits a screen of 80x24, and only a screen', () => {
    const record = [fixed.recordOf(fixed.failing())];
    const screen = show(record, { environment: fixed.SCREEN }).split('\n');
    // The line after the last line break is where the prompt goes.
    expect(screen.length).toBeLessThanOrEqual(24);
    expect(screen.every((line) => line.length <= 80)).toBe(true);
    expect(show(record).split('\n').length).toBeGreaterThan(24);
  });

  test('begins with the verdict and ends with the command', () => {
    for (const environment of [fixed.PIPE, fixed.SCREEN]) {
      const lines = show([fixed.recordOf(fixed.failing())], { environment })
        .trimEnd()
        .split('\n');
      expect(lines[0]).toBe('FAIL leader-crash, seed 7: raft.election-safety violated at 12.5s');
      expect(lines.at(-1)).toBe('npx lictor run scenarios/basic/leader-crash.yaml --seed 7');
    }
  });

  test('colours only where asked, and words say the same', () => {
    const record = [fixed.recordOf(fixed.failing())];
    const coloured = show(record, { environment: { ...fixed.PIPE, colour: true } });
    expect(coloured).toContain('\u001b[');
    expect(unpainted(coloured)).toBe(show(record));
  });

  test('prints the transcript that was asked for', () => {
    const record = fixed.recordOf(fixed.passing(), { transcript: ['one', 'two'] });
    expect(show([record], { verbosity: 1 })).toMatch(/^one\ntwo\nPASS /);
  });
});

describe('the reason of', () => {
  const reason = (...parameters: Parameters<typeof fixed.recordOf>): string =>
    show([fixed.recordOf(...parameters)], { verbosity: -1 }).split('\n')[0]!;
  const expecting = (kind: string, invariant: string) => ({
    ...fixed.passing().manifest,
    resolved: { expect: { kind, invariant, known: null } },
  });

  test('a limit', () => {
    const result = fixed.passing({ exitCode: 2, verdict: 'unknown', limits: ['events'] });
    expect(reason(result)).toContain(
      'UNKNOWN leader-crash, seed 7: the limit on events was reached',
    );
  });
  test('what was not exercised, with --strict', () => {
    const result = fixed.passing({ exitCode: 2, verdict: 'unknown', unexercised: ['crash s9'] });
    expect(reason(result)).toContain('never exercised, with --strict: crash s9');
  });
  test('a missed threshold', () => {
    const { thresholds } = fixed.failing();
    expect(reason(fixed.passing({ exitCode: 4, thresholds }))).toBe(
      'MISSED leader-crash, seed 7: kv.latency is 18.7ms instead of p99<10ms',
    );
  });
  test('an expected violation that came, and one that did not', () => {
    const manifest = expecting('violation', 'raft.election-safety');
    const came = fixed.failing({ exitCode: 0, verdict: 'pass', manifest });
    expect(reason(came)).toContain('raft.election-safety violated, as expected');
    const missing = fixed.passing({ exitCode: 1, verdict: 'fail', manifest });
    expect(reason(missing)).toContain(
      'expected a violation of raft.election-safety, which did not happen',
    );
    const other = fixed.failing({ manifest: expecting('violation', 'raft.vote-once') });
    expect(reason(other)).toContain('; raft.election-safety was violated instead');
  });
  test('a difference of two executions', () => {
    const difference = { event: 12, time: 0.5, description: 'timer at s1 instead of s2' };
    expect(reason(fixed.passing({ exitCode: 3 }), { difference })).toBe(
      'NOT DETERMINISTIC leader-crash, seed 7: two executions differ first at event 12, 500ms: ' +
        'timer at s1 instead of s2',
    );
  });
  test('an interruption', () => {
    const result = fixed.passing({ exitCode: 130, verdict: 'unknown', simulatedSeconds: 42 });
    expect(reason(result)).toBe('INTERRUPTED leader-crash, seed 7: stopped at 42s of the run');
  });
});

describe('several runs', () => {
  const several: Show = { names: NAMES, seeds: [1, 2] };

  test.each([
    ['campaign', {}],
    ['campaign-80x24', { environment: fixed.SCREEN }],
    ['campaign-quiet', { verbosity: -1 as const }],
  ])('look like golden/%s.txt', async (name, options) => {
    await expect(show(campaign(), { ...several, ...options })).toMatchFileSnapshot(
      `golden/${name}.txt`,
    );
  });

  test('fit a screen', () => {
    const text = show(campaign(), { ...several, environment: fixed.SCREEN });
    expect(text.split('\n').length).toBeLessThanOrEqual(24);
    expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  test('say so when all pass', () => {
    const records = [1, 2].map((seed) => fixed.recordOf(fixed.passing({ seed })));
    const text = show(records, { seeds: [1, 2] });
    expect(text).toMatch(/^PASS leader-crash, seeds 1\.\.2: 2 runs, all pass\n/);
    expect(text).not.toContain('reproduce');
  });

  test('that were interrupted say how far they came', () => {
    const text = show([fixed.recordOf(fixed.passing({ seed: 1 }))], {
      seeds: [1, 9],
      interrupted: true,
    });
    expect(text).toMatch(/^INTERRUPTED leader-crash, seeds 1\.\.9: 1 of 9 runs, all pass\n/);
  });
});
