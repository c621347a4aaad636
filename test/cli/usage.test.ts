/** What the command line says to those who get it wrong, and to those who ask. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withVerb } from '../../sim/cli/main.ts';
import { createProgram } from '../../sim/cli/program.ts';
import { Desk, SHORT } from './support/host.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desk.write('short.yaml', SHORT);
});
afterEach(() => desk.clear());

describe('exit code 64', () => {
  test.each([
    ['an unknown verb', ['rnu', 'short.yaml'], /unknown command 'rnu'\n\(Did you mean run\?\)/],
    [
      'an unknown option',
      ['run', 'short.yaml', '--job', '7'],
      /'--job'\n\(Did you mean --jobs\?\)/,
    ],
    ['a missing operand', ['run'], /missing required argument 'file'/],
    ['a missing value', ['run', 'short.yaml', '--seed'], /argument missing/],
    ['too many operands', ['explain', 'a', 'b'], /too many arguments/],
    ['no words at all', [], /Usage: lictor/],
    ['a seed that is none', ['short.yaml', '--seed', '1.5'], /expected a whole number from 0/],
    [
      'a range that is none',
      ['short.yaml', '--seeds', '5'],
      /write a range, as in --seeds 1\.\.200/,
    ],
    ['a range backwards', ['short.yaml', '--seeds', '9..1'], /Write 1\.\.9\./],
    ['a huge range', ['short.yaml', '--seeds', '1..999999999'], /more than 100000 seeds/],
    ['seed and seeds', ['short.yaml', '--seed', '1', '--seeds', '1..2'], /Use one\./],
    ['quiet and verbose', ['short.yaml', '-q', '-v'], /contradict/],
    ['a reporter that is none', ['short.yaml', '--reporter', 'jsn'], /did you mean "json"\?/],
    ['a reporter without a path', ['short.yaml', '--reporter', 'json='], /no path after "="/],
    [
      'two reporters on stdout',
      ['short.yaml', '--reporter', 'json', '--reporter', 'console'],
      /Give one a file/,
    ],
    ['no jobs', ['short.yaml', '--jobs', '0'], /expected 1 to 256/],
    ['a limit that is none', ['short.yaml', '--max-events', 'many'], /such as 50000 or 5M/],
    ['a colour that is none', ['short.yaml', '--color', 'alway'], /did you mean "always"\?/],
    ['watching without a terminal', ['watch', 'short.yaml'], /this is not a terminal.* -v/],
    ['an unknown kind', ['list', 'fault'], /did you mean "faults"\?/],
    [
      'an unknown name',
      ['explain', 'raft.elections-safety'],
      /did you mean "raft\.election-safety"\?/,
    ],
    ['an unknown document', ['schema', 'results'], /did you mean "result"\?/],
    ['a name that is no name', ['new', 'a b.yaml'], /a name has letters, digits, dots and dashes/],
  ])('for %s', async (_, words, message) => {
    const { code, stdout, stderr } = await desk.run(words);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(64);
  });
});

describe('help', () => {
  test('lists exactly the verbs there are', async () => {
    const { code, stdout } = await desk.run(['--help']);
    expect(code).toBe(0);
    const verbs = [...stdout.matchAll(/^ {2}([a-z]+) .*? {2}/gm)].map(([, verb]) => verb);
    expect(verbs).toEqual([
      'run',
      'sweep',
      'compare',
      'watch',
      'explore',
      'shrink',
      'replay',
      'merge',
      'report',
      'query',
      'validate',
      'check',
      'list',
      'explain',
      'new',
      'schema',
      'doctor',
      'help',
    ]);
    expect(stdout.split('\n').every((line) => line.length <= 100)).toBe(true);
  });

  test('of each verb opens with three examples', async () => {
    const verbs = createProgram({ stdout: {}, stderr: {} } as never, () => {}).commands;
    expect(verbs.length).toBeGreaterThan(6);
    for (const verb of verbs) {
      const { code, stdout } = await desk.run([verb.name(), '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Examples:\n( {2}(npx )?lictor .+\n){3}\nUsage: lictor /);
    }
  });

  test('knows the version', async () => {
    expect(await desk.run(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });
});

test('a bare file means run', () => {
  const verbs = ['run', 'list'];
  const run = ['run', 'x.yaml'];
  expect(withVerb(['x.yaml'], verbs)).toEqual(run);
  expect(withVerb(['x.YML', '-q'], verbs)).toEqual(['run', 'x.YML', '-q']);
  expect(withVerb(['scenarios/basic'], verbs)).toEqual(['run', 'scenarios/basic']);
  expect(withVerb(['--seed', '7', 'x.yaml'], verbs)).toEqual(['run', '--seed', '7', 'x.yaml']);
  expect(withVerb(run, verbs)).toBe(run);
  for (const words of [[], ['list'], ['help'], ['--help'], ['rnu', 'x.yaml'], ['--version']]) {
    expect(withVerb(words, verbs)).toBe(words);
  }
});
