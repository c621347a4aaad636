/** `lictor sweep` and `lictor compare`: plans, tables, going on after Ctrl-C, sides. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Summary } from '../../sim/explore/summary.ts';
import { summarySchema } from '../../reports/schema/summary.ts';
import { Desk, SHORT } from './support/host.ts';

const MULTIPLIER = 'cluster.agent.performance.raft_multiplier';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desk.write('short.yaml', SHORT);
});
afterEach(() => desk.clear());

const summaryIn = (folder: string): Summary =>
  JSON.parse(readFileSync(join(desk.folder, folder, 'summary.json'), 'utf8')) as Summary;

function sweepFolder(): string {
  const [folder] = readdirSync(join(desk.folder, 'out')).filter((name) => /~sweep~/.test(name));
  return `out/${folder}`;
}

describe('a sweep', () => {
  const words = ['sweep', 'short.yaml', '--vary', `${MULTIPLIER}=1,5`, '--out', 'out'];

  test('lists its settings and runs nothing', async () => {
    const { code, stdout } = await desk.run([...words, '--dry-run', '--seeds', '1..3']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^cluster\S+\n1\n5\n\n2 settings with seeds 1\.\.3: 6 runs, about \d+ s\n$/,
    );
    expect(existsSync(join(desk.folder, 'out'))).toBe(false);
  });

  test('runs each setting with every seed, by default as many as repeat says', async () => {
    desk.write('three.yaml', `${SHORT}repeat: 3\nsweep: { load.kv.clients: [1, 2] }\n`);
    const { code, stdout } = await desk.run(['sweep', 'three.yaml', '--out', 'out']);
    expect(code).toBe(0);
    expect(stdout).toContain('PASS three in 2 settings, seeds 1..3: 6 runs, all pass');
    expect(stdout).toMatch(/^clients +runs +not passed +median kv\.availability/m);
    const summary = summaryIn(sweepFolder());
    expect(summarySchema.safeParse(summary).error).toBeUndefined();
    expect(summary).toMatchObject({ purpose: 'sweep', planned: 6, finished: 6 });
    expect(summary.scenarios.map(({ parameters }) => parameters)).toEqual([
      { 'load.kv.clients': '1' },
      { 'load.kv.clients': '2' },
    ]);
    expect(summary.runs[5]!.command).toBe('lictor run three.yaml --seed 3 --set load.kv.clients=2');
  });

  test('goes on where it was interrupted, to the same summary', async () => {
    const all = [...words, '--seeds', '1..4', '--jobs', '1', '-q'];
    const stop = { onBreath: (press: () => void, breath: number) => breath === 4 && press() };
    const first = await desk.run(all, stop as never);
    expect(first.code).toBe(130);
    const folder = sweepFolder();
    expect(readdirSync(join(desk.folder, folder))).toContain('unfinished.ndjson');
    let runs = 0;
    const second = await desk.run(all.slice(0, -1), { onBreath: () => void runs++ });
    expect(second.code).toBe(0);
    expect(runs).toBe(4);
    expect(second.stderr).toContain('4 runs of an earlier attempt');
    const resumed = summaryIn(folder);
    expect(readdirSync(join(desk.folder, folder))).not.toContain('unfinished.ndjson');
    await desk.run([...all, '--fresh']);
    expect(timeless(summaryIn(folder))).toEqual(timeless(resumed));
  });

  test('does not go on with records of other runs', async () => {
    const all = [...words, '--seeds', '1..4', '--jobs', '1'];
    const stop = { onBreath: (press: () => void, breath: number) => breath === 2 && press() };
    await desk.run(all, stop as never);
    const changed = await desk.run([...all, '--strict']);
    expect(changed.stderr).not.toContain('earlier attempt');
  });

  test('is validated, each of its settings', async () => {
    desk.write('bad.yaml', `${SHORT}sweep: { load.kv.clients: [1, 0, 2] }\n`);
    const { code, stderr } = await desk.run(['validate', 'bad.yaml']);
    expect(code).toBe(65);
    expect(stderr).toContain('bad.yaml:6:31 load.kv.clients=0: "0" is outside 1..');
    expect((await desk.run(['run', 'bad.yaml'])).stderr).toContain(
      'warning: bad.yaml: its sweep is not run; "lictor sweep bad.yaml" does',
    );
  });

  test('that varies nothing, or wrongly, says what to write', async () => {
    const nothing = await desk.run(['sweep', 'short.yaml']);
    expect(nothing.code).toBe(64);
    expect(nothing.stderr).toContain('Cannot sweep short.yaml: it varies nothing. Write sweep:');
    const wrong = await desk.run([
      'sweep',
      'short.yaml',
      '--vary',
      'network.lan.loss=1%..2% step 0',
    ]);
    expect(wrong.code).toBe(65);
    expect(wrong.stderr).toContain('--vary:1');
  });
});

/** Without what may differ between two executions. */
function timeless({ wallSeconds: _w, eventsPerSecond: _e, command: _c, ...rest }: Summary) {
  const runs = rest.runs.map(({ wallSeconds: _wall, eventsPerSecond: _speed, ...run }) => run);
  return { ...rest, runs };
}

describe('a comparison', () => {
  test('of one scenario with itself changed, over the same seeds', async () => {
    const words = ['compare', 'short.yaml', '--set', 'disks.all.fsync=9ms', '--out', 'out'];
    const { code, stdout } = await desk.run(words);
    expect(code).toBe(0);
    expect(stdout).toContain('\nA  short\nB  short, disks.all.fsync=9ms\n');
    expect(stdout).toMatch(/raft\.commit-latency p50 .* higher in 10 of 10 seeds\n/);
    const [folder] = readdirSync(join(desk.folder, 'out')).filter((name) => /~compare~/.test(name));
    const summary = summaryIn(`out/${folder}`);
    expect(summarySchema.safeParse(summary).error).toBeUndefined();
    const latency = summary.comparison!.find(
      ({ metric, figure }) => metric === 'raft.commit-latency' && figure === 'p50',
    );
    expect(latency).toMatchObject({ pairs: 10, higher: 10, finding: 'higher' });
  });

  test('of two files; --set changes both', async () => {
    desk.write('other.yaml', `${SHORT}disks: { all: { fsync: 3ms } }\n`);
    const words = [
      'compare',
      'short.yaml',
      'other.yaml',
      '--seeds',
      '1..2',
      '--set',
      'duration=3s',
    ];
    const { code, stdout } = await desk.run(words);
    expect(code).toBe(0);
    expect(stdout).toContain('short and other, seeds 1..2');
    expect(stdout).toContain('No intervals of 2 pairs: they need 10 or more seeds.');
  });

  test('with nothing that differs is refused', async () => {
    const { code, stderr } = await desk.run(['compare', 'short.yaml']);
    expect(code).toBe(64);
    expect(stderr).toContain('nothing differs. Name a second file, or --set a value.');
  });

  test('on common random numbers is at least twice as sharp as without', async () => {
    const change = 'disks.all.fsync=5ms';
    const words = ['compare', 'leader-crash', '--set', change, '--seeds', '1..12', '--out', 'out'];
    await desk.run([...words, '--set', 'duration=45s', '-q']);
    const [folder] = readdirSync(join(desk.folder, 'out')).filter((name) => /~compare~/.test(name));
    const failover = summaryIn(`out/${folder}`).comparison!.find(
      ({ metric, figure }) => metric === 'raft.failover' && figure === 'p50',
    )!;
    const width = ({ low, high }: { low: number; high: number }): number => high - low;
    expect(width(failover.interval!)).toBeLessThan(width(failover.unpaired!) / 2);
  });
});

describe('of a long plan', () => {
  const words = ['run', 'short.yaml', '--seeds', '1..6', '--out', 'out', '--reporter', 'json'];
  const seedsOf = (stdout: string): number[] =>
    (JSON.parse(stdout) as Summary).runs.map(({ seed }) => seed);

  test('a shard is its part, and all parts are everything', async () => {
    const parts = [];
    for (const part of [1, 2, 3, 4]) {
      const { stdout } = await desk.run([...words, '--shard', `${part}/4`]);
      parts.push(seedsOf(stdout));
    }
    expect(parts).toEqual([[1, 5], [2, 6], [3], [4]]);
    const wrong = await desk.run([...words, '--shard', '5/4']);
    expect(wrong.code).toBe(64);
  });

  test('-x stops at the first run that does not pass, --max-failures later', async () => {
    const missed = [...words, '--jobs', '1', '--set', 'thresholds={ kv.latency: p99<1us }'];
    const first = await desk.run([...missed, '-x']);
    expect(first.code).toBe(4);
    expect(seedsOf(first.stdout)).toEqual([1]);
    const third = await desk.run([...missed, '--max-failures', '3']);
    expect(seedsOf(third.stdout)).toEqual([1, 2, 3]);
    expect(JSON.parse(third.stdout)).toMatchObject({ planned: 6, finished: 3, interrupted: false });
  });

  test('--last-failed runs what did not pass, until it passes', async () => {
    const bound = ['--set', 'thresholds={ kv.latency: p50<3.1ms }'];
    const first = await desk.run([...words, ...bound]);
    const failed = (JSON.parse(first.stdout) as Summary).runs.filter(
      ({ exitCode }) => exitCode > 0,
    );
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(6);
    const again = ['run', 'short.yaml', '--out', 'out', '--last-failed', '--reporter', 'json'];
    const second = await desk.run([...again, ...bound]);
    const summary = JSON.parse(second.stdout) as Partial<Summary> & { seed?: number };
    const seeds = summary.runs?.map(({ seed }) => seed) ?? [summary.seed];
    expect(seeds).toEqual(failed.map(({ seed }) => seed));
    const other = await desk.run([...again, '--seeds', '40..50', ...bound]);
    expect(other.stdout).toBe('Nothing to run: all of these passed last time.\n');
    await desk.run(words);
    expect((await desk.run(again)).stdout).toContain('Nothing to run');
    expect((await desk.run([...again, '--out', 'nowhere'])).code).toBe(74);
  });

  test('a threshold may be for a share of the seeds alone', async () => {
    const bound = (share: string): string[] => [
      '--set',
      `thresholds={ kv.latency: { p50<3.1ms: { seeds: ${share} } } }`,
    ];
    const lax = await desk.run([...words, ...bound('1%')]);
    expect(lax.code).toBe(0);
    const { scenarios } = JSON.parse(lax.stdout) as Summary;
    const [threshold] = scenarios[0]!.thresholds;
    expect(threshold).toMatchObject({ seeds: 0.01, unmeasured: 0, verdict: 'pass' });
    expect(threshold!.missed).toBeGreaterThan(0);
    expect(threshold!.met + threshold!.missed).toBe(6);
    const strict = await desk.run([...words.slice(0, -2), ...bound('100%')]);
    expect(strict.code).toBe(4);
    expect(strict.stdout).toMatch(
      /thresholds +MISSED +kv\.latency p50<3\.1ms: met in \d of 6 seeds, 100% must/,
    );
  });
});
