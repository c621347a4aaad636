/** A scenario with `sweep:` -> every combination of its values, each loaded and checked. */
import type { Issue } from './errors.ts';
import { tidyIssues } from './errors.ts';
import type { Loaded, LoadOptions, NotLoaded } from './load.ts';
import { loadScenario } from './load.ts';
import { parseValues, valueText } from './schema/sweep.ts';
import { applyOverrides } from './overrides.ts';
import type { Place } from './tree.ts';
import { formatPath, nodeAt, placeOf, toPlain } from './tree.ts';
import { readYaml } from './yaml-guard.ts';

/** Combinations beyond this are more than a table or a plot can show. */
export const SETTINGS_MAX = 1000;

/** One value of one key, as written in `--set path=value`. */
export interface Parameter {
  readonly path: string;
  readonly value: string;
}

/** One combination. */
export interface Setting {
  readonly parameters: readonly Parameter[];
  /** What was asked for by `--set`, then the parameters. */
  readonly overrides: readonly string[];
  readonly loaded: Loaded;
}

export interface Expanded {
  readonly ok: true;
  readonly base: Loaded;
  /** The first key varies slowest; without `sweep:` the one setting there is. */
  readonly settings: readonly Setting[];
}

/** Loads a scenario and all its settings; problems of a value are told at its place. */
export function expandSweep(text: string, options: LoadOptions): Expanded | NotLoaded {
  const base = loadScenario(text, options);
  if (!base.ok) return base;
  const overrides = options.overrides ?? [];
  const axes = Object.entries(base.config['sweep'] as Readonly<Record<string, unknown>>);
  let combinations: readonly (readonly Parameter[])[] = [[]];
  for (const [path, raw] of axes) {
    const values = parseValues(raw);
    if (!values.ok) throw new Error(`the sweep was not checked: ${values.reason}`);
    const parameters = values.value.map((value) => ({ path, value: valueText(value) }));
    if (combinations.length * parameters.length > SETTINGS_MAX) {
      return refuse(text, options, `has more than ${SETTINGS_MAX} combinations; leave some out`);
    }
    combinations = combinations.flatMap((before) => parameters.map((one) => [...before, one]));
  }
  const settings: Setting[] = [];
  const issues: Issue[] = [];
  for (const parameters of combinations) {
    const own = [...overrides, ...parameters.map(({ path, value }) => `${path}=${value}`)];
    const loaded = loadScenario(text, { file: options.file, overrides: own });
    if (loaded.ok) settings.push({ parameters, overrides: own, loaded });
    else issues.push(...loaded.issues.map((issue) => locate(issue, parameters, text, options)));
  }
  if (issues.length > 0) return { ok: false, issues: tidyIssues(issues) };
  return { ok: true, base, settings };
}

/** Where the value that an issue is about was written, instead of the override it became. */
function locate(
  issue: Issue,
  parameters: readonly Parameter[],
  text: string,
  options: LoadOptions,
): Issue {
  const given = options.overrides?.length ?? 0;
  const number = /^--set:(\d+)$/.exec(issue.file)?.[1];
  const parameter = parameters[Number(number ?? 0) - given - 1];
  if (parameter === undefined) return issue;
  return locateValue(issue, 'sweep', parameter, text, options);
}

/** The same issue at the place of the value below `key`. */
export function locateValue(
  issue: Issue,
  key: 'sweep' | 'draw',
  { path, value }: Parameter,
  text: string,
  options: LoadOptions,
): Issue {
  const message = `${path}=${value}: ${issue.message}`;
  return issueAt(text, options, [key, path], message, value);
}

function refuse(text: string, options: LoadOptions, message: string): NotLoaded {
  return { ok: false, issues: [issueAt(text, options, ['sweep'], message)] };
}

function issueAt(
  text: string,
  { file, overrides = [] }: LoadOptions,
  path: readonly string[],
  message: string,
  value?: string,
): Issue {
  const { root } = readYaml(text);
  let place: Place = { source: 0, line: 1, column: 1 };
  if (root?.kind === 'map') {
    applyOverrides(root, overrides);
    const node = nodeAt(root, path);
    const items = node?.kind === 'list' ? node.items.map((item) => valueText(toPlain(item))) : [];
    const at = value === undefined ? -1 : items.indexOf(value);
    const exact = at < 0 ? path : [...path, at];
    place = placeOf(root, exact, node?.kind === 'map' ? 'key' : 'value');
  }
  const source =
    place.source === 0 ? text.split('\n')[place.line - 1] : overrides[place.source - 1];
  return {
    file: place.source === 0 ? file : `--set:${place.source}`,
    line: place.line,
    column: place.column,
    path: formatPath(path),
    message,
    source: (source ?? '').replace('\r', '').slice(0, 1000),
  };
}
