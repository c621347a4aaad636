/** Schemas of single values: a parser of `units.ts` with its JSON Schema and the words for it. */
import type * as z from 'zod';
import { DATACENTERS } from '../datacenters.ts';
import type { DistributionSpec } from '../distribution.ts';
import { maxMicros, parseDistribution } from '../distribution.ts';
import type { Release } from '../releases.ts';
import { findRelease, RELEASES } from '../releases.ts';
import type { SelectorSyntax } from '../selectors.ts';
import { parseSelector } from '../selectors.ts';
import type { Parsed } from '../units.ts';
import {
  parseBandwidth,
  parseBytes,
  parseCount,
  parsed,
  parseDuration,
  parseFactor,
  parsePercent,
  parsePpm,
  parseRange,
  parseRate,
  parseShare,
  parseSignedDuration,
  quoteRaw,
  refused,
} from '../units.ts';
import type { JsonSchema, Role, SelectorRole } from './kit.ts';
import { scalar } from './kit.ts';

const DURATION_JSON: JsonSchema = {
  type: ['string', 'integer'],
  pattern: '^(0|([0-9]+(\\.[0-9]+)?(us|µs|ms|s|m|h))+)$',
  maximum: 0,
};

/** Microseconds, at least `minimum`; with the role `time` it must lie within the run. */
export function duration(
  options: { readonly minimum?: number; readonly role?: Role } = {},
): z.ZodType<number> {
  const { minimum = 0, role } = options;
  return scalar({
    syntax: 'a duration such as 5s or 250us',
    json: DURATION_JSON,
    parse: (raw) => {
      const result = parseDuration(raw);
      if (!result.ok || result.value >= minimum) return result;
      return refused(`${quoteRaw(raw)} must be at least ${minimum}us`);
    },
    ...(role && { role }),
  });
}

/** A time that is drawn. With `positive`, one that is always 0 is refused. */
export function distribution(
  options: { readonly positive?: boolean } = {},
): z.ZodType<DistributionSpec> {
  return scalar({
    syntax: 'a time: 5ms, 1ms..5ms, exp 5ms, { median, p99 } or { table: [...] }',
    json: {
      anyOf: [
        { type: ['string', 'integer'] },
        {
          type: 'object',
          properties: { median: DURATION_JSON, p99: DURATION_JSON },
          required: ['median', 'p99'],
          additionalProperties: false,
        },
        {
          type: 'object',
          properties: { table: { type: 'array', minItems: 1 } },
          required: ['table'],
          additionalProperties: false,
        },
      ],
    },
    parse: (raw) => {
      const result = parseDistribution(raw);
      if (result.ok && options.positive === true && maxMicros(result.value) === 0) {
        return refused(`${quoteRaw(raw)} must be more than 0`);
      }
      return result;
    },
  });
}

const PERCENT_JSON: JsonSchema = {
  type: ['string', 'integer'],
  pattern: '^[0-9.]+ *%$',
  maximum: 0,
};

/** `2%` -> 0.02. */
export function percent(options: { readonly positive?: boolean } = {}): z.ZodType<number> {
  return scalar({
    syntax: 'a percentage such as 2%',
    json: PERCENT_JSON,
    parse: (raw) => {
      const result = parsePercent(raw);
      if (!result.ok || options.positive !== true || result.value > 0) return result;
      return refused(`${quoteRaw(raw)} must be more than 0%`);
    },
  });
}

/** `0.5` or `50%` -> 0.5. */
export function share(): z.ZodType<number> {
  return scalar({
    syntax: 'a share such as 0.5 or 50%',
    json: { type: ['number', 'string'], minimum: 0, maximum: 1, pattern: '^[0-9.]+ *%$' },
    parse: parseShare,
  });
}

export function rate(): z.ZodType<number> {
  return scalar({
    syntax: 'a rate such as 100/s or 2/m',
    json: { type: 'string', pattern: '^[0-9.]+ */ *(ms|s|m|h)$' },
    parse: parseRate,
  });
}

export function factor(): z.ZodType<number> {
  return scalar({
    syntax: 'a factor such as 4x',
    json: { type: 'string', pattern: '^[0-9.]+ *x$' },
    parse: parseFactor,
  });
}

export function bytes(): z.ZodType<number> {
  return scalar({
    syntax: 'a size such as 512MiB',
    json: { type: 'string', pattern: '^[0-9.]+ *(B|kB|KB|MB|GB|KiB|MiB|GiB)$' },
    parse: parseBytes,
  });
}

/** Bytes per second. */
export function bandwidth(): z.ZodType<number> {
  return scalar({
    syntax: 'a bandwidth such as 1Gbit/s or 200MB/s',
    json: {
      type: 'string',
      pattern: '^[0-9.]+ *(bit|kbit|Mbit|Gbit|B|kB|KB|MB|GB|KiB|MiB|GiB)/s$',
    },
    parse: parseBandwidth,
  });
}

/** A whole number from `minimum` to `maximum`. */
export function count(minimum: number, maximum: number): z.ZodType<number> {
  return scalar({
    syntax: `a whole number, ${minimum}..${maximum}`,
    json: { type: ['integer', 'string'], minimum, maximum, pattern: '^[0-9.]+[kKMG]?$' },
    parse: (raw) => {
      const result = parseCount(raw);
      if (!result.ok || (result.value >= minimum && result.value <= maximum)) return result;
      return refused(`${quoteRaw(raw)} is outside ${minimum}..${maximum}`);
    },
  });
}

/** A number from `minimum` to `maximum`, whole or not. */
export function number(minimum: number, maximum: number): z.ZodType<number> {
  return scalar({
    syntax: `a number, ${minimum}..${maximum}`,
    json: { type: 'number', minimum, maximum },
    parse: (raw) => {
      if (typeof raw !== 'number') return refused(`expected a number, got ${quoteRaw(raw)}`);
      if (raw >= minimum && raw <= maximum) return parsed(raw);
      return refused(`${quoteRaw(raw)} is outside ${minimum}..${maximum}`);
    },
  });
}

/** `-50ms..50ms` or one value that is both ends, in microseconds. */
export function offsetRange(): z.ZodType<readonly [number, number]> {
  return scalar({
    syntax: 'an offset such as 20ms or -50ms..50ms',
    json: { type: ['string', 'integer'] },
    parse: (raw) => parseRange(raw, parseSignedDuration),
  });
}

/** `-50ppm..50ppm` or one value that is both ends. */
export function driftRange(): z.ZodType<readonly [number, number]> {
  return scalar({
    syntax: 'a drift such as 2000ppm or -50ppm..50ppm',
    json: { type: ['string', 'integer'] },
    parse: (raw) => parseRange(raw, parsePpm),
  });
}

/** `20ms` or `-20ms`, in microseconds, not 0. */
export function signedDuration(): z.ZodType<number> {
  return scalar({
    syntax: 'a duration such as 5s or -5s',
    json: { type: 'string' },
    parse: (raw) => notZero(raw, parseSignedDuration(raw)),
  });
}

/** `3000ppm` or `-3000ppm`, not 0. */
export function ppm(): z.ZodType<number> {
  return scalar({
    syntax: 'a drift such as 3000ppm',
    json: { type: 'string' },
    parse: (raw) => notZero(raw, parsePpm(raw)),
  });
}

function notZero(raw: unknown, result: Parsed<number>): Parsed<number> {
  if (!result.ok || result.value !== 0) return result;
  return refused(`${quoteRaw(raw)} changes nothing`);
}

const SELECTOR_JSON: JsonSchema = {
  anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }],
};

/** Who is meant; the role says who may be. */
export function selector(role: SelectorRole = 'selector'): z.ZodType<SelectorSyntax> {
  return scalar({
    syntax: 'hosts such as s1, s1..s3, leader or [s1, s4]',
    json: SELECTOR_JSON,
    parse: parseSelector,
    role,
  });
}

export function release(): z.ZodType<Release> {
  const oldest = RELEASES[0]!.release;
  const newest = RELEASES.at(-1)!.release;
  return scalar({
    syntax: `a release of Consul, "${oldest}" to "${newest}"; "1.21" is its last patch`,
    json: { enum: [...minorLines(), ...RELEASES.map((known) => known.release)] },
    parse: (raw) => {
      if (typeof raw === 'number') {
        return refused(`a release is text, or 1.20 would become 1.2; write it as "${newest}"`);
      }
      const found = typeof raw === 'string' ? findRelease(raw.trim()) : undefined;
      if (found) return parsed(found);
      return refused(`unknown Consul release ${quoteRaw(raw)}; known are ${oldest} to ${newest}`);
    },
  });
}

function minorLines(): string[] {
  return [...new Set(RELEASES.map((known) => known.release.replace(/\.\d+$/, '')))];
}

/** The name of a zone of the datacenter. */
export function zone(): z.ZodType<string> {
  return scalar({
    syntax: 'a zone such as a',
    json: { type: 'string' },
    parse: (raw) =>
      typeof raw === 'string' ? parsed(raw) : refused(`expected a zone, got ${quoteRaw(raw)}`),
    role: 'zone',
  });
}

/** The name of a datacenter of the cluster. */
export function datacenter(): z.ZodType<string> {
  return scalar({
    syntax: 'a datacenter such as dc2',
    json: { enum: [...DATACENTERS] },
    parse: (raw) =>
      typeof raw === 'string'
        ? parsed(raw)
        : refused(`expected a datacenter, got ${quoteRaw(raw)}`),
    role: 'datacenter',
  });
}

/** Where the clients of a load live. */
export function homeOfClients(): z.ZodPrefault<z.ZodType<string>> {
  return datacenter()
    .prefault(DATACENTERS[0])
    .describe('Datacenter that the clients are in, and whose servers or agents they ask.');
}

/** Text of 1 to `maximum` characters that fits `pattern`; `like` says how such text looks. */
export function text(
  maximum: number,
  pattern: RegExp = /^[^]+$/,
  like = 'some text',
): z.ZodType<string> {
  return scalar({
    syntax: like,
    json: { type: 'string', minLength: 1, maxLength: maximum },
    parse: (raw) => {
      if (typeof raw === 'number' || typeof raw === 'boolean') {
        return refused(`expected text, got ${String(raw)}; write it in quotes: "${String(raw)}"`);
      }
      if (typeof raw !== 'string') return refused(`expected ${like}, got ${quoteRaw(raw)}`);
      if (raw.length > maximum) return refused(`is longer than ${maximum} characters`);
      return pattern.test(raw) ? parsed(raw) : refused(`expected ${like}, got ${quoteRaw(raw)}`);
    },
  });
}
