/**
 * `docs/reference/*.md`: every name of the scenario language and the command line, from the
 * registries that the code uses. `npm run docs` writes the pages, a test finds stale ones.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { helpGroups } from '../../reports/terminal/help.ts';
import { createProgram } from '../../sim/cli/program.ts';
import { topicsOf } from '../../sim/cli/topics.ts';
import type { Kind, Topic } from '../../sim/cli/topics.ts';

export const FOLDER = fileURLToPath(new URL('../../docs/reference', import.meta.url));

const INTRODUCTIONS: Readonly<Partial<Record<Kind, readonly [title: string, text: string]>>> = {
  scenarios: ['Bundled scenarios', 'Each is run by its name: `lictor run leader-crash`.'],
  faults: [
    'Faults',
    'The verbs of `faults:`, with their fields; `lictor explain crash` says the same.',
  ],
  invariants: [
    'Invariants',
    'What every run checks, unless `invariants: { without: [...] }` says not.',
  ],
  metrics: ['Metrics', 'What a run measures; `<load>` is the name of a load of the scenario.'],
  plants: [
    'Planted bugs',
    'Bugs that `plant:` puts into the programs, to see that they are caught.',
  ],
  bugs: [
    'Open bugs',
    'Bugs of the real programs, on unless `fix:` or `known_issues: fix` takes them out.',
  ],
  classes: ['Message classes', 'Words for `only:`; a prefix names all classes below it.'],
  models: ['Models of recorded histories', 'Words for `lictor check --model`.'],
  reporters: ['Reporters', 'Words for `--reporter`, which may be repeated, each with `=FILE`.'],
  exports: ['Exports', 'Words for `--export`; several are separated by commas.'],
  keys: ['Keys of the scenario language', 'How each key is written, and what holds without it.'],
  'exit-codes': ['Exit codes', 'Of several runs the gravest counts: 70, 3, 1, 2, 4, 130, 0.'],
};

/** Text of each page by its file name. */
export function referencePages(): Record<string, string> {
  const pages: Record<string, string> = {};
  for (const [kind, introduction] of Object.entries(INTRODUCTIONS)) {
    pages[`${kind}.md`] = pageOf(kind as Kind, introduction);
  }
  return { ...pages, 'commands.md': commandsPage(), 'terminal.md': terminalPage() };
}

const WRITTEN = 'Written by `npm run docs` from the registries; do not edit.';

function pageOf(kind: Kind, [title, text]: readonly [string, string]): string {
  const topics = topicsOf(kind);
  const lines = [`# ${title}`, '', text, WRITTEN, ''];
  const long = kind === 'faults' || kind === 'invariants';
  lines.push(...(long ? topics.flatMap(section) : tableOf(topics)));
  return `${lines.join('\n')}\n`;
}

function section({ name, summary, details }: Topic): string[] {
  const rows = details.map(([label, text]) => `- \`${label}\`: ${escape(text)}`);
  return [`## ${name}`, '', escape(summary), '', ...rows, ''];
}

function tableOf(topics: readonly Topic[]): string[] {
  const labels = [...new Set(topics.flatMap(({ details }) => details.map(([label]) => label)))];
  const rows = topics.map(({ name, summary, details }) => {
    const cells = labels.map((label) => details.find(([own]) => own === label)?.[1] ?? '');
    return `| ${[`\`${name}\``, ...[summary, ...cells].map(escape)].join(' | ')} |`;
  });
  const head = ['name', 'meaning', ...labels];
  return [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows];
}

function terminalPage(): string {
  const lines = ['# Keys of the terminal', '', 'What keys do in `lictor watch`.', WRITTEN, ''];
  for (const { title, rows } of helpGroups()) {
    lines.push(`## ${title}`, '', '| key | meaning |', '| --- | --- |');
    for (const { keys, help } of rows) lines.push(`| \`${escape(keys)}\` | ${escape(help)} |`);
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function commandsPage(): string {
  const program = createProgram({ stdout: {}, stderr: {} } as never, () => {});
  const lines = ['# Commands', '', '`lictor VERB --help` opens with examples.', WRITTEN, ''];
  for (const command of program.commands) {
    lines.push(`## ${command.name()}`, '', `\`lictor ${command.name()} ${command.usage()}\``, '');
    lines.push(escape(command.description()), '');
    const rows = [
      ...command.registeredArguments.map((one) => [one.name(), one.description]),
      ...command.options.map((option) => [option.flags, option.description]),
    ];
    if (rows.length > 0) lines.push('| word | meaning |', '| --- | --- |');
    for (const [name, text] of rows) lines.push(`| \`${escape(name!)}\` | ${escape(text!)} |`);
    if (rows.length > 0) lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function escape(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;').trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(referencePages())) {
    writeFileSync(join(FOLDER, name), text);
  }
}
