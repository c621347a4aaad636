/** `lictor schema`: the JSON Schema of scenarios, results or summaries. */
import { toJson } from '../../../reports/json.ts';
import { documentSchema, DOCUMENT_NAMES } from '../../../reports/schema/json-schema.ts';
import { suggest } from '../../../scenarios/errors.ts';
import { formatJsonSchema } from '../../../scenarios/schema/json-schema.ts';
import { EXIT } from '../../run/result.ts';
import { usageError } from '../failure.ts';
import type { Host } from '../host.ts';

export function schemaVerb(host: Host, operands: readonly string[]): number {
  const word = operands[0] ?? 'scenario';
  const name = DOCUMENT_NAMES.find((candidate) => candidate === word);
  if (word === 'scenario') host.stdout.write(formatJsonSchema());
  else if (name !== undefined) host.stdout.write(toJson(documentSchema(name)));
  else {
    const hint = suggest(word, ['scenario', ...DOCUMENT_NAMES]);
    throw usageError(`Cannot print the schema of ${word}: no such document${hint}`);
  }
  return EXIT.pass;
}
