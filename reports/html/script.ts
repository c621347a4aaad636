/**
 * The script of a page: its modules in one text, since a page is one file. They are the same that
 * draw the pictures here, so that what a reader zooms into looks like what was there before.
 */
import { readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { posix } from 'node:path';

/** In the order in which they can be put behind each other. */
const MODULES = [
  '../format',
  'draw/markup',
  'draw/scale',
  'draw/frame',
  'draw/buckets',
  'draw/faults',
  'draw/load',
  'draw/lanes',
  'draw/timeline',
  'draw/facts',
  'draw/spacetime',
  'draw/curves',
  'draw/value-axis',
  'draw/forest',
  'draw/grid',
  'draw/parameter',
  'draw/strips',
  'draw/plots',
  'page/elements',
  'page/timeline',
  'page/moment',
  'page/tables',
  'page/main',
] as const;

/** Sources run as they are; a package holds them compiled. */
const ENDING = import.meta.url.endsWith('.js') ? '.js' : '.ts';

export function pageScript(): string {
  const texts = MODULES.map((name) => {
    const text = readFileSync(new URL(`./${name}${ENDING}`, import.meta.url), 'utf8');
    return wrapped(name, ENDING === '.ts' ? withoutTypes(text) : text);
  });
  return ['const modules = {};', ...texts].join('\n').replaceAll('</script', '<\\/script');
}

/** As a function that is called at once: a module keeps its names to itself. */
function wrapped(name: string, text: string): string {
  const exported = [...text.matchAll(/^export (?:function|const|class) (\w+)/gm)];
  const body = text
    .replaceAll(
      /^\s*import\s*\{([^}]*)\}\s*from\s*["']([^"']+)["'];/gm,
      (_, names: string, from: string) => {
        const module = posix.join(posix.dirname(name), from).replace(/\.[jt]s$/, '');
        return `const {${names}} = modules[${JSON.stringify(module)}];`;
      },
    )
    .replaceAll(/^export (?=function|const|class)/gm, '')
    .replaceAll(/^\s*(?:export \{\};|\/\/# sourceMappingURL=.*)$/gm, '')
    .replaceAll(/^\/\*\*[\s\S]*?\*\/\n/gm, '')
    .replaceAll(/[ \t]+$/gm, '')
    .replaceAll(/\n{2,}/g, '\n');
  const names = exported.map(([, one]) => one).join(', ');
  return `modules[${JSON.stringify(name)}] = (() => {\n${body}\nreturn { ${names} };\n})();`;
}

/** Node calls this an experiment, and would say so to everybody who wants a report. */
function withoutTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = (): void => {};
  try {
    return nodeModule.stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}
