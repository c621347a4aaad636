/** Pictures of runs say what their results say. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadScenario } from '../../../scenarios/load.ts';
import { OPERATIONS_MAX } from '../../../sim/explore/picture/operations.ts';
import { pictureOf } from '../../../sim/explore/picture/picture.ts';
import type { RunPicture } from '../../../sim/explore/picture/picture.ts';
import { runScenario } from '../../../sim/run/run.ts';
import type { RunOutcome } from '../../../sim/run/run.ts';

interface Shown {
  readonly outcome: RunOutcome;
  readonly picture: RunPicture;
}

function show(name: string, overrides: readonly string[] = []): Shown {
  const file = new URL(`../../../scenarios/${name}.yaml`, import.meta.url);
  const loaded = loadScenario(readFileSync(file, 'utf8'), { file: name, overrides });
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join('\n'));
  const options = { seed: 7, command: '', overrides: {}, strict: false };
  const outcome = runScenario(loaded.scenario, options);
  return { outcome, picture: pictureOf(outcome.world, loaded.scenario, outcome.result.violations) };
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

describe('a leader that crashes', () => {
  let shown: Shown;
  beforeAll(() => {
    shown = show('basic/leader-crash', ['duration=50s']);
  });

  test('is missing for as long as the failover takes', () => {
    const { picture, outcome } = shown;
    const [before, after] = picture.leadership;
    expect(picture.leadership).toHaveLength(2);
    expect(before!.to).toBe(outcome.result.faults[0]!.begin * 1e6);
    const failover = outcome.result.metrics['raft.failover']!.max!;
    expect((after!.from - before!.to) / 1e6).toBeCloseTo(failover, 6);
    expect(after!.term).toBeGreaterThan(before!.term);
  });

  test('has a lane that is down while the fault lasts, and lanes without holes', () => {
    const { picture, outcome } = shown;
    const { name, begin, end } = outcome.result.faults[0]!;
    const down = picture.lanes.find((lane) => name === `crash ${lane.name}`)!;
    const span = down.spans.find(({ state }) => state === 'down');
    expect(span).toMatchObject({ from: begin * 1e6, to: end * 1e6 });
    for (const { spans } of picture.lanes) {
      expect(spans[0]!.from).toBe(0);
      expect(spans.at(-1)!.to).toBe(picture.endMicros);
      for (let i = 1; i < spans.length; i++) expect(spans[i]!.from).toBe(spans[i - 1]!.to);
      expect(spans.map(({ term }) => term)).toEqual(spans.map(({ term }) => term).toSorted());
      expect(spans[0]!.term).toBe(2);
    }
  });

  test('has every operation of its clients once, in slots and one by one', () => {
    const { picture, outcome } = shown;
    const [load] = picture.loads;
    const ended = outcome.history.records().filter(({ type }) => type !== 'invoke');
    expect(load!.total).toBe(ended.length);
    const { ok, failed, unknown } = load!.slots;
    expect(sum(ok) + sum(failed) + sum(unknown)).toBe(ended.length);
    const { start, latency, outcome: outcomes } = load!.operations;
    expect(start.toSorted((left, right) => left - right)).toEqual(start);
    const invoked = new Map(
      outcome.history
        .records()
        .flatMap(({ type, op, time }) => (type === 'invoke' ? [[op, time]] : [])),
    );
    const begun = ended.map(({ op }) => invoked.get(op)!).toSorted((left, right) => left - right);
    expect(start).toEqual(begun);
    const { fromMicros, untilMicros } = picture.measured;
    const inPart = start.map((at) => at >= fromMicros && at < untilMicros);
    const measured = latency.filter((_, row) => inPart[row] && outcomes[row] === 0);
    const metric = outcome.result.metrics['kv.latency']!;
    expect(measured).toHaveLength(metric.count!);
    expect(Math.max(...measured) / 1e6).toBe(metric.max);
  });

  test('has a matrix of what was delivered', () => {
    const { picture, outcome } = shown;
    const { classes, counts } = picture.matrix;
    for (const [at, name] of classes.entries()) {
      const sent = outcome.result.metrics[`network.messages{${name}}`]!.value!;
      const delivered = sum(counts[at]!);
      expect(delivered).toBeGreaterThan(0);
      expect(delivered).toBeLessThanOrEqual(sent);
      expect(delivered).toBeGreaterThan(sent * 0.9);
    }
  });

  test('is told around the next election, with what led to it', () => {
    const { picture, outcome } = shown;
    const [moment] = picture.moments;
    const { events } = moment!;
    expect(moment!.title).toMatch(/^s\d becomes leader of term 3$/);
    const centre = events.event.indexOf(moment!.event);
    expect(events.past[centre]).toBe(true);
    expect(events.notes[centre]!.join()).toContain('become leader');
    const rows = new Map(events.event.map((event, row) => [event, row]));
    const { trace } = outcome.world;
    events.event.forEach((event, row) => {
      for (const parent of events.parents[row]!) expect(rows.get(parent)!).toBeLessThan(row);
      if (events.from[row]! >= 0) expect(events.sent[row]!).toBe(trace.time(trace.cause(event)));
    });
    const voted = events.notes.flat().filter((note) => note.includes('grant vote'));
    expect(voted.length).toBeGreaterThanOrEqual(2);
  });
});

test('a pool that doubts a crashed agent says so, and its neighbours have no lane', () => {
  const { picture, outcome } = show('basic/agent-crash');
  // Two agents lose their power at 10 s; a third one is killed at 12 s.
  const lane = picture.lanes.find(({ name }) => name === 'a3')!;
  expect(outcome.result.faults.map(({ name }) => name).join()).toContain('a3');
  const most = Math.max(...lane.doubts.map(({ dead }) => dead));
  const hosts = picture.lanes.length + picture.quietHosts;
  expect(most).toBe(hosts - 3);
  expect(lane.doubts.at(-1)).toMatchObject({ suspected: 0, dead: 0 });
  expect(picture.quietHosts).toBeGreaterThan(0);
});

test('more operations than fit are thinned, and the slots still count all of them', () => {
  const overrides = [
    'load.kv.rate=2000/s',
    'duration=12s',
    'settle=1s',
    'faults=[]',
    'thresholds={}',
  ];
  const { picture } = show('basic/leader-crash', overrides);
  const [load] = picture.loads;
  expect(load!.total).toBeGreaterThan(OPERATIONS_MAX);
  expect(load!.operations.start.length).toBeLessThanOrEqual(OPERATIONS_MAX);
  const { ok, failed, unknown } = load!.slots;
  expect(sum(ok) + sum(failed) + sum(unknown)).toBe(load!.total);
});

test('calls of services are a load too, and clients have no lanes', () => {
  const { picture, outcome } = show('basic/services');
  const { metrics } = outcome.result;
  const [load] = picture.loads;
  expect(load!.name).toBe('buy');
  const { start, latency, outcome: outcomes } = load!.operations;
  const { fromMicros, untilMicros } = picture.measured;
  const measured = start.filter((at, row) => {
    return at >= fromMicros && at < untilMicros && outcomes[row] === 0;
  });
  expect(measured).toHaveLength(metrics['buy.latency']!.count!);
  expect(Math.max(...latency)).toBeGreaterThan(0);
  expect(picture.lanes.map(({ name }) => name)).toContain('shop-1');
  expect(picture.lanes.some(({ name }) => name.includes('#'))).toBe(false);
  expect(picture.matrix.names).toContain('buy clients');
});
