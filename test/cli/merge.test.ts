/** `lictor merge`, several reporters at once, reporters of one's own. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Summary } from '../../sim/explore/summary.ts';
import { Desk, SHORT } from './support/host.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desk.write('short.yaml', SHORT);
});
afterEach(() => desk.clear());

const read = (file: string): string => readFileSync(join(desk.folder, file), 'utf8');

/** Without what may differ between two executions. */
function timeless(text: string): unknown {
  const summary = JSON.parse(text) as Summary;
  const { wallSeconds: _w, eventsPerSecond: _e, command: _c, ...rest } = summary;
  const runs = rest.runs.map(({ wallSeconds: _wall, eventsPerSecond: _speed, ...run }) => run);
  return { ...rest, runs };
}

async function shards(parts: number, words: readonly string[] = []): Promise<string[]> {
  const files = Array.from({ length: parts }, (_, at) => `${at + 1}.blob`);
  for (const [at, file] of files.entries()) {
    const shard = ['--shard', `${at + 1}/${parts}`, '--reporter', `blob=${file}`, '-q'];
    await desk.run(['run', 'short.yaml', '--seeds', '1..5', ...shard, ...words]);
  }
  return files;
}

describe('merge', () => {
  test('gives what one campaign would have given, in any order, with or without copies', async () => {
    const files = await shards(3);
    const whole = await desk.run(['run', 'short.yaml', '--seeds', '1..5', '--reporter', 'json']);
    const forth = await desk.run(['merge', ...files, '--reporter', 'json']);
    expect(forth.code).toBe(0);
    expect(timeless(forth.stdout)).toEqual(timeless(whole.stdout));
    const twice = [...files.toReversed(), files[1]!];
    const back = await desk.run(['merge', ...twice, '--reporter', 'json']);
    expect(timeless(back.stdout)).toEqual(timeless(whole.stdout));
    const pooled = (JSON.parse(forth.stdout) as Summary).scenarios[0]!.metrics['kv.latency']!
      .pooled;
    expect(pooled!.p99).toBeGreaterThan(0);
  });

  test('says what is missing, which nobody knows', async () => {
    const [first, , third] = await shards(3);
    const { code, stdout, stderr } = await desk.run(['merge', first!, third!]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^UNKNOWN short, seeds 1\.\.5: 3 of 5 runs/);
    expect(stderr).toBe('2 runs of the campaign are missing.\n');
  });

  test('refuses what does not belong together', async () => {
    await shards(1);
    await desk.run([
      'run',
      'short.yaml',
      '--seed',
      '9',
      '--strict',
      '--reporter',
      'blob=other.blob',
    ]);
    const options = await desk.run(['merge', '1.blob', 'other.blob']);
    expect(options.code).toBe(65);
    expect(options.stderr).toContain('they are of different scenarios or options');
    const none = await desk.run(['merge', 'short.yaml']);
    expect(none.code).toBe(65);
    expect((await desk.run(['merge', 'nowhere.blob'])).code).toBe(74);
  });

  test('finds two runs of one seed that were not the same', async () => {
    const [file] = await shards(1);
    const changed = read(file!).replace(/"fingerprint":"[0-9a-f]{16}"/, '"fingerprint":"0"');
    writeFileSync(join(desk.folder, 'changed.blob'), changed);
    const { code, stderr } = await desk.run(['merge', file!, 'changed.blob']);
    expect(code).toBe(3);
    expect(stderr).toContain('short, seed 1 ended differently in them');
  });
});

describe('several reporters at once', () => {
  const words = ['run', 'short.yaml', '--seeds', '1..2', '--reporter', 'minimal'];

  test('write each to its place', async () => {
    const files = ['json=a/x.json', 'junit=x.xml', 'markdown=x.md', 'sarif=x.sarif'];
    const { code, stdout } = await desk.run([
      ...words,
      ...files.flatMap((file) => ['--reporter', file]),
    ]);
    expect(code).toBe(0);
    expect(stdout).toBe('PASS short, seeds 1..2: 2 runs, all pass\n');
    expect(JSON.parse(read('a/x.json'))).toMatchObject({ finished: 2 });
    expect(read('x.xml')).toContain('tests="2" failures="0"');
    expect(read('x.md')).toContain('## PASS short, seeds 1..2');
  });

  test('are complete where the campaign was interrupted', async () => {
    const files = ['json=x.json', 'junit=x.xml', 'markdown=x.md', 'sarif=x.sarif', 'blob=x.blob'];
    const all = ['run', 'short.yaml', '--seeds', '1..5', '--jobs', '1', '--reporter', 'console'];
    const { code, stdout } = await desk.run(
      [...all, ...files.flatMap((file) => ['--reporter', file])],
      { onBreath: (press, breath) => void (breath === 3 && press()) },
    );
    expect(code).toBe(130);
    expect(stdout).toMatch(/^INTERRUPTED short, seeds 1\.\.5: 3 of 5 runs/);
    expect(JSON.parse(read('x.json'))).toMatchObject({ finished: 3, interrupted: true });
    expect(read('x.xml')).toMatch(/tests="3"[\s\S]*<\/testsuites>\n$/);
    expect(read('x.md')).toContain('3 of 5 runs');
    expect(JSON.parse(read('x.sarif')).runs[0].invocations[0].executionSuccessful).toBe(false);
    const merged = await desk.run(['merge', 'x.blob', '-q']);
    expect(merged.code).toBe(2);
    expect(merged.stdout).toContain('3 of 5 runs');
  });

  test.each(['onStart', 'onRun', 'onEnd'])('go on when one throws in %s', async (when) => {
    desk.write(
      'mine.mjs',
      `export default ({ sink }) => ({
        ${when}() { throw new Error('no idea') },
      });\n`,
    );
    const both = ['--reporter', './mine.mjs=mine.txt', '--reporter', 'json=x.json'];
    const { code, stdout, stderr } = await desk.run([...words, ...both]);
    expect(code).toBe(74);
    expect(stdout).toBe('PASS short, seeds 1..2: 2 runs, all pass\n');
    expect(stderr).toContain('Cannot report with ./mine.mjs: no idea. Use another --reporter.');
    expect(JSON.parse(read('x.json'))).toMatchObject({ finished: 2 });
    expect(existsSync(join(desk.folder, 'mine.txt'))).toBe(false);
  });

  test("may be one's own", async () => {
    desk.write(
      'mine.mjs',
      `export default ({ sink }) => ({
        onRun: ({ seed }) => sink.write('seed ' + seed + ';'),
        onEnd: ({ summary }) => sink.write(summary.verdict),
      });\n`,
    );
    const { code, stdout } = await desk.run([...words.slice(0, -2), '--reporter', './mine.mjs']);
    expect([code, stdout]).toEqual([0, 'seed 1;seed 2;pass']);
    const wrong = await desk.run([...words.slice(0, -2), '--reporter', './none.mjs']);
    expect(wrong.code).toBe(64);
    desk.write('bad.mjs', 'export default 3;\n');
    const bad = await desk.run([...words.slice(0, -2), '--reporter', './bad.mjs']);
    expect(bad.stderr).toContain('its default export is no function');
  });
});
