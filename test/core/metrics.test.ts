import { describe, expect, test } from 'vitest';
import { compileSampler } from '../../sim/core/distribution.ts';
import { Streams } from '../../sim/core/draws.ts';
import { Metrics } from '../../sim/core/metrics.ts';

function drawn(count: number, seed: number): number[] {
  const draws = new Streams(seed).stream('latency');
  const sampler = compileSampler({ kind: 'lognormal', medianMicros: 4000, p99Micros: 90_000 });
  return Array.from({ length: count }, () => draws.sample(sampler));
}

function recorded(values: readonly number[], metrics = new Metrics()): Metrics {
  const id = metrics.id('kv.latency', 'time');
  for (const value of values) metrics.record(id, value);
  return metrics;
}

describe('a distribution of times', () => {
  test('is summarised in seconds, quantiles within three digits', () => {
    const values = drawn(20_000, 1).toSorted((x, y) => x - y);
    const summary = recorded(values).summary('kv.latency')!;
    expect(summary).toMatchObject({ unit: 's', count: 20_000 });
    expect(summary.min).toBe(values[0] / 1e6);
    expect(summary.max).toBe(values.at(-1)! / 1e6);
    expect(summary.mean).toBe(values.reduce((sum, x) => sum + x, 0) / 20_000 / 1e6);
    const quantiles = [summary.p50!, summary.p90!, summary.p99!, summary.p999!];
    [0.5, 0.9, 0.99, 0.999].forEach((p, i) => {
      const wanted = values[Math.ceil(p * values.length) - 1] / 1e6;
      expect(Math.abs(quantiles[i] - wanted) / wanted).toBeLessThan(0.001);
    });
  });

  test('of one value is that value', () => {
    for (const value of [0, 1, 2047, 2049, 1e9 + 7]) {
      const { p50, p999, min, max, mean } = recorded([value]).summary('kv.latency')!;
      expect([p50, p999, min, max, mean]).toEqual(Array(5).fill(value / 1e6));
    }
  });

  test('takes several equal times at once, of any size', () => {
    const sizes = [0, 2047, 2048, 2 ** 21 - 1, 2 ** 21, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 39];
    const [once, often] = [new Metrics(), new Metrics()];
    for (const size of sizes) {
      once.record(once.id('m', 'time'), size, 3);
      for (let time = 0; time < 3; time++) often.record(often.id('m', 'time'), size);
    }
    expect(once.save()).toEqual(often.save());
    expect(once.summary('m')).toMatchObject({ count: 27, max: 2 ** 39 / 1e6 });
    expect(Math.abs(once.summary('m')!.p50! - 2 ** 21 / 1e6)).toBeLessThan(2048 / 1e6);
  });

  test('of none has a count only', () => {
    expect(recorded([]).summary('kv.latency')).toEqual({ unit: 's', count: 0 });
  });

  test('takes a month, and refuses what is no time', () => {
    const month = 30 * 86_400e6;
    expect(recorded([month]).summary('kv.latency')!.max).toBe(month / 1e6);
    expect(() => recorded([-1])).toThrow('no time');
    expect(() => recorded([NaN])).toThrow('no time');
  });
});

describe('a registry', () => {
  test('gives one number for a name', () => {
    const metrics = new Metrics();
    const ids = ['a', 'b', 'a'].map((name) => metrics.id(name, 'counter'));
    expect(ids).toEqual([0, 1, 0]);
    metrics.add(ids[0], 2);
    metrics.add(ids[2], 3);
    metrics.set(metrics.id('bytes', 'counter', 'By'), 7);
    expect(metrics.summaries()).toEqual({
      a: { unit: '1', value: 5 },
      b: { unit: '1', value: 0 },
      bytes: { unit: 'By', value: 7 },
    });
    expect(metrics.summary('unknown')).toBe(null);
    expect(() => metrics.record(ids[0], 1)).toThrow('no distribution');
  });

  test('merged of two runs is that of both together', () => {
    const [first, second] = [drawn(500, 1), drawn(700, 2)];
    const merged = recorded(first);
    const other = recorded(second);
    other.add(other.id('raft.elections', 'counter'), 4);
    merged.merge(other);
    merged.merge(new Metrics());
    const both = recorded([...first, ...second]);
    expect(merged.summary('kv.latency')).toEqual(both.summary('kv.latency'));
    expect(merged.summary('raft.elections')).toEqual({ unit: '1', value: 4 });
  });
});

describe('a saved registry', () => {
  test('goes on exactly, in the same or a fresh one', () => {
    const [before, after] = [drawn(300, 3), drawn(300, 4)];
    const wanted = recorded([...before, ...after]).summaries();
    const metrics = recorded(before);
    const state = metrics.save();
    recorded([5, 10 ** 9, 0], metrics);
    for (const target of [metrics, new Metrics(), metrics]) {
      target.restore(state);
      expect(target.save()).toEqual(state);
      expect(recorded(after, target).summaries()).toEqual(wanted);
    }
  });

  test('does not know later metrics, whose numbers stay valid', () => {
    const metrics = recorded([1]);
    const state = metrics.save();
    const late = metrics.id('late', 'time');
    metrics.record(late, 9);
    metrics.restore(state);
    expect(metrics.summary('late')).toEqual({ unit: 's', count: 0 });
    metrics.record(late, 7);
    expect(metrics.summary('late')).toMatchObject({ count: 1, max: 7e-6 });
  });

  test('is empty again after going back to before the first time', () => {
    const metrics = new Metrics();
    const id = metrics.id('load.latency', 'time');
    const state = metrics.save();
    metrics.record(id, 9);
    metrics.restore(state);
    expect(metrics.save()).toEqual(state);
    const other = new Metrics();
    other.merge(metrics);
    expect(other.summary('load.latency')).toEqual({ unit: 's', count: 0 });
  });

  test('is small and shares nothing with the registry', () => {
    const metrics = recorded(drawn(1000, 5));
    const { buckets } = metrics.save().metrics[0].times;
    expect(buckets.byteLength).toBeLessThan(1000 * 16 + 1);
    const copy = buckets.slice();
    recorded(drawn(1000, 6), metrics);
    expect(buckets).toEqual(copy);
  });
});
