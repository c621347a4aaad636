/** Every rule has a test or a reason, every tag a rule, and the page says so. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { complaints, fidelityPage, readReferences, readRuleLists } from '../support/fidelity.ts';
import type { RuleList } from '../support/fidelity.ts';
import { ref, referencesIn } from '../support/reference.ts';

/** Tags of the paper's sentences, which have a page of their own. */
const PAPER = /^paper /;
const LISTS = readRuleLists();
const REFERENCES = readReferences();

describe('the lists of rules', () => {
  test('have a test or a reason for each', () => {
    expect(complaints(LISTS, REFERENCES, PAPER)).toEqual([]);
  });

  test('are what docs/fidelity.md shows', async () => {
    const page = fidelityPage(LISTS, REFERENCES);
    await expect(page).toMatchFileSnapshot('../../docs/fidelity.md');
  });

  test('leave no departure from the Raft paper without a test', () => {
    const page = readFileSync(
      new URL('../../docs/raft-paper-deviations.md', import.meta.url),
      'utf8',
    );
    const told = [...page.matchAll(/^\| (paper [^|]+?) +\|/gm)].map(([, tag]) => tag);
    const shown = REFERENCES.map(({ tag }) => tag).filter((tag) => PAPER.test(tag));
    expect(told.length).toBeGreaterThan(10);
    expect(new Set(shown)).toEqual(new Set(told));
    expect(new Set(told).size).toBe(told.length);
  });
});

describe('the check', () => {
  const list = (rules: RuleList['sections'][number]['rules']): RuleList[] => [
    { title: 'T', about: 'A', sections: [{ section: '1', title: 'S', rules }] },
  ];
  const rule = { rule: 'x 1', statement: 'It does.', source: 'somewhere' };
  const shown = { tag: 'x 1', statement: 'it does', file: 'test/x.test.ts' };

  test('complains about a rule without test and reason', () => {
    expect(complaints(list([rule]), [], PAPER)).toEqual(['x 1 has neither a test nor a reason']);
    expect(complaints(list([{ ...rule, reason: '' }]), [], PAPER)).toHaveLength(1);
    expect(complaints(list([rule]), [shown], PAPER)).toEqual([]);
    expect(complaints(list([{ ...rule, reason: 'later' }]), [], PAPER)).toEqual([]);
  });

  test('complains about a reason that has become stale, and about doubles', () => {
    expect(complaints(list([{ ...rule, reason: 'later' }]), [shown], PAPER)).toHaveLength(1);
    expect(complaints(list([rule, rule]), [shown], PAPER)).toHaveLength(1);
  });

  test('complains about a test of a rule that does not exist', () => {
    expect(complaints(list([]), [shown], PAPER)).toEqual([
      'test/x.test.ts shows x 1, which no list has',
    ]);
    expect(complaints(list([]), [{ ...shown, tag: 'paper 5.1 #1' }], PAPER)).toEqual([]);
  });

  test('reads the calls of a test file, and refuses what it cannot read', () => {
    expect(ref('x 1', 'it does')).toBe('x 1 · it does');
    const text =
      "test(ref('x 1', 'it does'));\ntest(\n  ref(\n    'x 2',\n    \"it's done\",\n  ),\n);";
    expect(referencesIn('f', text)).toEqual([
      { tag: 'x 1', statement: 'it does', file: 'f' },
      { tag: 'x 2', statement: "it's done", file: 'f' },
    ]);
    expect(() => referencesIn('f', 'test(ref(tag, statement));')).toThrow('two literals');
  });
});
