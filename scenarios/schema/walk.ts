/** Reads the schema as data: which fields a map has, what a missing one defaults to. */
import * as z from 'zod';
import type { NodeInfo } from './kit.ts';
import { infoOf, isPlainMap } from './kit.ts';

/** One schema, without the wrappers that make it optional or give it a default. */
export interface View {
  readonly kind: 'value' | 'map' | 'list' | 'choice';
  readonly info: NodeInfo;
  readonly description: string;
  readonly required: boolean;
  /** What stands in for a missing value, in the language; undefined where nothing does. */
  readonly fallback: unknown;
  /** Fields of a map by name. */
  readonly fields: Readonly<Record<string, z.ZodType>>;
  /** Schema of the free keys of a map, or of the items of a list. */
  readonly rest: z.ZodType | undefined;
}

/** Looks through wrappers. */
export function viewOf(schema: z.core.$ZodType): View {
  let inner = schema;
  let info = infoOf(inner);
  let description = descriptionOf(inner);
  let required = true;
  let fallback: unknown;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodPrefault) {
    required = false;
    if (inner instanceof z.ZodPrefault) fallback ??= inner._zod.def.defaultValue;
    inner = inner._zod.def.innerType;
    info = { ...infoOf(inner), ...info };
    description ||= descriptionOf(inner);
  }
  return { info, description, required, fallback, ...partsOf(inner, info) };
}

function descriptionOf(schema: z.core.$ZodType): string {
  return schema instanceof z.ZodType ? (schema.description ?? '') : '';
}

function partsOf(schema: z.core.$ZodType, info: NodeInfo): Pick<View, 'kind' | 'fields' | 'rest'> {
  const none = { fields: {}, rest: undefined };
  if (schema instanceof z.ZodObject) {
    const { catchall } = schema._zod.def;
    const rest = catchall instanceof z.ZodType && !(catchall instanceof z.ZodNever);
    return { kind: 'map', fields: schema.shape, rest: rest ? catchall : undefined };
  }
  if (schema instanceof z.ZodRecord) {
    return { kind: 'map', fields: {}, rest: schema.valueType as z.ZodType };
  }
  if (schema instanceof z.ZodArray)
    return { kind: 'list', ...none, rest: schema.element as z.ZodType };
  if (schema instanceof z.ZodTuple) {
    return { kind: 'list', ...none, rest: schema._zod.def.items[0] as z.ZodType };
  }
  return { kind: info.pick ? 'choice' : 'value', ...none };
}

/** What stands at one place of a scenario. */
export interface Visit {
  readonly path: readonly (string | number)[];
  readonly raw: unknown;
  readonly view: View;
  /** True where the value was not written. */
  readonly defaulted: boolean;
}

/**
 * Visits what was written and what stands in for the rest, from the top down, as far as it has the
 * right shape. A choice is visited before the schema it picks, at the same path.
 */
export function visit(
  schema: z.core.$ZodType,
  raw: unknown,
  visitor: (visit: Visit) => void,
  path: readonly (string | number)[] = [],
  missing = false,
): void {
  const view = viewOf(schema);
  const defaulted = missing || raw === undefined;
  const value = raw === undefined ? view.fallback : raw;
  if (value === undefined) return;
  visitor({ path, raw: value, view, defaulted });
  const child = (next: z.core.$ZodType, key: string | number, under: unknown): void =>
    visit(next, under, visitor, [...path, key], defaulted);
  if (view.kind === 'choice') {
    const picked = view.info.pick?.(value);
    if (picked instanceof z.ZodType) visit(picked, value, visitor, path, defaulted);
  } else if (view.kind === 'map' && isPlainMap(value)) {
    for (const key of Object.keys(view.fields)) child(view.fields[key]!, key, own(value, key));
    for (const key of Object.keys(value)) {
      if (view.rest && !Object.hasOwn(view.fields, key)) child(view.rest, key, value[key]);
    }
  } else if (view.kind === 'list' && Array.isArray(value) && view.rest) {
    for (const [index, item] of value.entries()) child(view.rest, index, item);
  }
}

function own(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
