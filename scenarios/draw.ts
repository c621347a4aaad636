/** A scenario with `draw:` -> the values of one seed, as what `--set` would say. */
import type { Issue } from './errors.ts';
import { tidyIssues } from './errors.ts';
import type { Config, LoadOptions } from './load.ts';
import { loadScenario } from './load.ts';
import { parseValues, valueText } from './schema/sweep.ts';
import { locateValue } from './sweep.ts';

/** One of `count` values of the key at `path`, from 0. */
export type Choose = (path: string, count: number) => number;

interface Axis {
  readonly path: string;
  /** As `--set` takes them. */
  readonly values: readonly string[];
}

function axesOf(config: Config): Axis[] {
  const axes = Object.entries((config['draw'] ?? {}) as Readonly<Record<string, unknown>>);
  return axes.map(([path, raw]) => {
    const values = parseValues(raw);
    if (!values.ok) throw new Error(`what is drawn was not checked: ${values.reason}`);
    return { path, values: values.value.map((value) => valueText(value)) };
  });
}

/** `path=value` of every key that is drawn. */
export function drawnOverrides(config: Config, choose: Choose): string[] {
  return axesOf(config).map(({ path, values }) => {
    return `${path}=${values[choose(path, values.length)]!}`;
  });
}

/** Problems of the values that seeds may draw, each by itself, at their places. */
export function checkDraw(text: string, config: Config, options: LoadOptions): Issue[] {
  const { file, overrides = [] } = options;
  const issues = axesOf(config).flatMap(({ path, values }) =>
    values.flatMap((value): Issue[] => {
      const loaded = loadScenario(text, { file, overrides: [`${path}=${value}`, ...overrides] });
      if (loaded.ok) return [];
      // Of the overrides the first is the value; those that were given come behind it.
      return loaded.issues.map((issue) =>
        issue.file === '--set:1'
          ? locateValue(issue, 'draw', { path, value }, text, options)
          : issue,
      );
    }),
  );
  return tidyIssues(issues);
}
