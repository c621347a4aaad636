/** `sweep:`: values, ranges, combinations, and problems told where the value was written. */
import { describe, expect, test } from 'vitest';
import { formatIssue } from '../../scenarios/load.ts';
import { parseValues, valueText } from '../../scenarios/schema/sweep.ts';
import { expandSweep } from '../../scenarios/sweep.ts';

const expand = (text: string, overrides: readonly string[] = []) =>
  expandSweep(text, { file: 'x.yaml', overrides });

function settingsOf(text: string, overrides: readonly string[] = []): string[] {
  const expanded = expand(text, overrides);
  if (!expanded.ok) throw new Error(expanded.issues.map((one) => formatIssue(one)).join('\n'));
  return expanded.settings.map(({ parameters }) =>
    parameters.map(({ path, value }) => `${path}=${value}`).join(' '),
  );
}

function problemsOf(text: string): string[] {
  const expanded = expand(text);
  return expanded.ok ? [] : expanded.issues.map((issue) => formatIssue(issue));
}

describe('values', () => {
  test.each([
    ['0%..4% step 1%', ['0%', '1%', '2%', '3%', '4%']],
    ['0..4% step 2', ['0%', '2%', '4%']],
    ['0.1..0.35 step 0.1', [0.1, 0.2, 0.3]],
    ['10ms..30ms step 10ms', ['10ms', '20ms', '30ms']],
    ['-20ms..20ms step 20ms', ['-20ms', '0ms', '20ms']],
    ['100/s..300/s step 100/s', ['100/s', '200/s', '300/s']],
  ])('%s', (range, values) => {
    expect(parseValues(range)).toEqual({ ok: true, value: values });
  });

  test.each([
    ['1ms..5ms', 'no range'],
    ['0%..4ms step 1%', 'mixes units'],
    ['5..1 step 1', 'runs backwards'],
    ['0..5 step 0', 'step above 0'],
    ['0..1000 step 1', 'more than 100'],
    [[], 'empty'],
    [[1, 2, 1], '1 twice'],
    [3, 'expected values'],
  ])('%j is refused', (raw, reason) => {
    const parsed = parseValues(raw);
    expect(parsed.ok ? '' : parsed.reason).toContain(reason);
  });

  test('stand as --set takes them', () => {
    const values = [
      '2%',
      '1.21',
      'exp 5ms',
      'a: b',
      3,
      { median: '1ms', p99: '5ms' },
      true,
      'true',
    ];
    expect(values.map(valueText)).toEqual([
      '2%',
      '"1.21"',
      'exp 5ms',
      '"a: b"',
      '3',
      '{"median":"1ms","p99":"5ms"}',
      'true',
      '"true"',
    ]);
  });
});

describe('settings', () => {
  test('are all combinations, the first key slowest', () => {
    const text = `
duration: 5s
sweep:
  cluster.agent.performance.raft_multiplier: [1, 5]
  network.lan.loss: 0%..2% step 1%
`;
    const multiplier = 'cluster.agent.performance.raft_multiplier';
    expect(settingsOf(text)).toEqual(
      [1, 5].flatMap((one) =>
        ['0%', '1%', '2%'].map((loss) => `${multiplier}=${one} network.lan.loss=${loss}`),
      ),
    );
    const expanded = expand(text, ['duration=7s']);
    if (!expanded.ok) throw new Error('not expanded');
    const { loaded, overrides } = expanded.settings[5]!;
    expect(overrides).toEqual(['duration=7s', `${multiplier}=5`, 'network.lan.loss=2%']);
    expect(loaded.scenario.durationMicros).toBe(7_000_000);
  });

  test('of a scenario without a sweep are the scenario', () => {
    expect(settingsOf('duration: 5s')).toEqual(['']);
    expect(settingsOf('duration: 5s', ['sweep.duration=[1s, 2s]'])).toEqual([
      'duration=1s',
      'duration=2s',
    ]);
  });

  test('repeat has a default and is read', () => {
    const of = (text: string) => (expand(text) as { base: { repeat: number } }).base.repeat;
    expect(of('duration: 5s')).toBe(10);
    expect(of('duration: 5s\nrepeat: 30')).toBe(30);
  });
});

describe('problems', () => {
  test('are told at the value', () => {
    const text = 'duration: 5s\nsweep:\n  network.lan.loss: [1%, 200%]\n  network.lan.los: [1%]\n';
    expect(problemsOf(text)).toEqual([
      'x.yaml:3:26 network.lan.loss=200%: "200%" is outside 0%..100%',
      expect.stringMatching(
        /^x\.yaml:4:21 network\.lan\.los=1%: unknown field "los", did you mean/,
      ),
    ]);
  });

  test('of the values alone come with those of the rest', () => {
    const text = 'duration: 5\nsweep: { network.lan.loss: 1%..2% }\n';
    expect(problemsOf(text)).toHaveLength(2);
  });

  test('too many combinations are refused', () => {
    const keys = ['loss', 'latency', 'bandwidth'].map((key) => `network.lan.${key}: 1..20 step 1`);
    expect(problemsOf(`duration: 5s\nsweep: { ${keys.join(', ')} }\n`)[0]).toContain(
      'more than 1000 combinations',
    );
  });
});
