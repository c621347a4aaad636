import { expect, test } from 'vitest';
import { loadScenario } from '../../scenarios/load.ts';
import { runScenario } from '../../sim/run/run.ts';

function judge(thresholds: Readonly<Record<string, string>>) {
  const text = JSON.stringify({
    duration: '3s',
    settle: '1s',
    load: { kv: { kind: 'kv', rate: '20/s' } },
    thresholds,
  });
  const loaded = loadScenario(text, { file: 'parts.yaml' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  const options = { seed: 1, command: '', overrides: {}, strict: false };
  return runScenario(loaded.scenario, options).result;
}

test('a threshold on a metric in parts means the sum of the parts that it names', () => {
  const { metrics, thresholds } = judge({
    'network.messages': '>0',
    'network.messages{raft}': '>0',
    'network.messages{rpc.read}': '>0',
    'network.messages{raft.vote}': '<1',
  });
  const sent = (prefix: string): number =>
    Object.entries(metrics)
      .filter(([name]) => name.startsWith(`network.messages{${prefix}`))
      .reduce((sum, [, { value }]) => sum + value!, 0);
  const values = thresholds.map(({ value }) => value);
  expect(values).toEqual([sent(''), sent('raft'), sent('rpc.read'), 0]);
  expect(sent('raft')).toBeGreaterThan(sent('raft.heartbeat'));
  expect(thresholds.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass', 'pass']);
});
