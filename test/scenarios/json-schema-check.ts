/** Enough of JSON Schema draft-07 to try the generated schema on values. */

type Json = Readonly<Record<string, unknown>>;

/** True where the schema accepts the value. References point into `definitions` of the root. */
export function accepts(root: Json, value: unknown, schema: Json = root): boolean {
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = reference.replace('#/definitions/', '');
    return accepts(root, value, (root['definitions'] as Readonly<Record<string, Json>>)[name]!);
  }
  const anyOf = schema['anyOf'] as readonly Json[] | undefined;
  if (anyOf && !anyOf.some((option) => accepts(root, value, option))) return false;
  const words = schema['enum'] as readonly unknown[] | undefined;
  if (words && !words.includes(value)) return false;
  if ('const' in schema && schema['const'] !== value) return false;
  return hasType(schema, value) && hasParts(root, schema, value) && isWithin(schema, value);
}

function hasType({ type }: Json, value: unknown): boolean {
  if (type === undefined) return true;
  const types = Array.isArray(type) ? type : [type];
  return types.some((one) => {
    if (one === 'array') return Array.isArray(value);
    if (one === 'object')
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    return one === 'integer' ? Number.isInteger(value) : typeof value === one;
  });
}

function hasParts(root: Json, schema: Json, value: unknown): boolean {
  if (Array.isArray(value)) {
    const items = schema['items'] as Json | undefined;
    return (
      value.length >= Number(schema['minItems'] ?? 0) &&
      (!items || value.every((item) => accepts(root, item, items)))
    );
  }
  if (typeof value !== 'object' || value === null || schema['type'] !== 'object') return true;
  const map = value as Json;
  const required = (schema['required'] ?? []) as readonly string[];
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Json>>;
  const rest = schema['additionalProperties'] as Json | false | undefined;
  return (
    required.every((key) => Object.hasOwn(map, key)) &&
    Object.entries(map).every(([key, part]) => {
      if (Object.hasOwn(properties, key)) return accepts(root, part, properties[key]!);
      return rest !== false && (rest === undefined || accepts(root, part, rest));
    })
  );
}

function isWithin(schema: Json, value: unknown): boolean {
  if (typeof value === 'number') {
    return (
      value >= Number(schema['minimum'] ?? -Infinity) &&
      value <= Number(schema['maximum'] ?? Infinity)
    );
  }
  if (typeof value !== 'string') return true;
  const pattern = schema['pattern'];
  const long = value.length > Number(schema['maxLength'] ?? Infinity);
  return !long && (typeof pattern !== 'string' || new RegExp(pattern, 'u').test(value));
}
