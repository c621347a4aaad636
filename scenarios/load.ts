/**
 * YAML text -> Scenario, or every problem of the text at once. Never throws, whatever it is given,
 * and its time and memory are bounded by the size of the text, which has a limit.
 */
import type * as z from 'zod';
import { checkScenario } from './checks.ts';
import type { Issue } from './errors.ts';
import { tidyIssues } from './errors.ts';
import { countFaults, readHosts } from './hosts.ts';
import type { Config } from './origins.ts';
import { complete, originOf } from './origins.ts';
import { applyOverrides } from './overrides.ts';
import { resolveScenario } from './resolve/scenario.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioDraft } from './schema.ts';
import { scenarioSchema } from './schema.ts';
import type { MapNode, Path, Place } from './tree.ts';
import { formatPath, placeOf, toPlain } from './tree.ts';
import { findWarnings } from './warnings.ts';
import { FILE_BYTES_MAX, readYaml } from './yaml-guard.ts';

export type { Config } from './origins.ts';
export type { Issue } from './errors.ts';
export { formatIssue } from './errors.ts';

export interface LoadOptions {
  /** The file as it should be named in messages; its base name is the default name. */
  readonly file: string;
  /** Values of `--set`, in the order given. */
  readonly overrides?: readonly string[];
}

export interface Loaded {
  readonly ok: true;
  readonly scenario: Scenario;
  /** Everything the scenario says and everything it leaves to defaults, in the language. */
  readonly config: Config;
  /** What the file and the overrides say, and nothing else. */
  readonly written: Config;
  /** Where each value of `config` comes from: `default`, `file:line` or `--set:1:12`. */
  readonly origins: ReadonlyMap<string, string>;
  /** Seeds of a sweep or comparison. */
  readonly repeat: number;
  /** What is allowed but will have no effect. */
  readonly warnings: readonly Issue[];
}

export interface NotLoaded {
  readonly ok: false;
  readonly issues: readonly Issue[];
}

/** Loads a scenario from its text, or from the bytes of its file. */
export function loadScenario(input: string | Uint8Array, options: LoadOptions): Loaded | NotLoaded {
  const text = decode(input);
  const reporter = new Reporter(text, options);
  const read = readYaml(text);
  for (const { place, message } of read.problems) reporter.add(place, message);
  if (!read.root) return reporter.fail();
  if (read.root.kind !== 'map') {
    reporter.add(read.root.place, describeRoot(read.root.kind, toPlain(read.root)));
    return reporter.fail();
  }
  return loadTree(read.root, reporter, options);
}

function loadTree(root: MapNode, reporter: Reporter, options: LoadOptions): Loaded | NotLoaded {
  for (const { place, message } of applyOverrides(root, options.overrides ?? [])) {
    reporter.add(place, message);
  }
  const raw = toPlain(root);
  const checked = scenarioSchema.safeParse(raw);
  const tell = (path: Path, message: string, at: 'key' | 'value' = 'value'): void =>
    reporter.add(placeOf(root, path, at), message, path);
  for (const issue of checked.error?.issues ?? []) tellZodIssue(issue, tell);
  for (const { path, message, at } of checkScenario(raw)) tell(path, message, at);
  const table = readHosts(raw);
  if (!checked.success || !table || reporter.count > 0) return reporter.fail();
  const draft: ScenarioDraft = checked.data;
  const scenario = resolveScenario({
    draft,
    table,
    fallbackName: nameFromFile(options.file),
    originOf: (path) => originOf(root, path, options.file),
    faultCount: countFaults(raw),
    complain: tell,
  });
  if (reporter.count > 0) return reporter.fail();
  const warnings: Issue[] = findWarnings(raw, draft, scenario).map(({ path, message }) =>
    reporter.issue(placeOf(root, path, 'key'), message, path),
  );
  const { config, origins } = complete(raw, root, options.file);
  const named = { name: scenario.name, ...config };
  if (!origins.has('name')) (origins as Map<string, string>).set('name', 'default');
  const { repeat } = draft;
  const written = raw as Config;
  return {
    ok: true,
    scenario: freeze(scenario),
    config: named,
    written,
    origins,
    repeat,
    warnings,
  };
}

type Tell = (path: Path, message: string, at?: 'key' | 'value') => void;

function tellZodIssue(issue: z.core.$ZodIssue, tell: Tell): void {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code !== 'unrecognized_keys') {
    const last = path.at(-1);
    const missing = issue.message === 'is missing' && last !== undefined;
    if (missing) tell(path.slice(0, -1), `needs "${String(last)}"`, 'key');
    else tell(path, issue.message, issue.code === 'custom' ? issue.params?.['at'] : undefined);
    return;
  }
  const messages = issue.message.split('\n');
  for (const [index, key] of issue.keys.entries()) {
    tell([...path, key], messages[index] ?? `unknown field "${key}"`, 'key');
  }
}

/** Collects problems of one text with their files and lines. */
class Reporter {
  readonly #file: string;
  readonly #lines: readonly string[];
  readonly #overrides: readonly string[];
  readonly #issues: Issue[] = [];

  constructor(text: string, options: LoadOptions) {
    this.#file = options.file;
    this.#lines = text.length > FILE_BYTES_MAX ? [] : text.split('\n');
    this.#overrides = options.overrides ?? [];
  }

  get count(): number {
    return this.#issues.length;
  }

  issue(place: Place, message: string, path: Path = []): Issue {
    const { source, line, column } = place;
    const written = source === 0 ? this.#lines[line - 1] : this.#overrides[source - 1];
    return {
      file: source === 0 ? this.#file : `--set:${source}`,
      line,
      column,
      path: formatPath(path),
      message,
      source: (written ?? '').replace('\r', '').slice(0, 1000),
    };
  }

  add(place: Place, message: string, path: Path = []): void {
    this.#issues.push(this.issue(place, message, path));
  }

  fail(): NotLoaded {
    return { ok: false, issues: tidyIssues(this.#issues) };
  }
}

function decode(input: string | Uint8Array): string {
  // Bytes that are not UTF-8 become U+FFFD, which is then reported with its place.
  return typeof input === 'string'
    ? input
    : new TextDecoder('utf-8', { ignoreBOM: true }).decode(input);
}

function describeRoot(kind: 'scalar' | 'list', value: unknown): string {
  if (value === null) return 'is empty; a scenario needs at least "duration: 60s"';
  const what = kind === 'list' ? 'a list' : 'a single value';
  return `is ${what}; a scenario is a map with fields such as "duration: 60s"`;
}

/** `scenarios/basic/leader-crash.yaml` -> `leader-crash`, safe as the name of a folder. */
function nameFromFile(file: string): string {
  const base = file.split(/[\\/]/).at(-1) ?? '';
  const name = base
    .replace(/\.ya?ml$/i, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return name === '' ? 'scenario' : name;
}

/** Freezes plain data all the way down; what several parts share is visited once. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}
