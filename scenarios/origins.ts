/** Every value of a scenario with where it came from, for `--print-config` and the manifest. */
import * as z from 'zod';
import { isPlainMap } from './schema/kit.ts';
import { viewOf } from './schema/walk.ts';
import { scenarioSchema } from './schema.ts';
import type { Path, TreeNode } from './tree.ts';
import { formatPath, placeOf } from './tree.ts';

/** A scenario with every default filled in. It is itself a valid scenario and means the same. */
export type Config = Readonly<Record<string, unknown>>;

export interface Completed {
  readonly config: Config;
  /** From dotted paths of the language to `default`, `file:line` or `--set:1:12`. */
  readonly origins: ReadonlyMap<string, string>;
}

/** Fills in the defaults of a valid scenario. */
export function complete(raw: unknown, root: TreeNode, file: string): Completed {
  const origins = new Map<string, string>();
  const note = (path: Path, written: boolean): void => {
    origins.set(formatPath(path), written ? originOf(root, path, file) : 'default');
  };
  const config = fill(scenarioSchema, raw, [], true, note) as Config;
  return { config, origins };
}

/** `file:line` for a value of the file, `--set:1:12` for one of an override. */
export function originOf(root: TreeNode, path: Path, file: string): string {
  const { source, line, column } = placeOf(root, path);
  return source === 0 ? `${file}:${line}` : `--set:${source}:${column}`;
}

function fill(
  schema: z.core.$ZodType,
  raw: unknown,
  path: Path,
  above: boolean,
  note: (path: Path, written: boolean) => void,
): unknown {
  const view = viewOf(schema);
  const written = above && raw !== undefined;
  const value = raw === undefined ? view.fallback : raw;
  if (value === undefined) return undefined;
  if (view.kind === 'choice') {
    const picked = view.info.pick?.(value);
    if (picked instanceof z.ZodType) return fill(picked, value, path, written, note);
  }
  if (view.kind === 'map' && isPlainMap(value)) {
    const filled: Record<string, unknown> = {};
    const free = Object.keys(value).filter((key) => !Object.hasOwn(view.fields, key));
    for (const key of [...Object.keys(view.fields), ...free]) {
      const under = Object.hasOwn(view.fields, key) ? view.fields[key]! : view.rest;
      const inner = Object.hasOwn(value, key) ? value[key] : undefined;
      const child = under && fill(under, inner, [...path, key], written, note);
      if (child !== undefined) filled[key] = child;
    }
    if (Object.keys(filled).length === 0) note(path, written);
    return filled;
  }
  if (view.kind === 'list' && Array.isArray(value) && view.rest && value.length > 0) {
    return value.map((item: unknown, index) =>
      fill(view.rest!, item, [...path, index], written, note),
    );
  }
  note(path, written);
  return value;
}
