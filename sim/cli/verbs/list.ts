/** `lictor list`: the names there are, from the registries. */
import { readEnvironment } from '../../../reports/environment.ts';
import { shorten } from '../../../reports/text.ts';
import { suggest } from '../../../scenarios/errors.ts';
import { EXIT } from '../../run/result.ts';
import { usageError } from '../failure.ts';
import type { Host } from '../host.ts';
import { KINDS, topicsOf } from '../topics.ts';
import type { Kind, Topic } from '../topics.ts';

const NAME_WIDTH_MAX = 34;
/** Long lists that nobody asked for by name. */
const ONLY_BY_NAME: readonly Kind[] = ['keys', 'exit-codes'];

export function listVerb(host: Host, operands: readonly string[]): number {
  const [word] = operands;
  const all = Object.keys(KINDS) as Kind[];
  const kinds = word === undefined ? all.filter((kind) => !ONLY_BY_NAME.includes(kind)) : [word];
  const { tty, columns } = readEnvironment(host.variables, host.stdout);
  for (const [index, word] of kinds.entries()) {
    const kind = all.find((candidate) => candidate === word);
    if (kind === undefined)
      throw usageError(`Cannot list ${word}: no such kind${suggest(word, all)}`);
    const topics = topicsOf(kind);
    if (kinds.length > 1) host.stdout.write(`${index > 0 ? '\n' : ''}${kind}\n`);
    // A pipe gets whole sentences, so that a search finds all of them.
    host.stdout.write(rows(topics, tty ? columns : Infinity, kinds.length > 1 ? '  ' : ''));
  }
  return EXIT.pass;
}

function rows(topics: readonly Topic[], columns: number, indent: string): string {
  const width = Math.min(NAME_WIDTH_MAX, Math.max(...topics.map(({ name }) => name.length)));
  return topics
    .map(({ name, summary }) => {
      const left = `${indent}${name.padEnd(width)}  `;
      const text = summary.replaceAll(/\s+/g, ' ').trim();
      return `${left}${shorten(text, columns - left.length)}`.trimEnd() + '\n';
    })
    .join('');
}
