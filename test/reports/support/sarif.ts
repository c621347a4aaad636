/** The part of SARIF 2.1.0 that reports use, by the sections of the standard; nothing else passes. */
import * as z from 'zod';

const text = z.strictObject({ text: z.string().min(1) });
/** §3.30: a line from 1. */
const region = z.strictObject({ startLine: z.number().int().min(1) });
/** §3.4: a URI reference, so no space and no backslash. */
const artifactLocation = z.strictObject({ uri: z.string().regex(/^[^\s\\<>"{}|^`]+$/) });
const location = z.strictObject({
  physicalLocation: z.strictObject({ artifactLocation, region }),
});

/** §3.49. */
const rule = z.strictObject({ id: z.string().min(1), shortDescription: text, help: text });

/** §3.27. */
const result = z.strictObject({
  ruleId: z.string(),
  ruleIndex: z.number().int().min(0),
  level: z.enum(['none', 'note', 'warning', 'error']),
  message: text,
  locations: z.array(location).min(1),
  partialFingerprints: z.record(z.string(), z.string()),
  properties: z.record(z.string(), z.unknown()),
});

/** §3.20. */
const invocation = z.strictObject({
  executionSuccessful: z.boolean(),
  commandLine: z.string(),
  exitCode: z.number().int(),
});

/** §3.13 and §3.14. */
export const sarifLog = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string(),
          semanticVersion: z.string().regex(/^\d+\.\d+\.\d+/),
          rules: z.array(rule),
        }),
      }),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      invocations: z.array(invocation),
      results: z.array(result),
    }),
  ),
});
