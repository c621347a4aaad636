/** One failure: made simpler, explained, kept as a file, and run again. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Config } from '../../scenarios/load.ts';
import { explain } from '../../sim/explore/explain/explain.ts';
import { turningPoint } from '../../sim/explore/explain/turning-point.ts';
import { attempt } from '../../sim/explore/shrink/attempt.ts';
import { shrink, sizeOf } from '../../sim/explore/shrink/shrink.ts';
import { Desk } from '../cli/support/host.ts';
import { parse as load } from '../run/kit.ts';

const PROBE = { wallSeconds: () => 0, residentBytes: () => 0 };

/** A voter that loses power right after its vote, with B4; the other faults do nothing to it. */
const CONFIG: Config = {
  name: 'forgetful',
  start: 'cold',
  duration: '40s',
  settle: '5s',
  cluster: {
    raft: { alone: true },
    datacenters: { dc1: { servers: 5 } },
    agent: { performance: { raft_multiplier: 1 } },
  },
  load: { kv: { kind: 'kv', clients: 3, rate: '10/s', keys: 5 } },
  faults: [
    { at: '2s', for: '1s', slow: 's2', disk: '2x' },
    { when: { voted: 's3' }, times: 5, crash: 's3', how: 'power', for: '20ms' },
    { at: '7s', for: '3s', skew: 's4', drift: '500ppm' },
  ],
  known_issues: 'fix',
  plant: ['B4'],
};
const failing = { config: CONFIG, seed: firstFailing(CONFIG) };

function firstFailing(config: Config): number {
  for (let seed = 1; seed <= 60; seed++) if (attempt({ config, seed }, PROBE) !== null) return seed;
  throw new Error('no seed fails');
}

describe('a failure that is made simpler', () => {
  const shrunk = shrink(failing, { runs: 400, probe: PROBE })!;

  test('violates the same invariant, with less of everything', () => {
    expect(shrunk.failure.invariant).toBe('raft.vote-once');
    expect(sizeOf(shrunk)).toEqual({ faults: 1, hosts: 3 });
    expect(shrunk.config['load']).toBeUndefined();
    expect(JSON.stringify(shrunk.config)).toContain('voted');
  });

  test('cannot be made simpler once more', () => {
    const again = shrink(shrunk, { runs: 400, probe: PROBE })!;
    expect(again.config).toEqual(shrunk.config);
  });

  test('takes no more runs than it may', () => {
    expect(shrink(failing, { runs: 12, probe: PROBE })).toMatchObject({ runs: 12, done: false });
  });

  test('that passes is none', () => {
    const config = { ...CONFIG, plant: [] };
    expect(shrink({ ...failing, config }, { runs: 10, probe: PROBE })).toBeNull();
  });
});

describe('an explanation', () => {
  const explanation = explain(failing, PROBE)!;

  test('tells which faults are needed, by running without each', () => {
    expect(explanation.faults.map(({ needed }) => needed)).toEqual([false, true, false]);
    expect(explanation.faults[1]!.fault).toContain('crash: s3');
  });

  test('names the rule and shows the hosts before and after', () => {
    expect(explanation.rule).toMatchObject({ invariant: 'raft.vote-once' });
    expect(explanation.rule!.source).not.toBe('');
    expect(explanation.changes.map(({ process }) => process)).toContain('s3');
    expect(explanation.story.length).toBeGreaterThan(3);
  });

  test('finds the event from which on it can hardly be avoided', () => {
    const { before, after, curve, what } = explanation.turningPoint!;
    expect(after.event - before.event).toBe(1);
    expect(after.share - before.share).toBeGreaterThanOrEqual(0.2);
    expect(after.event).toBeLessThanOrEqual(explanation.failure.event);
    expect(what).toContain('s');
    for (let i = 1; i < curve.length; i++) {
      expect(curve[i]!.event).toBeGreaterThan(curve[i - 1]!.event);
    }
    expect(curve.at(-1)!.share).toBe(1);
  });

  test('of a run that does not fail has no such event', () => {
    const scenario = load(stringify({ ...CONFIG, plant: [] }));
    const options = { checkpoints: 3, futures: 4 };
    expect(turningPoint(scenario, failing.seed, 'raft.vote-once', 2000, options)).toBeNull();
  });
});

describe('on the command line', () => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk();
    desk.write('forgetful.yaml', stringify(CONFIG));
  });
  afterEach(() => desk.clear());

  test('shrink --save keeps what replay shows, until the bug is gone', async () => {
    const shrunk = await desk.run(['shrink', 'forgetful.yaml', '--save', '--seeds', '1..60']);
    expect(shrunk.code).toBe(0);
    expect(shrunk.stdout).toContain('3 faults on 5 hosts became 1 fault on 3 hosts');
    expect(shrunk.stdout).toContain('point of no return');
    const file = 'scenarios/regressions/forgetful-raft.vote-once.yaml';
    const shows = await desk.run(['replay', 'scenarios/regressions', '--strict']);
    expect([shows.code, shows.stderr]).toEqual([1, '']);
    expect(shows.stdout).toContain(`SHOWS raft.vote-once: ${file}`);
    const config = parse(readFileSync(join(desk.folder, file), 'utf8')) as Config;
    desk.write(file, stringify({ ...config, plant: [] }));
    const gone = await desk.run(['replay', file]);
    expect(gone.code).toBe(0);
    expect(gone.stdout).toContain('GONE raft.vote-once');
    expect(gone.stderr).toContain('means something else');
    expect((await desk.run(['replay', file, '--strict'])).code).toBe(65);
  });

  test('replay says which decisions had no say, and goes on', async () => {
    const replay = { seed: failing.seed, violates: 'raft.vote-once' };
    const decisions = [
      { delay: 'raft.install', from: 's1', to: 's2', nth: 900, takes: '1s' },
      { draw: 'of-no-use', of: 's1', nth: 1, value: 0.5 },
    ];
    desk.write('kept.yaml', stringify({ ...CONFIG, replay, decisions }));
    const { code, stdout, stderr } = await desk.run(['replay', 'kept.yaml']);
    expect(code).toBe(1);
    expect(stdout).toContain('SHOWS raft.vote-once');
    expect(stderr).toContain('2 of its decisions are no longer asked for');
  });

  test('replay --until shows every process at that moment', async () => {
    const replay = { seed: failing.seed, violates: 'raft.vote-once' };
    desk.write('kept.yaml', stringify({ ...CONFIG, replay }));
    const time = await desk.run(['replay', 'kept.yaml', '--until', '1500ms']);
    expect(time.stdout).toMatch(/^at 1\.\d{6}s, after event \d+$/m);
    expect(time.stdout).toMatch(/^s5 +running +raft +role=/m);
    const event = await desk.run(['replay', 'kept.yaml', '--until', '20']);
    expect(event.stdout).toContain('after event 20');
    expect((await desk.run(['replay', 'kept.yaml', '--until', 'soon'])).code).toBe(64);
  });

  test.each([
    [['shrink', 'passing.yaml'], 64, 'it does not fail with seeds 1..50'],
    [['replay', 'passing.yaml'], 65, 'it records no failure'],
  ])('%j is refused', async (words, exitCode, message) => {
    desk.write('passing.yaml', 'duration: 1s\nsettle: 1s\nknown_issues: fix\n');
    const { code, stderr } = await desk.run(words);
    expect([code, stderr]).toEqual([exitCode, expect.stringContaining(message)]);
  });

  test('shrink --reporter json tells all of it', async () => {
    mkdirSync(join(desk.folder, 'out'));
    const words = ['shrink', 'forgetful.yaml', '--seed', String(failing.seed), '--runs', '60'];
    const { stdout } = await desk.run([...words, '--reporter', 'json', '--out', 'out']);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'lictor.shrunk/1',
      failure: { invariant: 'raft.vote-once', kind: 'violation' },
      explanation: { rule: { invariant: 'raft.vote-once' }, turningPoint: { after: {} } },
    });
  });
});
