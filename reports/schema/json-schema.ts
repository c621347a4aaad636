/** JSON Schemas (draft-07) of the documents that programs may read. */
import * as z from 'zod';
import { ndjsonLine } from './ndjson.ts';
import { resultSchema } from './result.ts';
import { summarySchema } from './summary.ts';

const SCHEMAS = { result: resultSchema, summary: summarySchema, ndjson: ndjsonLine } as const;
export type DocumentName = keyof typeof SCHEMAS;
export const DOCUMENT_NAMES = Object.keys(SCHEMAS) as DocumentName[];

/** The schema of one document, as the shipped file holds it. */
export function documentSchema(name: DocumentName): unknown {
  return z.toJSONSchema(SCHEMAS[name], { target: 'draft-7' });
}
