/**
 * `docs/fidelity.md`: every rule of the models, and the tests that show it or the reason why it is not
 * modelled. Rules live in `docs/fidelity/*.json`; which test shows which rule is read from the calls
 * of `ref` in the test files.
 *
 * To write the page anew run this file with the pinned Node, or `npx vitest run test/protocol -u`.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { referencesIn } from './reference.ts';
import type { Reference } from './reference.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const LISTS = join(ROOT, 'docs/fidelity');
const PAGE = join(ROOT, 'docs/fidelity.md');
/** These call `ref` to test it. */
const ABOUT_REFERENCES = /^test\/protocol\/fidelity\.test\.ts$/;

export interface Rule {
  /** Tag, such as `raft 1.6 #3`. */
  readonly rule: string;
  readonly statement: string;
  /** Where anybody can check it: repository, file and function, or section of a paper. */
  readonly source: string;
  /** Why no test shows it. */
  readonly reason?: string;
}

export interface RuleList {
  readonly title: string;
  readonly about: string;
  readonly sections: readonly {
    readonly section: string;
    readonly title: string;
    readonly rules: readonly Rule[];
  }[];
}

export function readRuleLists(): RuleList[] {
  const files = readdirSync(LISTS).filter((name) => name.endsWith('.json'));
  return files.sort().map((name) => JSON.parse(readFileSync(join(LISTS, name), 'utf8')));
}

/** Every call of `ref` in the test files, in the order of their paths. */
export function readReferences(folder = join(ROOT, 'test')): Reference[] {
  const found: Reference[] = [];
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      found.push(...readReferences(path));
    } else if (entry.name.endsWith('.test.ts')) {
      const file = relative(ROOT, path).split(sep).join('/');
      if (!ABOUT_REFERENCES.test(file))
        found.push(...referencesIn(file, readFileSync(path, 'utf8')));
    }
  }
  return found;
}

export function rulesOf(lists: readonly RuleList[]): Rule[] {
  return lists.flatMap(({ sections }) => sections.flatMap(({ rules }) => rules));
}

/** What is wrong with the lists: rules that nothing answers for, tests of rules that do not exist. */
export function complaints(
  lists: readonly RuleList[],
  references: readonly Reference[],
  elsewhere: RegExp,
): string[] {
  const found: string[] = [];
  const rules = rulesOf(lists);
  const known = new Set<string>();
  const tested = new Set(references.map(({ tag }) => tag));
  for (const { rule, statement, source, reason } of rules) {
    if (known.has(rule)) found.push(`${rule} stands in the list twice`);
    known.add(rule);
    if (statement === '' || source === '') found.push(`${rule} lacks a statement or a source`);
    if (tested.has(rule) && reason !== undefined) found.push(`${rule} has a test and a reason`);
    if (!tested.has(rule) && !reason) found.push(`${rule} has neither a test nor a reason`);
  }
  for (const { tag, file } of references) {
    if (!known.has(tag) && !elsewhere.test(tag))
      found.push(`${file} shows ${tag}, which no list has`);
  }
  return found;
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Links to the files that show a rule; not how often, so that the page seldom changes. */
function shownBy(rule: string, references: readonly Reference[]): string {
  const files = new Set(references.filter(({ tag }) => tag === rule).map(({ file }) => file));
  return [...files]
    .map((file) => {
      const name = file.slice(file.lastIndexOf('/') + 1).replace('.test.ts', '');
      return `[${name}](../${file})`;
    })
    .join(', ');
}

export function fidelityPage(lists: readonly RuleList[], references: readonly Reference[]): string {
  const rules = rulesOf(lists);
  const shown = rules.filter(({ reason }) => reason === undefined).length;
  const lines = [
    '# Fidelity',
    '',
    'Which rule of the real programs is shown by which test, or why it is not modelled. Each rule is',
    'told in our own words, with the place where it can be checked. Written by',
    '`npx vitest run test/protocol -u` from `docs/fidelity/*.json` and the tests; do not edit.',
    '',
    `${rules.length} rules: ${shown} shown by tests, ${rules.length - shown} with a reason.`,
  ];
  for (const { title, about, sections } of lists) {
    lines.push('', `## ${title}`, '', about);
    for (const { section, title: name, rules: own } of sections) {
      lines.push('', `### ${section} ${name}`, '');
      lines.push('| rule | what it says | source | shown by |', '| --- | --- | --- | --- |');
      for (const { rule, statement, source, reason } of own) {
        const answer = reason === undefined ? shownBy(rule, references) : `_${escape(reason)}_`;
        lines.push(`| ${rule} | ${escape(statement)} | ${escape(source)} | ${answer} |`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(PAGE, fidelityPage(readRuleLists(), readReferences()));
}
