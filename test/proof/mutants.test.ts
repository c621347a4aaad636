/** Which mistakes are drawn, and that each is a mistake in one place. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { drawn } from './mutants/draw.ts';
import { mutantsOf, mutated, OPERATORS } from './mutants/sites.ts';

function changed(text: string): string[] {
  return mutantsOf('sim/example.ts', text).map((mutant) => mutated(text, mutant));
}

test.each([
  ['x(a < b);', [';', 'x(a <= b);']],
  ['if (a === 1) b();', ['if (!(a === 1)) b();', 'if (a === 2) b();', 'if (a === 1) ;']],
  ['const x = a !== b;', ['const x = a === b;']],
  ['const x = a && b;', ['const x = a || b;']],
  [
    'const x = Math.min(a, -b / c);',
    ['const x = Math.max(a, -b / c);', 'const x = Math.min(a, -b * c);'],
  ],
  ['const x = 40;', ['const x = 80;']],
  ['const x = true;', ['const x = false;']],
  ["const x = a + 'text';", []],
  ['const x: 1 | true = `${a + b}`;', []],
  ['function f() { assert(a < b); throw new E(1); }', []],
  [
    'function f() { if (a) return; }',
    ['function f() { if (!(a)) return; }', 'function f() { if (a) ; }'],
  ],
])('%s', (text, expected) => {
  expect(changed(text)).toEqual(expected);
});

const RAFT = ['append-entries', 'vote', 'leader', 'types'].map((name) => {
  const file = `sim/protocol/raft/${name}.ts`;
  return { file, text: readFileSync(file, 'utf8') };
});
const MUTANTS = RAFT.flatMap(({ file, text }) => mutantsOf(file, text));

test('a sample is the same whatever changes elsewhere', () => {
  const sample = drawn(MUTANTS, 30, 1);
  const others = MUTANTS.filter((one, at) => sample.includes(one) || at % 2 === 0);
  expect(drawn(others.toReversed(), 30, 1)).toEqual(sample);
  expect(drawn(MUTANTS, 30, 2)).not.toEqual(sample);
  expect(new Set(MUTANTS.map(({ key }) => key)).size).toBe(MUTANTS.length);
  const operators = new Set(MUTANTS.map(({ operator }) => operator));
  expect([...operators].sort()).toEqual(Object.keys(OPERATORS).sort());
});

test('what is drawn is a program still', () => {
  for (const mutant of drawn(MUTANTS, 30, 1)) {
    const { text } = RAFT.find(({ file }) => file === mutant.file)!;
    const after = mutated(text, mutant);
    expect(after).not.toBe(text);
    const { diagnostics } = ts.transpileModule(after, { reportDiagnostics: true });
    expect(diagnostics, mutant.key).toEqual([]);
  }
});
