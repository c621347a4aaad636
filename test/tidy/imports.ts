/** Who may import whom: the layers of the project, lowest first. */
import type { SourceFile } from './sources.ts';
import { importsOf, isShipped } from './sources.ts';

/** Layers by path prefix; the longest prefix wins. `types` may be imported as types only. */
const LAYERS: Readonly<Record<string, { values: readonly string[]; types?: readonly string[] }>> = {
  'scenarios/': { values: [] },
  'sim/core/': { values: [] },
  'sim/protocol/': { values: ['sim/core/'] },
  'sim/consul/': { values: ['sim/service/', 'sim/protocol/', 'sim/core/'] },
  'sim/service/': { values: ['sim/core/'] },
  'sim/client/': { values: models(), types: ['scenarios/'] },
  'sim/faults/': { values: models(), types: ['scenarios/'] },
  'sim/check/': { values: models(), types: ['sim/client/', 'scenarios/'] },
  'sim/measure/': { values: [...models(), 'sim/client/', 'sim/faults/'], types: ['scenarios/'] },
  'sim/run/': { values: inside() },
  'sim/explore/': { values: inside() },
  'sim/index.ts': { values: inside() },
  'sim/cli/': { values: [...inside(), 'reports/'] },
  'reports/': { values: [], types: ['sim/', 'scenarios/'] },
};

/** Packages that may only be imported lazily, or inside the folder that is itself loaded lazily. */
const LAZY_PACKAGES: Readonly<Record<string, string>> = {
  ink: 'reports/terminal/',
  react: 'reports/terminal/',
};

/** Files that nothing imports because something else starts them. */
const ENTRY_POINTS = [
  /^sim\/cli\/main\.ts$/,
  /^sim\/index\.ts$/,
  /^scenarios\/schema\/write-json-schema\.ts$/,
  /^reports\/html\/page\/main\.ts$/,
];

function models(): string[] {
  return ['sim/consul/', 'sim/service/', 'sim/protocol/', 'sim/core/'];
}

function inside(): string[] {
  const parts = ['client', 'faults', 'check', 'measure', 'run', 'explore'];
  return [...models(), ...parts.map((part) => `sim/${part}/`), 'scenarios/'];
}

function layerOf(path: string): string | undefined {
  return Object.keys(LAYERS)
    .filter((prefix) => path.startsWith(prefix))
    .toSorted((left, right) => right.length - left.length)[0];
}

/** Imports that go against the direction, `path:line` and what to do instead. */
export function wrongImports(file: SourceFile): string[] {
  const layer = layerOf(file.path);
  if (!isShipped(file.path)) return [];
  if (layer === undefined) return [`${file.path}:1 lies in no layer; see test/tidy/imports.ts`];
  const allowed = LAYERS[layer]!;
  const wrong: string[] = [];
  for (const { target, typeOnly, lazy, line } of importsOf(file)) {
    const place = `${file.path}:${line}`;
    const lazyHome = LAZY_PACKAGES[target];
    if (lazyHome !== undefined && !lazy && !typeOnly && !file.path.startsWith(lazyHome)) {
      wrong.push(`${place} imports ${target} eagerly; use import() or move it to ${lazyHome}`);
    }
    if (!/^(scenarios|sim|reports|test)\//.test(target)) continue;
    const home = [layer, ...allowed.values, ...(typeOnly ? (allowed.types ?? []) : [])];
    if (!home.some((prefix) => target.startsWith(prefix))) {
      wrong.push(`${place} ${layer} may not import ${target}${typeOnly ? '' : ' (values)'}`);
    }
  }
  return wrong;
}

/** Shipped files that neither another file nor a test imports. */
export function deadFiles(files: readonly SourceFile[]): string[] {
  const imported = new Set<string>();
  for (const file of files) {
    if (!file.path.endsWith('.ts')) continue;
    for (const { target } of importsOf(file)) if (target !== file.path) imported.add(target);
  }
  return files
    .filter(({ path }) => isShipped(path) && !imported.has(path))
    .filter(({ path }) => !ENTRY_POINTS.some((pattern) => pattern.test(path)))
    .map(({ path }) => `${path} is imported by nobody`);
}
