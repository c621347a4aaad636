/** The schema as JSON Schema draft-07, the newest that the YAML language server of editors reads. */
import type * as z from 'zod';
import { scenarioSchema } from '../schema.ts';
import type { View } from './walk.ts';
import { viewOf } from './walk.ts';

type Json = Record<string, unknown>;

/** The whole document, keys in a stable order. */
export function toJsonSchema(): Json {
  const writer = new Writer();
  const root = writer.write(scenarioSchema, 'scenario');
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Lictor scenario',
    ...root,
    definitions: writer.definitions,
  };
}

/** The document as it is stored. */
export function formatJsonSchema(): string {
  return `${JSON.stringify(toJsonSchema(), null, 1)}\n`;
}

class Writer {
  readonly definitions: Record<string, Json> = {};
  /** Alternatives of choices are written once and referred to. */
  readonly #names = new Map<z.core.$ZodType, string>();

  write(schema: z.core.$ZodType, name: string): Json {
    const view = viewOf(schema);
    return {
      ...(view.description && { description: view.description }),
      ...(view.fallback !== undefined && { default: view.fallback }),
      ...this.#body(view, name),
    };
  }

  #body(view: View, name: string): Json {
    switch (view.kind) {
      case 'value':
        return view.info.json ?? {};
      case 'list':
        return { type: 'array', ...(view.rest && { items: this.write(view.rest, name) }) };
      case 'choice': {
        const options = view.info.options ?? [];
        return {
          anyOf: options.map((option) => this.#refer(option.schema, `${name}-${option.name}`)),
        };
      }
      case 'map': {
        const fields = Object.entries(view.fields);
        const properties = fields.map(([key, field]) => [key, this.write(field, `${name}-${key}`)]);
        const required = fields.filter(([, field]) => viewOf(field).required).map(([key]) => key);
        return {
          type: 'object',
          ...(fields.length > 0 && { properties: Object.fromEntries(properties) }),
          ...(required.length > 0 && { required }),
          additionalProperties: view.rest ? this.write(view.rest, `${name}-any`) : false,
        };
      }
      default:
        return view.kind satisfies never;
    }
  }

  #refer(schema: z.core.$ZodType, wanted: string): Json {
    const view = viewOf(schema);
    if (view.kind === 'value') return this.write(schema, wanted);
    let name = this.#names.get(schema);
    if (name === undefined) {
      name = wanted.replace(/^scenario-/, '').replaceAll(/[^A-Za-z0-9-]+/g, '-');
      this.#names.set(schema, name);
      this.definitions[name] = this.write(schema, name);
    }
    return { $ref: `#/definitions/${name}` };
  }
}
