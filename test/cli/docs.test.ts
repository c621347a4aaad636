/** README and CONTRIBUTING say what is so: exit codes, verbs, options, files. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { exitCodeRows } from '../../sim/cli/exit-codes.ts';
import { createProgram } from '../../sim/cli/program.ts';

const ROOT = new URL('../../', import.meta.url);
const README = readFileSync(new URL('README.md', ROOT), 'utf8');
const CONTRIBUTING = readFileSync(new URL('CONTRIBUTING.md', ROOT), 'utf8');

test('the README has every exit code, with its meaning', () => {
  const plain = README.replaceAll('`', '');
  const missing = exitCodeRows().filter(([code, meaning]) => {
    const row = plain.split('\n').find((line) => line.startsWith(`| ${code} | `));
    return row === undefined || !row.startsWith(`| ${code} | ${meaning}`);
  });
  expect(missing).toEqual([]);
});

test('the commands they name exist, with their options', () => {
  const program = createProgram({ stdout: {}, stderr: {} } as never, () => {});
  const verbs = new Map(program.commands.map((command) => [command.name(), command]));
  const lines = `${README}\n${CONTRIBUTING}`.match(/lictor [a-z][^\n`]*/g)!;
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines.filter((text) => !/^lictor (is|does|a )/.test(text))) {
    const verb = line.split(' ')[1]!.replace(/\W+$/, '');
    if (!/\.yaml/.test(line.split(' ')[1]!)) expect([...verbs.keys()]).toContain(verb);
    for (const option of line.match(/--[a-z-]+/g) ?? []) {
      const known = verbs.get(verbs.has(verb) ? verb : 'run')!.options;
      expect(known.map(({ long }) => long)).toContain(option);
    }
  }
});

test('the files they name exist', () => {
  const names = `${README}\n${CONTRIBUTING}`.match(
    /\b(?:scenarios|sim|reports|test|docs|bin)\/[\w./-]*\w|\bLICENSE\b/g,
  )!;
  const ours = names.filter((name) => !/^reports\/out|my-idea/.test(name));
  expect(ours.length).toBeGreaterThan(20);
  const missing = ours.filter((name) => !existsSync(fileURLToPath(new URL(name, ROOT))));
  expect(missing).toEqual([]);
});
