/**
 * Every command that the documentation shows is run, page by page in a folder of its own, with few
 * seeds: it must end with the exit code that the page says.
 */
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Desk } from '../cli/support/host.ts';
import { FOLDER, referencePages } from '../support/reference-pages.ts';
import { commandsIn, splitWords } from './shell.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const chapterOf = (name: string): number => Number.parseInt(name, 10);
const guide = readdirSync(join(ROOT, 'docs/guide'))
  .sort((a, b) => chapterOf(a) - chapterOf(b))
  .map((name) => `docs/guide/${name}`);
const PAGES = ['README.md', ...guide];

const name: string = '@duckdb/node-api';
const hasDuckdb = await import(name).then(
  () => true,
  () => false,
);

describe('the commands of', () => {
  test.each(PAGES)(
    '%s do what it says',
    async (page) => {
      const commands = commandsIn(page, readFileSync(join(ROOT, page), 'utf8'));
      expect(commands.length).toBeGreaterThan(1);
      const desk = new Desk();
      symlinkSync(join(ROOT, 'scenarios'), join(desk.folder, 'scenarios'));
      try {
        for (const { words, exitCode } of commands) {
          if (words[0] === 'query' && !hasDuckdb) continue;
          const { code, stderr } = await desk.run(words.map(fewer));
          // With so few seeds an invariant of a swarm may stay unexercised; what fails, fails.
          expect(code, `lictor ${words.join(' ')}\n${stderr}`).toBe(exitCode);
        }
      } finally {
        desk.clear();
      }
    },
    120_000,
  );
});

/** The commands are shown to work; how many seeds they run does not matter to that. */
function fewer(word: string): string {
  return word.replace(/^1\.\.\d{2,}$/, '1..2');
}

test('a line is read as a shell would read it', () => {
  expect(splitWords(`npx lictor run x --set 'a=[B4]' "b c"d # why`)).toEqual([
    'npx',
    'lictor',
    'run',
    'x',
    '--set',
    'a=[B4]',
    'b cd',
  ]);
  const [command] = commandsIn('x', "```sh\nnpx lictor run x#1 'a # b' # exit code 3\n```\n");
  expect(command).toEqual({ page: 'x', words: ['run', 'x#1', 'a # b'], exitCode: 3 });
});

describe('docs/reference', () => {
  const pages = referencePages();

  test.each(Object.keys(pages))('%s is fresh (npm run docs writes it)', (page) => {
    expect(readFileSync(join(FOLDER, page), 'utf8')).toBe(pages[page]);
  });

  test('has no other pages', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(pages).sort());
  });
});

test('the guide is a path: each chapter names the next', () => {
  guide.forEach((page, at) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const next = guide[at + 1];
    if (next !== undefined) expect(text).toContain(`](${next.replace('docs/guide/', '')})`);
    for (const [, link] of text.matchAll(/\]\(([^)]+)\)/g)) {
      const target = new URL(link!, new URL(`../../${page}`, import.meta.url));
      expect(() => readFileSync(target)).not.toThrow();
    }
  });
});
