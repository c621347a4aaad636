/** Writes `scenarios/scenario.schema.json`; run by `npm run schema` after a change of the schema. */
import { writeFileSync } from 'node:fs';
import { formatJsonSchema } from './json-schema.ts';

const target = new URL('../scenario.schema.json', import.meta.url);
writeFileSync(target, formatJsonSchema());
