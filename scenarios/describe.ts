/** The language as a reference: every field with how it is written, its default and what it does. */
import type * as z from 'zod';
import type { View } from './schema/walk.ts';
import { viewOf } from './schema/walk.ts';
import { scenarioSchema } from './schema.ts';
import {
  FAULT_KINDS,
  INVARIANT_NAMES,
  LOAD_METRICS,
  MESSAGE_CLASSES,
  METRICS,
  OPEN_BUGS,
  PLANTS,
} from './vocabulary.ts';

/** One field of the language. */
export interface FieldDoc {
  /** `network.lan.latency`, `load.<loads>.rate`, `faults[].at`. */
  readonly path: string;
  /** The alternatives that have the field, such as `loss, delay`; empty outside of choices. */
  readonly option: string;
  /** How a value is written. */
  readonly syntax: string;
  readonly required: boolean;
  /** In the language; empty where there is none. */
  readonly fallback: string;
  readonly description: string;
}

/** Every field, in the order of the schema; a field that several alternatives share comes once. */
export function describeSchema(): FieldDoc[] {
  return new Describer().describeParts(scenarioSchema, '', '');
}

class Describer {
  /** Alternatives that have been described: the steps of a sequence are the faults again. */
  readonly #seen = new Set<z.core.$ZodType>();

  describeParts(schema: z.core.$ZodType, path: string, option: string): FieldDoc[] {
    const view = viewOf(schema);
    const dot = path === '' ? '' : `${path}.`;
    if (view.kind === 'choice') return this.#describeChoice(view, path, option);
    if (view.kind === 'list' && view.rest && viewOf(view.rest).kind !== 'value') {
      return this.describeParts(view.rest, `${path}[]`, option);
    }
    if (view.kind !== 'map') return [];
    const named = Object.entries(view.fields).flatMap(([key, field]) =>
      this.#describe(field, `${dot}${key}`, option),
    );
    if (!view.rest) return named;
    const free = this.#describe(view.rest, `${dot}<${view.info.keyName}>`, option);
    return [
      ...named,
      ...free.map((one, index) => (index === 0 ? { ...one, required: false } : one)),
    ];
  }

  #describe(schema: z.core.$ZodType, path: string, option: string): FieldDoc[] {
    const view = viewOf(schema);
    const own: FieldDoc = {
      path,
      option,
      syntax: syntaxOf(schema),
      required: view.required,
      fallback: view.fallback === undefined ? '' : JSON.stringify(view.fallback),
      description: view.description,
    };
    return [own, ...this.describeParts(schema, path, option)];
  }

  #describeChoice(view: View, path: string, outer: string): FieldDoc[] {
    const options = (view.info.options ?? []).filter(({ schema }) => !this.#seen.has(schema));
    for (const { schema } of options) this.#seen.add(schema);
    const owners = new Map<z.core.$ZodType, string[]>();
    for (const { name, schema } of options) {
      for (const field of Object.values(viewOf(schema).fields)) {
        owners.set(field, [...(owners.get(field) ?? []), name]);
      }
    }
    return options.flatMap(({ name, schema }) => {
      const { kind, fields } = viewOf(schema);
      // Inside a choice the outer alternative says more: the fault, not how it is written.
      if (kind !== 'map' || outer !== '') return this.describeParts(schema, path, outer || name);
      const first = Object.entries(fields).filter(([, field]) => owners.get(field)?.[0] === name);
      const own = first.flatMap(([key, field]) => {
        const shared = owners.get(field)!;
        return this.#describe(field, `${path}.${key}`, shared.join(', '));
      });
      const { rest } = viewOf(schema);
      return rest ? [...own, ...this.describeParts(schema, path, name)] : own;
    });
  }
}

/** How a value of the schema is written, in a few words. */
export function syntaxOf(schema: z.core.$ZodType): string {
  const view = viewOf(schema);
  switch (view.kind) {
    case 'value':
      return view.info.syntax ?? 'a value';
    case 'list':
      return `a list: ${view.rest ? syntaxOf(view.rest) : ''}`;
    case 'map':
      return view.rest ? `a map of ${view.info.keyName}` : 'a map';
    case 'choice':
      return (view.info.options ?? []).map(({ name }) => name).join(' | ');
    default:
      return view.kind satisfies never;
  }
}

/** A name of the vocabulary with what it stands for. */
export interface TermDoc {
  readonly kind: 'fault' | 'invariant' | 'metric' | 'message class' | 'plant' | 'open bug';
  readonly name: string;
  readonly description: string;
}

/** Every name a scenario may use, for lists and completion. */
export function describeVocabulary(): TermDoc[] {
  const faults = new Map(
    describeSchema()
      .filter(({ path, option }) => path === `faults[].${option}`)
      .map(({ option, description }) => [option, description]),
  );
  const entries = (
    kind: TermDoc['kind'],
    names: Readonly<Record<string, string | { readonly description: string }>>,
    prefix = '',
  ): TermDoc[] =>
    Object.entries(names).map(([name, text]) => ({
      kind,
      name: `${prefix}${name}`,
      description: typeof text === 'string' ? text : text.description,
    }));
  const named = (kind: TermDoc['kind'], names: readonly string[]): TermDoc[] =>
    names.map((name) => ({ kind, name, description: faults.get(name) ?? '' }));
  return [
    ...named('fault', FAULT_KINDS),
    ...named('invariant', INVARIANT_NAMES),
    ...entries('metric', LOAD_METRICS, '<load>.'),
    ...entries('metric', METRICS),
    ...named('message class', MESSAGE_CLASSES),
    ...entries('plant', PLANTS),
    ...entries('open bug', OPEN_BUGS),
  ];
}
