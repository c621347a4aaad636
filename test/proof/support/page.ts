/** Pages under docs/proof/: what was done, by which command, and the table that came out. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { VERSION } from '../../../sim/run/version.ts';

export interface PageOptions {
  /** Seeds 1..n of everything. */
  readonly seeds?: number;
  /** Where the page goes; docs/proof/NAME.md by default. */
  readonly page?: string;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Page extends Table {
  readonly name: string;
  readonly heading: string;
  /** What the table shows and how it was made, in sentences. */
  readonly text: string;
  readonly seeds: number;
  /** Where it is not `npm run proof -- NAME --seeds N`. */
  readonly command?: string;
  /** Further tables, each under its own heading and text. */
  readonly more?: readonly (Table & { readonly heading: string; readonly text: string })[];
}

function linesOf({ columns, rows }: Table): string[] {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const align = columns.map((_, at) =>
    rows.every((row) => typeof row[at] === 'number') ? '---:' : '---',
  );
  return [line(columns), line(align), ...rows.map(line), ''];
}

export function writePage(page: Page, file?: string): void {
  const { name, heading, text, seeds, more = [] } = page;
  const node = process.versions.node.split('.')[0];
  const target = file ?? `docs/proof/${name}.md`;
  mkdirSync(dirname(target), { recursive: true });
  const lines = [
    `# ${heading}`,
    '',
    text,
    '',
    '```sh',
    page.command ?? `npm run proof -- ${name} --seeds ${seeds}`,
    '```',
    '',
    `Version ${VERSION}, commit ${COMMIT}, Node ${node}` +
      (page.command === undefined ? `, seeds 1 to ${seeds}.` : '.'),
    '',
    ...linesOf(page),
    ...more.flatMap((one) => [`## ${one.heading}`, '', one.text, '', ...linesOf(one)]),
  ];
  writeFileSync(target, lines.join('\n'));
  process.stderr.write(`${target}\n`);
}

/** The commit that was proved, marked where files differ from it. */
function commit(): string {
  const git = (...words: string[]): string =>
    execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--', 'sim', 'scenarios') !== '';
    return git('rev-parse', '--short', 'HEAD') + (changed ? ' with changes' : '');
  } catch {
    return 'unknown';
  }
}

/** As the proof begins: the code goes on while it runs. */
const COMMIT = commit();
