/**
 * What the scenario's schema is built from. Zod checks and types it; the registry beside it tells
 * the other readers (JSON Schema, documentation, `--set`, origins) what zod does not know: how a
 * value is written, which checks it needs later, and which schema a choice picks.
 */
import * as z from 'zod';
import { nearest, suggest } from '../errors.ts';
import type { Parsed } from '../units.ts';
import { quoteRaw } from '../units.ts';

/**
 * Who may be meant: anybody (`selector`), hosts or servers fixed before the run, or those whose
 * deeds can be watched for: fixed hosts and the roles leader, followers, voters.
 */
export type SelectorRole = 'selector' | 'host' | 'server' | 'agent' | 'watched';

/** Checks that need more than the value itself; `scenarios/checks.ts` makes them. */
export type Role =
  | SelectorRole
  | 'zone'
  | 'datacenter'
  | 'time'
  | 'metric'
  | 'threshold'
  | 'load'
  | 'service'
  | 'instance';

/** One broken rule: where, seen from the value the rule belongs to, and whether the key is at fault. */
export interface Broken {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly at?: 'key' | 'value';
}

export type Plain = Readonly<Record<string, unknown>>;

/** A JSON Schema (draft-07) of what may be written for one value. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One alternative of a choice. */
export interface Option {
  /** How the documentation calls it, such as the verb of a fault. */
  readonly name: string;
  readonly schema: z.ZodType;
}

/** A schema, or what is wrong and with which key (none: the value itself). */
export type Pick = z.ZodType | { readonly message: string; readonly key?: string };

export interface NodeInfo {
  /** For values: how one is written, in a few words. */
  readonly syntax?: string;
  readonly json?: JsonSchema;
  readonly role?: Role;
  /** For maps with free keys: what the keys are. */
  readonly keyRole?: Role;
  readonly keyName?: string;
  readonly options?: readonly Option[];
  readonly pick?: (raw: unknown) => Pick;
  /** For maps: words that are known but have no model yet, with what is missing. */
  readonly later?: ReadonlyMap<string, string>;
  /** Rules between the parts of a value, checked on what was written even where parts are wrong. */
  readonly rules?: (raw: unknown) => readonly Broken[];
}

/** What is known of each schema beyond zod. */
const infos = new WeakMap<z.core.$ZodType, NodeInfo>();

/** All that is known of a schema; `.describe()` and the like make copies that point to their parent. */
export function infoOf(schema: z.core.$ZodType): NodeInfo {
  const { parent } = schema._zod;
  return { ...(parent && infoOf(parent)), ...infos.get(schema) };
}

function withInfo<T extends z.core.$ZodType>(schema: T, info: NodeInfo): T {
  infos.set(schema, info);
  return schema;
}

/** Adds rules to a schema. */
export function ruled<T extends z.ZodType>(
  schema: T,
  rules: (raw: unknown) => readonly Broken[],
): T {
  return withInfo(schema, { ...infoOf(schema), rules });
}

/** Anything that was written; what was not is missing, which only `.optional()` allows. */
const written = (): z.ZodType<unknown> =>
  z.custom<unknown>((value) => value !== undefined, { error: 'is missing' });

/** A value that one parser reads. */
export function scalar<T>(info: {
  readonly syntax: string;
  readonly json: JsonSchema;
  readonly parse: (raw: unknown) => Parsed<T>;
  readonly role?: Role;
}): z.ZodType<T> {
  const { parse, ...rest } = info;
  const schema = written().transform((raw, context): T => {
    const result = parse(raw);
    if (result.ok) return result.value;
    context.issues.push({ code: 'custom', message: result.reason, input: raw });
    return z.NEVER;
  });
  return withInfo(schema as unknown as z.ZodType<T>, rest);
}

/** A word out of a list; words of `later` are refused with what is missing. */
export function word<const T extends string>(
  words: readonly T[],
  later: Readonly<Record<string, string>> = {},
): z.ZodType<T> {
  const missing = new Map(Object.entries(later));
  return scalar({
    syntax: words.join(' | '),
    json: { enum: [...words] },
    parse: (raw) => {
      if (typeof raw === 'string' && (words as readonly string[]).includes(raw)) {
        return { ok: true, value: raw as T };
      }
      const reason = typeof raw === 'string' ? missing.get(raw) : undefined;
      if (reason !== undefined) return { ok: false, reason: `"${raw}": ${reason}` };
      const hint = suggest(typeof raw === 'string' ? raw : '', words);
      return { ok: false, reason: `unknown word ${quoteRaw(raw)}${hint}` };
    },
  });
}

/** `true` alone: for fields that are written to say yes, and left out otherwise. */
export function flag(): z.ZodType<true> {
  return scalar({
    syntax: 'true',
    json: { const: true },
    parse: (raw) =>
      raw === true
        ? { ok: true, value: true }
        : { ok: false, reason: `expected true, got ${quoteRaw(raw)}; or remove the line` },
  });
}

export function boolean(): z.ZodType<boolean> {
  return scalar({
    syntax: 'true | false',
    json: { type: 'boolean' },
    parse: (raw) =>
      typeof raw === 'boolean'
        ? { ok: true, value: raw }
        : { ok: false, reason: `expected true or false, got ${quoteRaw(raw)}` },
  });
}

const wrongKind =
  (expected: string) =>
  (issue: { readonly code?: string | undefined; readonly input?: unknown }): string | undefined => {
    if (issue.code !== 'invalid_type') return undefined;
    return issue.input === undefined
      ? 'is missing'
      : `expected ${expected}, got ${quoteRaw(issue.input)}`;
  };

/**
 * A map with these fields and no others. Unknown keys give one message each, separated by line
 * breaks in the order of `keys`.
 */
export function fields<T extends z.ZodRawShape>(
  shape: T,
  later: Readonly<Record<string, string>> = {},
): z.ZodObject<T, z.core.$strict> {
  const missing = new Map(Object.entries(later));
  const names = Object.keys(shape);
  const kind = wrongKind(
    `a map with ${names.length > 1 ? 'fields such as ' : ''}${names[0] ?? ''}`,
  );
  const schema = z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return kind(issue);
      return issue.keys.map((key) => unknownKey(key, names, missing)).join('\n');
    },
  });
  return withInfo(schema, { later: missing });
}

/** The message for a key that is not among `names`. */
export function unknownKey(
  key: string,
  names: readonly string[],
  later: ReadonlyMap<string, string>,
): string {
  const reason = later.get(key);
  if (reason !== undefined) return `cannot use "${key}": ${reason}`;
  if (nearest(key, names) === undefined) {
    const near = nearest(key, later.keys());
    if (near !== undefined) return `unknown field "${key}"; "${near}": ${later.get(near)}`;
  }
  return `unknown field "${key}"${suggest(key, names)}`;
}

/** A map whose keys are names of the reader's own choice, or selectors. */
export function named<T extends z.ZodType>(
  value: T,
  info: { readonly keyName: string; readonly keyRole?: Role },
): z.ZodRecord<z.ZodString, T> {
  const kind = wrongKind(`a map of ${info.keyName}`);
  return withInfo(z.record(z.string(), value, { error: kind }), info);
}

/** A map with a few fields of its own beside free keys. */
export function fieldsAnd<T extends z.ZodRawShape, R extends z.ZodType>(
  shape: T,
  rest: R,
  info: { readonly keyName: string; readonly keyRole?: Role },
): z.ZodObject<T, z.core.$catchall<R>> {
  const schema = z.object(shape, { error: wrongKind(`a map of ${info.keyName}`) }).catchall(rest);
  return withInfo(schema, info);
}

export function list<T extends z.ZodType>(item: T, of: string, maximum = 1000): z.ZodArray<T> {
  return z
    .array(item, { error: wrongKind(`a list of ${of}`) })
    .max(maximum, { error: `has more than ${maximum} ${of}` });
}

/** Exactly two of something. */
export function pair<T extends z.ZodType>(item: T, of: string): z.ZodTuple<[T, T], null> {
  return z.tuple([item, item], {
    error: ({ input }) =>
      input === undefined ? 'is missing' : `expected two ${of}, as [A, B], got ${quoteRaw(input)}`,
  });
}

/** Parameters of an issue that is about a key, not about the value below it. */
export const AT_KEY = { at: 'key' };

/** One of several schemas, chosen by looking at what was written, so that errors are about that. */
export function choice<const O extends readonly Option[]>(
  options: O,
  pick: (raw: unknown) => Pick,
): z.ZodType<z.output<O[number]['schema']>> {
  const schema = written().transform((raw, context) => {
    const picked = pick(raw);
    if (!(picked instanceof z.ZodType)) {
      const { message, key } = picked;
      const at = key === undefined ? { path: [] } : { path: [key], params: AT_KEY };
      context.issues.push({ code: 'custom', message, input: raw, ...at });
      return z.NEVER;
    }
    const result = picked.safeParse(raw);
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      context.issues.push({ ...issue, input: raw } as never);
    }
    return z.NEVER;
  });
  return withInfo(schema as unknown as z.ZodType<z.output<O[number]['schema']>>, { options, pick });
}

/** True for a map, and only for a map. */
export function isPlainMap(raw: unknown): raw is Plain {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
