/** The verbs that run nothing, or little. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { INVARIANT_NAMES } from '../../scenarios/vocabulary.ts';
import { EXIT_MEANINGS } from '../../sim/cli/exit-codes.ts';
import { matchesKey, KINDS, topicsOf } from '../../sim/cli/topics.ts';
import type { Kind } from '../../sim/cli/topics.ts';
import { EXIT } from '../../sim/run/result.ts';
import { Desk, SHORT } from './support/host.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desk.write('short.yaml', SHORT);
});
afterEach(() => desk.clear());

describe('validate', () => {
  test('estimates what a run costs', async () => {
    const { code, stdout } = await desk.run(['validate', 'short.yaml']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^short\.yaml: ok; a run takes about [\d ]+ events, \S+, [\d ]+ MiB\n$/);
  });

  test('tells all problems of all files', async () => {
    desk.write('a.yaml', 'duration: 5\n');
    desk.write('b.yaml', '- 1\n');
    const { code, stdout, stderr } = await desk.run(['validate', 'a.yaml', 'short.yaml', 'b.yaml']);
    expect(code).toBe(65);
    expect(stdout).toMatch(/^short\.yaml: ok/);
    expect(stderr).toMatch(/^a\.yaml:1:11 .*\n {4}duration: 5\n {14}\^\nb\.yaml:1:1 /);
    expect(stderr).toMatch(/2 problems in 2 files\.\n$/);
  });

  test('warns of what has no effect', async () => {
    const { code, stderr } = await desk.run([
      'validate',
      'short.yaml',
      '--set',
      'network.wan.latency=1ms',
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: .*"wan" has no effect/);
  });
});

describe('--print-config', () => {
  test('is the scenario with every default, and where each value is from', async () => {
    const words = ['run', 'short.yaml', '--print-config', '--set', 'load.kv.rate=5/s'];
    const { code, stdout } = await desk.run(words);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^duration: 2s # short\.yaml:2$/m);
    expect(stdout).toMatch(/^ {4}rate: 5\/s # --set:1:14$/m);
    expect(stdout).toMatch(/^ {2}consul: .* # default$/m);
    expect(existsSync(join(desk.folder, 'reports'))).toBe(false);
    desk.write('full.yaml', stdout);
    const full = await desk.run(['run', 'full.yaml', '--print-config']);
    expect(parse(full.stdout)).toEqual(parse(stdout));
  });
});

describe('list', () => {
  test('names every invariant', async () => {
    const { stdout } = await desk.run(['list', 'invariants']);
    const names = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(names).toEqual(INVARIANT_NAMES);
  });

  test('names the bundled scenarios, which run by these names', async () => {
    const { stdout } = await desk.run(['list', 'scenarios']);
    expect(stdout).toMatch(/^basic\/leader-crash +The leader is killed\./m);
    const printed = await desk.run(['run', 'basic/leader-crash', '--print-config']);
    expect(printed).toMatchObject({ code: 0 });
  });

  test('shows a line for each on a screen', async () => {
    const variables = { LICTOR_FORCE_TTY: '60x24' };
    const { stdout } = await desk.run(['list'], { variables });
    expect(stdout.split('\n').every((line) => line.length <= 60)).toBe(true);
  });
});

describe('explain', () => {
  test.each([
    ['raft.election-safety', /^raft\.election-safety: invariant\n(.|\n)*source .*§5/],
    ['crash', /^crash: fault\n(.|\n)* how /],
    ['buy.latency', /^<load>\.latency: metric/],
    ['raft.failover', /^raft\.failover: metric/],
    ['load.kv.rate', /^load\.<loads>\.rate: key of the scenario language/],
    ['raft_multiplier', /raft_multiplier: key of the scenario language/],
    ['65', /^65: exit code\n {2}bad scenario/],
    ['B4', /^B4: planted bug\n(.|\n)*plant: \[B4\]/],
    ['B9', /^B9: open bug\n(.|\n)*fix: \[B9\]/],
    ['raft.vote', /^raft\.vote: message class/],
    ['json', /^json: reporter/],
    ['list-append', /^list-append: model of recorded histories/],
    ['leader-crash', /^basic\/leader-crash: scenario/],
  ])('knows %s', async (name, expected) => {
    const { code, stdout } = await desk.run(['explain', name]);
    expect(stdout).toMatch(expected);
    expect(code).toBe(0);
  });

  test('has a sentence for everything that is listed', () => {
    const kinds = Object.keys(KINDS) as Kind[];
    const topics = kinds.flatMap(topicsOf);
    const silent = topics.filter(({ summary }) => summary.trim().length < 4);
    expect(silent.map(({ kind, name }) => `${kind} ${name}`)).toEqual([]);
    expect(Object.keys(EXIT_MEANINGS)).toEqual(Object.keys(EXIT));
  });

  test('matches the free names of keys', () => {
    expect(matchesKey('load.<loads>.rate', 'load.kv.rate')).toBe(true);
    expect(matchesKey('faults[].at', 'faults[2].at')).toBe(true);
    expect(matchesKey('load.<loads>.rate', 'load.kv.keys')).toBe(false);
    expect(matchesKey('load.<loads>.rate', 'load.kv')).toBe(false);
  });
});

test('check judges the history that a run left', async () => {
  await desk.run(['short.yaml', '-q']);
  const history = 'reports/out/short/1/history.ndjson';
  const { code, stdout } = await desk.run(['check', history, '--model', 'consul-default']);
  expect(stdout).toMatch(/pass consul-default: \d+ operations/);
  expect(code).toBe(0);
  const wrong = await desk.run(['check', history]);
  expect(wrong).toMatchObject({ code: 64, stdout: '' });
});

describe('new', () => {
  test('writes a scenario that is valid and passes', async () => {
    const { code, stdout } = await desk.run(['new', 'deep/mine']);
    expect(code).toBe(0);
    expect(stdout).toBe('deep/mine.yaml written. Run it with: npx lictor run deep/mine.yaml\n');
    const text = readFileSync(join(desk.folder, 'deep/mine.yaml'), 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/.*scenario\.schema\.json\n/);
    const ran = await desk.run(['deep/mine.yaml', '--strict', '-q']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
  });

  test('has no line that is wrong once it is uncommented', async () => {
    await desk.run(['new', 'mine.yaml']);
    const file = join(desk.folder, 'mine.yaml');
    const text = readFileSync(file, 'utf8');
    const examples = /^( *)# (- \{|(?:agent|network|disks|clocks):)/gm;
    expect(text.match(examples)?.length).toBeGreaterThan(4);
    desk.write('all.yaml', text.replaceAll(examples, '$1$2'));
    expect((await desk.run(['validate', 'all.yaml'])).stderr).toBe('');
  });

  test('refuses to overwrite', async () => {
    const { code, stderr } = await desk.run(['new', 'short.yaml']);
    expect(code).toBe(74);
    expect(stderr).toMatch(/^Cannot write short\.yaml: it exists already\./);
    expect(readFileSync(join(desk.folder, 'short.yaml'), 'utf8')).toBe(SHORT);
  });
});

test.each(['scenario', 'result', 'summary'])('schema prints that of a %s', async (name) => {
  const { code, stdout } = await desk.run(['schema', name]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' });
});

test('doctor looks at determinism and speed', async () => {
  const { code, stdout } = await desk.run(['doctor']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ok +node +\d+\./m);
  expect(stdout).toMatch(/^ok +determinism +two runs of .* are the same: [0-9a-f]{16}$/m);
  expect(stdout).toMatch(/ speed +\S+ [kM] events\/s/);
});
