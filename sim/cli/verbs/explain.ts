/** `lictor explain NAME`: what it is, how it is used, and where it comes from. */
import { readEnvironment } from '../../../reports/environment.ts';
import { wrap } from '../../../reports/text.ts';
import { nearest } from '../../../scenarios/errors.ts';
import { EXIT } from '../../run/result.ts';
import { usageError } from '../failure.ts';
import type { Host } from '../host.ts';
import { KINDS, matchesKey, topicsOf } from '../topics.ts';
import type { Kind, Topic } from '../topics.ts';

const LABEL_WIDTH = 13;

export function explainVerb(host: Host, operands: readonly string[]): number {
  const [name] = operands as [string];
  const topics = (Object.keys(KINDS) as Kind[]).flatMap(topicsOf);
  const found = findTopics(topics, name);
  if (found.length === 0) throw usageError(notFound(topics, name));
  const { columns } = readEnvironment(host.variables, host.stdout);
  const pages = found.map((topic) => describeTopic(topic, Math.min(columns, 100)));
  host.stdout.write(`${pages.map((lines) => lines.join('\n')).join('\n\n')}\n`);
  return EXIT.pass;
}

/** By its own name; else a metric of some load; else as a key, by its path or its last word. */
function findTopics(topics: readonly Topic[], name: string): Topic[] {
  const exact = topics.filter((topic) => topic.name === name);
  if (exact.length > 0) return distinct(exact);
  const metric = `<load>.${name.slice(name.indexOf('.') + 1)}`;
  const ofLoad = topics.filter((topic) => topic.kind === 'metrics' && topic.name === metric);
  if (ofLoad.length > 0 && name.includes('.')) return ofLoad;
  const keys = topics.filter(({ kind }) => kind === 'keys');
  const paths = keys.filter((topic) => matchesKey(topic.name, name));
  if (paths.length > 0) return distinct(paths);
  const scenarios = topics.filter(
    (topic) => topic.kind === 'scenarios' && topic.name.endsWith(`/${name}`),
  );
  if (scenarios.length > 0) return scenarios;
  return distinct(keys.filter((topic) => topic.name.endsWith(`.${name}`)));
}

/** Keys that several alternatives share are described once. */
function distinct(topics: readonly Topic[]): Topic[] {
  const seen = new Set<string>();
  return topics.filter(({ kind, name, summary }) => {
    const text = `${kind} ${name} ${summary}`;
    return !seen.has(text) && seen.add(text);
  });
}

function notFound(topics: readonly Topic[], name: string): string {
  const near = nearest(
    name,
    topics.flatMap((topic) => [topic.name, topic.name.split('.').at(-1)!]),
  );
  const hint = near === undefined ? '.' : `, did you mean "${near}"?`;
  return `Cannot explain ${name}: nothing has that name${hint} "lictor list" shows the names.`;
}

function describeTopic({ kind, name, summary, details }: Topic, columns: number): string[] {
  const lines = [
    `${name}: ${KINDS[kind]}`,
    ...wrap(summary, columns - 2).map((line) => `  ${line}`),
  ];
  for (const [label, text] of details) {
    const [first = '', ...rest] = wrap(text, columns - LABEL_WIDTH - 2);
    const gap = label.length >= LABEL_WIDTH ? ' ' : ' '.repeat(LABEL_WIDTH - label.length);
    lines.push(`  ${label}${gap}${first}`);
    lines.push(...rest.map((line) => `  ${' '.repeat(LABEL_WIDTH)}${line}`));
  }
  return lines;
}
