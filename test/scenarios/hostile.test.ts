/** Input that means harm ends in problems with a place: no exception, no hang, bounded memory. */
import { describe, expect, test } from 'vitest';
import { formatIssue, loadScenario } from '../../scenarios/load.ts';
import { problems } from './support.ts';

const MEBIBYTE = 1024 * 1024;

describe('text that is no scenario', () => {
  test.each([
    ['', '1:1 is empty; a scenario needs at least "duration: 60s"'],
    ['# only a comment\n', '1:1 is empty; a scenario needs at least "duration: 60s"'],
    ['- duration: 60s\n', '1:1 is a list; a scenario is a map with fields such as "duration: 60s"'],
    ['hello', '1:1 is a single value; a scenario is a map with fields such as "duration: 60s"'],
    [
      'duration: 60s\n---\nduration: 60s\n',
      '2:1 a second document begins here; one file is one scenario',
    ],
    ['duration: 60s\ncluster:\n\tservers: 3\n', '3:1 a tab indents this line; use spaces'],
    ['\tduration: 60s\n', '1:1 a tab indents this line; use spaces'],
    ['duration: 60s\nduration: 70s\n', '2:1 "duration" is already set on line 1; keep one of them'],
    [
      `duration: 60s\nname: ${'['.repeat(40)}${']'.repeat(40)}\n`,
      '2:39 is nested deeper than 32 levels',
    ],
    ['duration: 60s\n<<: { name: x }\n', /^2:1 unknown field "<<"/],
    ['duration: !!str 60s\n', '1:17 has the tag tag:yaml.org,2002:str; tags are not used here'],
    ['duration: !mine 60s\n', /^1:11 is not valid YAML: Unresolved tag: !mine$/],
    ['duration: *nothing\n', /^1:11 is not valid YAML: .*nothing$|no anchor before it$/],
    ['%YAML 1.1\n---\nduration: 60s\n', /^1:1 has a YAML directive/],
    ['duration: [60s\n', /^\d:\d+ is not valid YAML: /],
    ['duration: "60s\n', /^\d:\d+ is not valid YAML: /],
    ['duration: 60s\n? [a]\n: 1\n', '2:3 a key must be a plain word'],
    ['duration: 60s\n__proto__: { x: 1 }\n', '2:1 a key must be a plain word'],
    ['duration: 60s\nconstructor: 1\n', /^2:1 unknown field "constructor"/],
    ['duration: 60s\nload: { constructor: 1 }\n', /^2:22 expected a load such as/],
    ['duration: 60s\nthresholds: { toString: ">1" }\n', /^2:15 unknown metric "toString"/],
    ['name: a\0b\nduration: 60s\n', '1:8 has the control character 0x00; remove it'],
    ['duration: 60s\nname: "\uD800"\n', '2:8 is not UTF-8 text; save the file as UTF-8'],
  ])('%j', (text, expected) => {
    const [first, ...others] = problems(text);
    expect(others).toEqual([]);
    if (typeof expected === 'string') expect(first).toBe(expected);
    else expect(first).toMatch(expected);
  });

  test('bytes that are not UTF-8', () => {
    const bytes = new Uint8Array([0x61, 0x3a, 0x20, 0x0a, 0xff, 0xfe, 0x80]);
    const result = loadScenario(bytes, { file: 'x' });
    expect(!result.ok && formatIssue(result.issues[0]!)).toBe(
      'x:2:1 is not UTF-8 text; save the file as UTF-8',
    );
  });
});

describe('text that is only unusual', () => {
  test.each([
    ['CRLF', 'duration: 60s\r\nname: x\r\n'],
    ['a byte order mark', '\uFEFFduration: 60s\nname: x\n'],
    ['anchors', 'duration: &d 60s\nname: x\nsettle: *d\n'],
    ['a document mark', '---\nduration: 60s\nname: x\n...\n'],
  ])('%s', (_, text) => {
    const result = loadScenario(text, { file: 'test.yaml' });
    expect(result.ok && result.scenario.name).toBe('x');
  });

  test('places are right after CRLF and a byte order mark', () => {
    expect(problems('\uFEFFduration: 60s\r\nname: x\r\nsettel: 1s\r\n')).toEqual([
      '3:1 unknown field "settel", did you mean "settle"?',
    ]);
  });
});

/** Values that grow, or nest, or repeat without end. */
const BOMBS: Readonly<Record<string, string>> = {
  'a 10 MB file': `duration: 60s\n${'# padding\n'.repeat(MEBIBYTE)}`,
  'nested lists': `a: ${'['.repeat(200_000)}`,
  'nested maps': `a: ${'{a: '.repeat(100_000)}`,
  'nested dashes': '- '.repeat(200_000),
  'nested keys': '? '.repeat(200_000),
  'nested by indentation': Array.from({ length: 900 }, (_, depth) => `${' '.repeat(depth)}a:`).join(
    '\n',
  ),
  'aliases of aliases': [
    'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: 12 }, (_, index) => {
      const inner = Array.from({ length: 10 }, () => `*a${index}`).join(', ');
      return `a${index + 1}: &a${index + 1} [${inner}]`;
    }),
  ].join('\n'),
  'many aliases': `a: &a 1\nb: [${'*a, '.repeat(100_000)}]`,
  'an alias of itself': 'duration: &a [*a]',
  'many keys': Array.from({ length: 40_000 }, (_, index) => `k${index}: 1`).join('\n'),
  'many faults': `duration: 60s\nfaults:\n${'- { at: 1s, crash: s9 }\n'.repeat(20_000)}`,
  'many overlays': `duration: 60s\ndisks:\n${Array.from({ length: 15_000 }, (_, index) => `  s${index}: { fsync: 1ms }\n`).join('')}`,
  'a long key': `${'k'.repeat(500_000)}: 1`,
  'a long value': `name: ${'x'.repeat(500_000)}\nduration: 60s`,
  'a long number': `duration: ${'9'.repeat(500_000)}s`,
  'a long list of hosts': `duration: 60s\nfaults: [{ at: 1s, crash: [${'s1, '.repeat(50_000)}] }]`,
  'brackets that close nothing': '}'.repeat(200_000),
  'quotes that open nothing': '"'.repeat(200_000),
  'a table of a million points': `duration: 60s\ndisks: { all: { fsync: { table: [${'1ms, '.repeat(45_000)}] } } }`,
  'logs without end': `duration: 60s\ninitial: { s1: { log: [${'1, '.repeat(40_000)}] } }`,
  'a thousand loads of a thousand clients': `duration: 60s\nload:\n${Array.from({ length: 1000 }, (_, index) => `  l${index}: { kind: kv, clients: 1000, rate: 1/s, foo: 1 }\n`).join('')}`,
};

describe('bombs', () => {
  test.each(Object.entries(BOMBS))('%s', (_, text) => {
    const result = loadScenario(text, { file: 'bomb.yaml' });
    expect(result.ok).toBe(false);
    if (result.ok) return;
    expect(result.issues.length).toBeGreaterThan(0);
    expect(result.issues.length).toBeLessThanOrEqual(200);
    for (const issue of result.issues)
      expect(formatIssue(issue, { caret: true }).length).toBeLessThan(1500);
  });

  test('in overrides', () => {
    const overrides = [
      '['.repeat(60_000),
      `a=${'['.repeat(60_000)}`,
      `duration=${'x'.repeat(100_000)}`,
    ];
    const found = problems('duration: 60s', overrides);
    for (const number of [1, 2, 3]) {
      expect(found.some((text) => text.startsWith(`--set:${number}:`))).toBe(true);
    }
  });
});
