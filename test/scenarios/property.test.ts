/** Whatever it is given, the loader answers with a scenario or with problems that have a place. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Loaded, NotLoaded } from '../../scenarios/load.ts';
import { formatIssue, loadScenario } from '../../scenarios/load.ts';
import { FULL } from './support.ts';

function isAnswer(result: Loaded | NotLoaded): boolean {
  if (result.ok) return Object.isFrozen(result.scenario) && result.scenario.durationMicros > 0;
  return (
    result.issues.length > 0 &&
    result.issues.every(
      (issue) =>
        issue.line >= 1 &&
        issue.column >= 1 &&
        issue.message.length > 0 &&
        !/undefined|\[object|NaN is/.test(issue.message) &&
        !formatIssue(issue).includes('\n'),
    )
  );
}

const loads = (input: string | Uint8Array, overrides: readonly string[] = []): boolean =>
  isAnswer(loadScenario(input, { file: 'any.yaml', overrides }));

test('arbitrary bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => loads(bytes)),
    { numRuns: 300 },
  );
});

test('arbitrary text', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 });
  fc.assert(
    fc.property(text, (one) => loads(one)),
    { numRuns: 300 },
  );
});

test('arbitrary YAML below every key of the language', () => {
  const keys = [...FULL.matchAll(/^(\w+):/gm)].map((match) => match[1]!);
  const value = fc.json({ maxDepth: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...keys), value, (key, json) =>
      loads(`duration: 9s\n${key}: ${json}\n`),
    ),
    { numRuns: 500 },
  );
});

/** The full scenario with parts cut out, doubled, swapped or replaced by pieces of other places. */
const mutant = fc
  .array(
    fc.record({
      at: fc.nat(FULL.length),
      cut: fc.nat(12),
      put: fc.oneof(
        fc.constantFrom(
          ' ',
          '\n',
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '-',
          '"',
          '&a ',
          '*a',
          '5s',
          's9',
          '%',
          '~',
        ),
        fc
          .nat(FULL.length - 20)
          .chain((from) => fc.nat(20).map((size) => FULL.slice(from, from + size))),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((edits) =>
    edits.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), FULL),
  );

test('the full scenario, damaged', () => {
  fc.assert(
    fc.property(mutant, (text) => loads(text)),
    { numRuns: 500 },
  );
});

test('arbitrary overrides', () => {
  const path = fc.constantFrom(
    'duration',
    'faults.0.at',
    'load.kv.rate',
    'cluster',
    'network.lan.loss',
    'x',
    '',
  );
  const override = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc
      .tuple(path, fc.oneof(fc.json({ maxDepth: 2 }), fc.string({ maxLength: 10 })))
      .map((two) => two.join('=')),
  );
  fc.assert(
    fc.property(fc.array(override, { maxLength: 3 }), (all) => loads(FULL, all)),
    { numRuns: 300 },
  );
});

test('the same text gives the same answer', () => {
  fc.assert(
    fc.property(mutant, (text) => {
      const once = loadScenario(text, { file: 'any.yaml' });
      expect(loadScenario(text, { file: 'any.yaml' })).toEqual(once);
    }),
    { numRuns: 30 },
  );
});
