/** `lictor run` in process: exit codes, outputs, files, many runs, Ctrl-C. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { resultSchema } from '../../reports/schema/result.ts';
import { summarySchema } from '../../reports/schema/summary.ts';
import { Desk, SHORT } from './support/host.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desk.write('short.yaml', SHORT);
});
afterEach(() => desk.clear());

const read = (name: string): string => readFileSync(join(desk.folder, name), 'utf8');

describe('one run', () => {
  test('prints a report and leaves a folder', async () => {
    const { code, stdout, stderr } = await desk.run(['short.yaml', '--seed', '7']);
    expect(stdout).toMatch(/^PASS short, seed 7: \d+ invariants hold/);
    expect(stdout).toContain(', reports/out/short/7\n');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const files = readdirSync(join(desk.folder, 'reports/out/short/7')).sort();
    expect(files).toEqual([
      'history.ndjson',
      'manifest.json',
      'result.json',
      'scenario.yaml',
      'transcript.txt',
    ]);
    expect(JSON.parse(read('reports/out/short/7/history.ndjson').split('\n')[0]!)).toMatchObject({
      type: 'invoke',
      op: expect.any(Number),
    });
  });

  test('as JSON is the contract, and the same again but for the wall clock', async () => {
    const words = ['run', 'short.yaml', '--seed', '7', '--reporter', 'json'];
    const documents = [await desk.run(words), await desk.run(words)].map(({ stdout }) => {
      const result = resultSchema.parse(JSON.parse(stdout));
      return JSON.stringify({ ...result, wallSeconds: 0, eventsPerSecond: 0 });
    });
    expect(documents[0]).toBe(documents[1]);
    const other = await desk.run(['short.yaml', '--seed', '8', '--reporter', 'json']);
    expect(JSON.parse(other.stdout).fingerprint).not.toBe(JSON.parse(documents[0]!).fingerprint);
  });

  test('can be made again from its folder', async () => {
    const set = ['--set', 'network.lan.loss=2%'];
    const first = await desk.run(['short.yaml', '--reporter', 'json', ...set]);
    const folder = readdirSync(join(desk.folder, 'reports/out')).find(
      (name) => name !== 'last-run.json',
    );
    expect(folder).toMatch(/^short~[0-9a-f]{8}$/);
    const again = await desk.run([`reports/out/${folder}/1/scenario.yaml`, '--reporter', 'json']);
    const [left, right] = [first, again].map(({ stdout }) => JSON.parse(stdout));
    expect(right.fingerprint).toBe(left.fingerprint);
    expect(right.manifest.scenarioHash).toBe(left.manifest.scenarioHash);
    expect(left.manifest.overrides).toEqual({ 'network.lan.loss': '2%' });
    expect(left.manifest.command).toBe('lictor run short.yaml --seed 1 --set network.lan.loss=2%');
  });

  test('of a swarm keeps the faults that were drawn, as a scenario that does the same', async () => {
    const swarm = `${SHORT}\nfaults:\n  - swarm: { intensity: 0.5 }\n  - { at: 1s, heal: true }\n`;
    desk.write('swarm.yaml', swarm.replace('duration: 2s', 'duration: 30s'));
    const first = await desk.run(['swarm.yaml', '--seed', '3', '--reporter', 'json']);
    const file = 'reports/out/swarm/3/scenario.yaml';
    expect(read(file)).not.toContain('swarm:');
    expect(parse(read(file)).faults.length).toBeGreaterThan(1);
    const again = await desk.run([file, '--seed', '3', '--reporter', 'json']);
    expect(JSON.parse(again.stdout).fingerprint).toBe(JSON.parse(first.stdout).fingerprint);
  });

  test('-q says the verdict alone, -v the elections, -vv every message', async () => {
    const lines = async (flag: string): Promise<string[]> =>
      (await desk.run(['short.yaml', flag])).stdout.trimEnd().split('\n');
    const quiet = await lines('-q');
    const verbose = await lines('-v');
    const all = await lines('-vv');
    expect(quiet).toHaveLength(1);
    expect(verbose.join('\n')).toMatch(/become leader/);
    expect(all.length).toBeGreaterThan(verbose.length + 10);
  });

  test('several reporters at once, each with its place', async () => {
    const words = ['short.yaml', '--reporter', 'console', '--reporter', 'json=sub/r.json'];
    const { stdout } = await desk.run(words);
    expect(stdout).toMatch(/^PASS/);
    expect(resultSchema.parse(JSON.parse(read('sub/r.json'))).seed).toBe(1);
  });

  test('colour only where asked', async () => {
    expect((await desk.run(['short.yaml'])).stdout).not.toContain('\u001b');
    expect((await desk.run(['short.yaml', '--color', 'always'])).stdout).toContain('\u001b[');
    const variables = { LICTOR_FORCE_TTY: '80x24' };
    expect((await desk.run(['short.yaml'], { variables })).stdout).toContain('\u001b[');
    const without = { variables: { ...variables, NO_COLOR: '1' } };
    const { stdout } = await desk.run(['short.yaml'], without);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n').length).toBeLessThanOrEqual(24);
  });
});

describe('exit codes', () => {
  test('1 for a violation, with the command that repeats it in the last line', async () => {
    const words = ['short.yaml', '--set', 'expect={violation: raft.vote-once}', '--seed', '3'];
    const { code, stdout } = await desk.run(words);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL short, seed 3: expected a violation of raft\.vote-once/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      "npx lictor run short.yaml --seed 3 --set 'expect={violation: raft.vote-once}'",
    );
  });
  test('2 for a limit', async () => {
    const { code, stdout } = await desk.run(['short.yaml', '--max-events', '100']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^UNKNOWN short, seed 1: the limit on events was reached/);
    expect(stdout).toMatch(/npx lictor run short\.yaml --seed 1 --max-events 100\n$/);
  });
  test('2 for what was not exercised, only with --strict', async () => {
    expect((await desk.run(['short.yaml'])).code).toBe(0);
    const { code, stdout } = await desk.run(['short.yaml', '--strict']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/never exercised, with --strict: raft\./);
  });
  test('4 for a threshold', async () => {
    const words = ['short.yaml', '--set', 'thresholds={kv.latency: p99<1us}'];
    const { code, stdout } = await desk.run(words);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^MISSED short, seed 1: kv\.latency is .* instead of p99<1us\n/);
  });
  test('65 for a bad scenario, with all problems, before anything runs', async () => {
    desk.write('bad.yaml', 'duratoin: 5s\nsettle: 5 parsecs\nfaults: [{ at: 1s, crash: s9 }]\n');
    const { code, stdout, stderr } = await desk.run(['short.yaml', 'bad.yaml']);
    expect(code).toBe(65);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^bad\.yaml:1:1 unknown field "duratoin", did you mean "duration"\?$/m);
    expect(stderr).toMatch(/^bad\.yaml:2:9 /m);
    expect(stderr).toMatch(/^bad\.yaml:3:27 unknown host "s9"/m);
    expect(existsSync(join(desk.folder, 'reports'))).toBe(false);
  });
  test('65 for a bad --set, said once', async () => {
    desk.write('other.yaml', SHORT);
    const words = ['short.yaml', 'other.yaml', '--set', 'network.lan.los=2%'];
    const { code, stderr } = await desk.run(words);
    expect(code).toBe(65);
    expect(stderr.match(/^--set:1:13 unknown field "los", did you mean "loss"\?$/gm)).toHaveLength(
      1,
    );
  });
  test('65 for two scenarios of one name, whose results would share a folder', async () => {
    desk.write('one.yaml', `name: same\n${SHORT}`);
    desk.write('two.yaml', `name: same\n${SHORT}`);
    const { code, stderr } = await desk.run(['one.yaml', 'two.yaml']);
    expect(code).toBe(65);
    expect(stderr).toBe(
      'Cannot run one.yaml and two.yaml together: both are named "same", and their results ' +
        'would share a folder. Give one another name.\n',
    );
  });
  test('65 for a folder without scenarios', async () => {
    mkdirSync(join(desk.folder, 'empty'));
    expect(await desk.run(['run', 'empty'])).toMatchObject({ code: 65 });
  });
  test('74 for a file that is not there, with the nearest one', async () => {
    const { code, stderr } = await desk.run(['run', 'shrt.yaml']);
    expect(code).toBe(74);
    expect(stderr).toMatch(/^Cannot read shrt\.yaml: no such file, did you mean "short\.yaml"\?/);
  });
  test('74 for results that cannot be written, before anything runs', async () => {
    desk.write('file', '');
    const { code, stdout, stderr } = await desk.run(['short.yaml', '--out', 'file/out']);
    expect(code).toBe(74);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Cannot write .*: a part of the path is a file\. Remove it, or /);
  });
  test('74 for a report that cannot be written, after the others were', async () => {
    mkdirSync(join(desk.folder, 'taken'));
    const words = ['short.yaml', '--reporter', 'console', '--reporter', 'json=taken'];
    const { code, stdout, stderr } = await desk.run(words);
    expect(code).toBe(74);
    expect(stdout).toMatch(/^PASS/);
    expect(stderr).toMatch(/a folder has that name/);
    expect(readdirSync(desk.folder)).not.toContain(expect.stringContaining('.tmp'));
  });
});

test('determinism can be verified', async () => {
  const { code, stdout } = await desk.run(['short.yaml', '--verify-determinism']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^PASS/);
});

describe('several runs', () => {
  test('give a summary, and folders only for what did not pass', async () => {
    const words = ['short.yaml', '--seeds', '1..3', '--reporter', 'json'];
    const { code, stdout } = await desk.run(words);
    expect(code).toBe(0);
    const summary = summarySchema.parse(JSON.parse(stdout));
    expect(summary.runs.map(({ seed }) => seed)).toEqual([1, 2, 3]);
    expect(readdirSync(join(desk.folder, 'reports/out/short'))).toEqual(['summary.json']);
    expect(JSON.parse(read('reports/out/short/summary.json')).runs).toEqual(summary.runs);
    await desk.run([...words, '--keep']);
    expect(readdirSync(join(desk.folder, 'reports/out/short')).sort()).toEqual([
      '1',
      '2',
      '3',
      'summary.json',
    ]);
  });

  test('of a folder, in the order of names', async () => {
    mkdirSync(join(desk.folder, 'many/deep'), { recursive: true });
    for (const name of ['b.yaml', 'a.yml', 'deep/c.yaml', 'readme.txt']) {
      writeFileSync(join(desk.folder, 'many', name), SHORT);
    }
    const { code, stdout } = await desk.run(['run', 'many', '--reporter', 'json']);
    expect(code).toBe(0);
    const { scenarios } = summarySchema.parse(JSON.parse(stdout));
    expect(scenarios.map(({ file }) => file)).toEqual([
      'many/a.yml',
      'many/b.yaml',
      'many/deep/c.yaml',
    ]);
  });

  test('are the same in threads and without', async () => {
    const words = ['short.yaml', '--seeds', '1..6', '--reporter', 'json'];
    const runs = async (jobs: string): Promise<unknown> => {
      const { stdout } = await desk.run([...words, '--jobs', jobs]);
      const summary = summarySchema.parse(JSON.parse(stdout));
      return summary.runs.map((run) => ({ ...run, wallSeconds: 0, eventsPerSecond: 0 }));
    };
    expect(await runs('2')).toEqual(await runs('1'));
  });

  test('the first Ctrl-C ends after the run under way, and reports', async () => {
    const words = ['short.yaml', '--seeds', '1..5', '--jobs', '1'];
    const { code, stdout, stderr } = await desk.run(words, {
      onBreath: (press, breath) => {
        if (breath === 2) press();
      },
    });
    expect(code).toBe(130);
    expect(stdout).toMatch(/^INTERRUPTED short, seeds 1\.\.5: 2 of 5 runs, all pass\n/);
    expect(stderr).toMatch(/^Interrupted: the runs under way are finished first/);
    expect(JSON.parse(read('reports/out/short/summary.json'))).toMatchObject({
      interrupted: true,
      planned: 5,
      finished: 2,
    });
    expect(desk.exitCode).toBeNull();
  });

  test('the second Ctrl-C ends at once', async () => {
    await desk.run(['short.yaml', '--seeds', '1..5', '--jobs', '1'], {
      onBreath: (press, breath) => {
        if (breath !== 2) return;
        press();
        press();
      },
    });
    expect(desk.exitCode).toBe(130);
  });
});
