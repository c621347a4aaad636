/**
 * The code base checks itself: who imports whom, sizes, banned syntax, sources of nondeterminism,
 * dead files, words that do not belong here. Each rule is also shown to fail on a bad example.
 */
import { describe, expect, test } from 'vitest';
import { deadFiles, wrongImports } from './tidy/imports.ts';
import { tooLong, undeterministic, unerasable } from './tidy/language.ts';
import { readTextFiles } from './tidy/sources.ts';
import { forbiddenWords } from './tidy/words.ts';

const FILES = readTextFiles();
const SOURCES = FILES.filter(({ path }) => path.endsWith('.ts'));

describe('the code base', () => {
  test('is found', () => {
    expect(SOURCES.map(({ path }) => path)).toContain('test/tidy.test.ts');
  });
  test('imports only downwards', () => {
    expect(SOURCES.flatMap(wrongImports)).toEqual([]);
  });
  test('has no dead files', () => {
    expect(deadFiles(SOURCES)).toEqual([]);
  });
  test('keeps files and functions short', () => {
    expect(SOURCES.flatMap(tooLong)).toEqual([]);
  });
  test('runs by type stripping alone', () => {
    expect(SOURCES.flatMap(unerasable)).toEqual([]);
  });
  test('is deterministic inside sim/', () => {
    expect(SOURCES.flatMap(undeterministic)).toEqual([]);
  });
  test('names no machine and no registry', () => {
    expect(FILES.flatMap(forbiddenWords)).toEqual([]);
  });
});

describe('the rules', () => {
  const complain = (text: string, path = 'sim/core/example.ts'): string[] => {
    const file = { path, text };
    const rules = [wrongImports, tooLong, unerasable, undeterministic, forbiddenWords];
    return rules.flatMap((rule) => rule(file));
  };

  test.each([
    ['import upwards', "import { run } from '../run/run.ts';", 'sim/core/example.ts'],
    [
      'a value where types are allowed',
      "import { x } from '../sim/core/x.ts';",
      'reports/example.ts',
    ],
    ['the program', "import { main } from '../cli/main.ts';", 'sim/run/example.ts'],
    ['ink at the start', "import { render } from 'ink';", 'sim/cli/example.ts'],
    ['a file in no layer', 'export {};', 'sim/elsewhere/example.ts'],
    ['a long file', '\n'.repeat(501), 'scenarios/example.ts'],
    ['a long function', `function f() {${'\n'.repeat(90)}}`, 'scenarios/example.ts'],
    ['enum', 'enum Colour { Red }', 'scenarios/example.ts'],
    ['parameter property', 'class A { constructor(readonly a: number) {} }', 'test/example.ts'],
    ['wall time', 'const t = Date.now();', 'sim/check/example.ts'],
    ['wall time in a run', 'const t = performance.now();', 'sim/run/example.ts'],
    ['a random number', 'const t = Math.random();', 'sim/core/example.ts'],
    ['a logarithm', 'const t = Math.log(2);', 'sim/core/example.ts'],
    ['Math in pieces', 'const { log } = Math;', 'sim/core/example.ts'],
    ['a power', 'const t = 2 ** 0.5;', 'sim/core/example.ts'],
    ['a promise', 'const t = Promise.resolve();', 'sim/core/example.ts'],
    ["Node's process", 'const t = process.env;', 'sim/core/example.ts'],
    ['a generator', 'function* f() {}', 'sim/core/example.ts'],
    ['a counter', 'let next = 0;', 'sim/core/example.ts'],
    ['a locale', "const t = 'a'.localeCompare('b');", 'sim/core/example.ts'],
    ['the order of keys', 'for (const key in {}) key;', 'sim/core/example.ts'],
    ['a folder', `// see ${['', 'tmp', 'x'].join('/')}`, 'docs/example.md'],
    ['a registry', `// see ${['registry', 'npmjs', 'org'].join('.')}`, 'docs/example.md'],
  ])('complain about %s', (_, text, path) => {
    expect(complain(text, path)).toHaveLength(1);
  });

  test.each([
    ["import type { Row } from '../sim/core/trace.ts';", 'reports/example.ts'],
    ['const t = Math.floor(1.5);', 'sim/core/example.ts'],
    ['const t = performance.now();', 'sim/run/wall.ts'],
    ['const t = 2 ** 20 + 2 ** -1000;', 'sim/core/example.ts'],
    ['const process = 1; export const t = process;', 'sim/core/example.ts'],
    ['interface A { Date: string; process: number }', 'sim/core/example.ts'],
    ["const { render } = await import('ink');", 'sim/cli/example.ts'],
  ])('let pass %s', (text, path) => {
    expect(complain(text, path)).toEqual([]);
  });

  test('find a dead file', () => {
    const files = [
      { path: 'sim/core/alive.ts', text: "import './used.ts';" },
      { path: 'sim/core/used.ts', text: '' },
    ];
    expect(deadFiles(files)).toEqual(['sim/core/alive.ts is imported by nobody']);
  });
});
