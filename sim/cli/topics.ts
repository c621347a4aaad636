/** Everything that has a name, from the registries: for `list` and `explain`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXPORTS } from '../../reports/export/names.ts';
import { REPORTERS } from '../../reports/registry.ts';
import { describeSchema, describeVocabulary } from '../../scenarios/describe.ts';
import type { FieldDoc } from '../../scenarios/describe.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { FAULT_KINDS } from '../../scenarios/vocabulary.ts';
import { recordedModels } from '../check/recorded.ts';
import { INVARIANTS } from '../check/registry.ts';
import { exitCodeRows } from './exit-codes.ts';
import { libraryFiles, libraryFolder } from './inputs.ts';

/** Kinds of named things, as `list` calls them; each holds the singular for `explain`. */
export const KINDS = {
  scenarios: 'scenario',
  faults: 'fault',
  invariants: 'invariant',
  metrics: 'metric',
  plants: 'planted bug',
  bugs: 'open bug',
  classes: 'message class',
  models: 'model of recorded histories',
  reporters: 'reporter',
  exports: 'export format',
  keys: 'key of the scenario language',
  'exit-codes': 'exit code',
} as const;
export type Kind = keyof typeof KINDS;

export interface Topic {
  readonly kind: Kind;
  readonly name: string;
  /** One sentence or two. */
  readonly summary: string;
  /** What `explain` adds: label and text. */
  readonly details: readonly (readonly [label: string, text: string])[];
}

export function topicsOf(kind: Kind): Topic[] {
  switch (kind) {
    case 'scenarios':
      return scenarioTopics();
    case 'faults':
      return termsOf(kind, 'fault').map((topic) => ({
        ...topic,
        details: faultDetails(topic.name),
      }));
    case 'invariants':
      return Object.values(INVARIANTS).map(({ name, statement, expectation, source }) => ({
        kind,
        name,
        summary: statement,
        details: [
          ['must hold', EXPECTATIONS[expectation]],
          ['source', source],
        ],
      }));
    case 'metrics':
      return termsOf(kind, 'metric').map((topic) => ({
        ...topic,
        details: [['threshold', `thresholds: { ${topic.name}: ${exampleThreshold(topic.name)} }`]],
      }));
    case 'plants':
      return termsOf(kind, 'plant').map((topic) => ({
        ...topic,
        details: [['turn on', `plant: [${topic.name}], or --set plant=[${topic.name}]`]],
      }));
    case 'bugs':
      return termsOf(kind, 'open bug').map((topic) => ({
        ...topic,
        details: [
          ['turn off', `fix: [${topic.name}], or known_issues: fix for all of them`],
          ['otherwise', 'what it breaks is reported as known, with its reference'],
        ],
      }));
    case 'classes':
      return termsOf(kind, 'message class').map((topic) => ({
        ...topic,
        summary: 'A class of messages; a prefix, such as raft, names all below it.',
        details: [['use', `only: [${topic.name}] in a fault on traffic`]],
      }));
    case 'models':
      return recordedModels().map(([name, summary]) => ({
        kind,
        name,
        summary,
        details: [['use', `lictor check FILE --model ${name}`]],
      }));
    case 'reporters':
      return Object.entries(REPORTERS).map(([name, { description }]) => ({
        kind,
        name,
        summary: description,
        details: [['use', `--reporter ${name}, or --reporter ${name}=FILE`]],
      }));
    case 'exports':
      return Object.entries(EXPORTS).map(([name, { description }]) => ({
        kind,
        name,
        summary: description,
        details: [['use', `--export ${name}`]],
      }));
    case 'keys':
      return keyTopics();
    case 'exit-codes':
      return exitCodeRows().map(([code, meaning]) => ({
        kind,
        name: String(code),
        summary: meaning,
        details: [],
      }));
    default:
      return kind satisfies never;
  }
}

const EXPECTATIONS = {
  always: 'at every moment',
  eventually: 'at the end of settle, or within its time',
  sometimes: 'at least once in the run',
} as const;

function termsOf(kind: Kind, term: ReturnType<typeof describeVocabulary>[number]['kind']): Topic[] {
  return describeVocabulary()
    .filter((one) => one.kind === term)
    .map(({ name, description }) => ({ kind, name, summary: description, details: [] }));
}

function exampleThreshold(metric: string): string {
  if (metric.endsWith('availability')) return '">99%"';
  return /latency|recovery|failover|outage/.test(metric) ? '"p99<1s"' : '"<10"';
}

function scenarioTopics(): Topic[] {
  return libraryFiles().flatMap((file): Topic[] => {
    const place = join(libraryFolder(), file);
    const loaded = loadScenario(readFileSync(place), { file });
    if (!loaded.ok) return [];
    const name = file.replaceAll('\\', '/').replace(/\.ya?ml$/i, '');
    const details = [['run', `lictor run ${name}`]] as const;
    return [{ kind: 'scenarios', name, summary: loaded.scenario.description, details }];
  });
}

/** The fields of one kind of fault, its verb first; those of all kinds are only named. */
function faultDetails(name: string): Topic['details'] {
  const verb = `faults[].${name}`;
  const fields = describeSchema().filter(
    ({ option, path }) => option.split(', ').includes(name) && path.startsWith('faults[]'),
  );
  const own = fields.filter(({ option }) => option.split(', ').length < FAULT_KINDS.length - 1);
  const sorted = [
    ...own.filter(({ path }) => path === verb),
    ...own.filter(({ path }) => path !== verb),
  ];
  return [
    ...sorted.map((field) => [field.path.replace('faults[].', ''), fieldText(field)] as const),
    ['begins', 'at: T, every: T or when: CONDITION; "lictor explain at" and the like say more'],
  ];
}

function keyTopics(): Topic[] {
  return describeSchema().map((field) => ({
    kind: 'keys',
    name: field.path,
    summary: field.description,
    details: [
      ['written', field.syntax],
      ...(field.option === '' ? [] : [['with', field.option] as const]),
      ...(field.required ? [['default', 'none: it is required'] as const] : []),
      ...(field.fallback === '' ? [] : [['default', field.fallback] as const]),
    ],
  }));
}

function fieldText({ syntax, description, fallback }: FieldDoc): string {
  const standard = fallback === '' ? '' : ` Default ${fallback}.`;
  return `${syntax}. ${description}${standard}`;
}

/** True for `load.kv.rate` and `load.<loads>.rate`, `hosts.s1.cpu` and `hosts.<hosts>.cpu`. */
export function matchesKey(pattern: string, path: string): boolean {
  const steps = pattern.replaceAll('[]', '').split('.');
  const given = path.replaceAll(/\[\d*\]/g, '').split('.');
  if (steps.length !== given.length) return false;
  return steps.every((step, i) => step === given[i] || (step.startsWith('<') && given[i] !== ''));
}
