/** `thresholds:`: `p99<250ms` -> what to compare with what, in the metric's base unit. */
import { nearest, suggest } from './errors.ts';
import type { Parsed } from './units.ts';
import {
  parseCount,
  parseDuration,
  parsed,
  parseBytes,
  parsePercent,
  quoteRaw,
  refused,
} from './units.ts';
import type { MetricSpec } from './vocabulary.ts';
import { CALL_ERRORS, LOAD_METRICS, MESSAGE_CLASSES, METRICS, OPERATIONS } from './vocabulary.ts';

export const AGGREGATES = [
  'p50',
  'p90',
  'p99',
  'p999',
  'min',
  'max',
  'mean',
  'count',
  'rate',
] as const;
export type Aggregate = Exclude<(typeof AGGREGATES)[number], 'rate'> | 'value';
export type Comparator = '<' | '<=' | '>' | '>=' | '==';

/** One expression as written. */
export interface ThresholdSyntax {
  /** Without spaces: `p99<250ms`, as the results show it. */
  readonly text: string;
  readonly aggregate: (typeof AGGREGATES)[number] | null;
  readonly comparator: Comparator;
  readonly value: string;
  /** Ends the run at the first sample that can no longer be made good. */
  readonly abort: boolean;
  /** The share of the seeds that must keep to it; null: every one must. */
  readonly seeds: number | null;
}

/** A threshold ready to be judged. */
export interface Threshold {
  /** With its label: `kv.latency`, `network.messages{raft.append}`, `fault.effect{1}`. */
  readonly metric: string;
  /** The metric without load and label: `latency`, `network.messages`. */
  readonly name: string;
  readonly load: string | null;
  readonly label: string | null;
  readonly expression: string;
  readonly aggregate: Aggregate;
  readonly comparator: Comparator;
  /** Microseconds for times, 0..1 for shares, otherwise a count or bytes. */
  readonly value: number;
  readonly unit: MetricSpec['unit'];
  readonly abort: boolean;
  /** The share of the seeds that must keep to it; null: every one must. */
  readonly seeds: number | null;
}

/** One expression, a list of them, or a map from expressions to options. */
export function parseThresholds(raw: unknown): Parsed<readonly ThresholdSyntax[]> {
  if (typeof raw === 'string') return collect([[raw, NO_OPTIONS]]);
  if (Array.isArray(raw)) {
    if (raw.length === 0) return refused('the list holds no expression such as "p99<250ms"');
    const texts = raw.filter((entry) => typeof entry === 'string');
    if (texts.length < raw.length) return refused('the list holds expressions, as ["p99<250ms"]');
    return collect(texts.map((text) => [text, NO_OPTIONS]));
  }
  if (typeof raw !== 'object' || raw === null) {
    return refused(`expected an expression such as "p99<250ms" or ">99%", got ${quoteRaw(raw)}`);
  }
  const entries: [string, Options][] = [];
  for (const [text, written] of Object.entries(raw)) {
    const options = parseOptions(written);
    if (!options.ok) return options;
    entries.push([text, options.value]);
  }
  if (entries.length === 0) return refused('the map holds no expression such as "max<5s"');
  return collect(entries);
}

type Options = Pick<ThresholdSyntax, 'abort' | 'seeds'>;
const NO_OPTIONS: Options = { abort: false, seeds: null };

function parseOptions(raw: unknown): Parsed<Options> {
  const known = 'the options of an expression are { abort: true } and { seeds: 95% }';
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return refused(`${known}, got ${quoteRaw(raw)}`);
  }
  const { abort = false, seeds = null, ...others } = raw as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(others);
  if (other !== undefined || Object.keys(raw).length === 0) {
    return refused(`${known}, got ${quoteRaw(other ?? raw)}`);
  }
  if (typeof abort !== 'boolean') return refused(`${known}, got ${quoteRaw(abort)}`);
  if (seeds === null) return parsed({ abort, seeds });
  if (abort) return refused('a threshold that some seeds may miss ends no run; keep one of both');
  const share = parsePercent(seeds);
  return share.ok ? parsed({ abort, seeds: share.value }) : share;
}

function collect(
  entries: readonly (readonly [string, Options])[],
): Parsed<readonly ThresholdSyntax[]> {
  const found: ThresholdSyntax[] = [];
  for (const [text, options] of entries) {
    const match = /^\s*([a-zA-Z][\w.()]*)?\s*(<=|>=|==|<|>|=)\s*(\S+)\s*$/.exec(text);
    if (!match || text.length > 100) {
      return refused(`${quoteRaw(text)} is no expression; write "p99<250ms" or ">99%"`);
    }
    const [, word, comparator, value] = match;
    if (comparator === '=') return refused(`${quoteRaw(text)}: write == for equality`);
    const aggregate = word === undefined ? null : aggregateOf(word);
    if (aggregate === undefined) {
      return refused(`${quoteRaw(text)}: unknown aggregate "${word}"${suggest(word!, AGGREGATES)}`);
    }
    found.push({
      text: text.replaceAll(/\s+/g, ''),
      aggregate,
      comparator: comparator as Comparator,
      value: value!,
      ...options,
    });
  }
  return parsed(found);
}

/** `p99.9` and `p(99)`, as other tools write them, are `p999` and `p99`. */
function aggregateOf(word: string): (typeof AGGREGATES)[number] | undefined {
  const plain = word.replaceAll(/[().]/g, '');
  return AGGREGATES.find((aggregate) => aggregate === plain);
}

export interface MetricContext {
  readonly loads: readonly string[];
  /** Loads of the kinds that have metrics of their own. */
  readonly kinds: Readonly<Record<'call' | 'lock', readonly string[]>>;
  readonly faults: number;
}

interface FoundMetric {
  readonly name: string;
  readonly load: string | null;
  readonly label: string | null;
  readonly spec: MetricSpec;
}

/** Finds the metric a key such as `kv.latency` or `network.bytes{raft}` names. */
export function findMetric(key: string, context: MetricContext): Parsed<FoundMetric> {
  const match = /^([^{}]+)(?:\{([^{}]*)\})?$/.exec(key);
  if (!match) return refused(`${quoteRaw(key)} is no metric name`);
  const [, full, label = null] = match as unknown as [string, string, string | undefined];
  const dot = full.lastIndexOf('.');
  const [load, last] = [full.slice(0, Math.max(0, dot)), full.slice(dot + 1)];
  const cluster = Object.hasOwn(METRICS, full) ? METRICS[full as keyof typeof METRICS] : undefined;
  const own: MetricSpec | undefined = Object.hasOwn(LOAD_METRICS, last)
    ? LOAD_METRICS[last as keyof typeof LOAD_METRICS]
    : undefined;
  const found: FoundMetric | undefined = cluster
    ? { name: full, load: null, label, spec: cluster }
    : own && context.loads.includes(load)
      ? { name: last, load, label, spec: own }
      : undefined;
  if (own && found?.load && isForeign(own, found.load, context)) {
    return refused(`metric "${full}": only loads of kind: ${own.of} have it`);
  }
  if (!found) return refused(unknownMetric(full, load, own !== undefined, context));
  const wrong = checkLabel(found, context);
  return wrong === undefined ? parsed(found) : refused(wrong);
}

/** What only loads of one kind have, asked of another. */
function isForeign({ of }: MetricSpec, load: string, { kinds }: MetricContext): boolean {
  return of !== undefined && !kinds[of].includes(load);
}

function unknownMetric(full: string, load: string, own: boolean, context: MetricContext): string {
  if (own) {
    const near = nearest(load, context.loads);
    const hint = near === undefined ? knownLoads(context.loads) : `, did you mean "${near}"?`;
    return `unknown load "${load}" in metric "${full}"${hint}`;
  }
  const loads = context.loads.flatMap((name) =>
    Object.keys(LOAD_METRICS).map((metric) => `${name}.${metric}`),
  );
  return `unknown metric "${full}"${suggest(full, [...loads, ...Object.keys(METRICS)])}`;
}

function knownLoads(loads: readonly string[]): string {
  return loads.length === 0 ? '; the scenario has no load' : `; the loads are ${loads.join(', ')}`;
}

function checkLabel(found: FoundMetric, context: MetricContext): string | undefined {
  const { label, name, spec } = found;
  if (spec.label === undefined) {
    return label === null ? undefined : `metric "${name}" has no parts; remove {${label}}`;
  }
  if (spec.label === 'class') {
    if (label === null || isClassPrefix(label)) return undefined;
    return `unknown message class "${label}"${suggest(label, MESSAGE_CLASSES)}`;
  }
  if (
    spec.label === 'operation' &&
    label !== null &&
    context.kinds.call.includes(found.load ?? '')
  ) {
    return `calls have no kinds of operations; remove {${label}}`;
  }
  if (spec.label === 'operation') {
    if (label === null || (OPERATIONS as readonly string[]).includes(label)) return undefined;
    return `unknown kind of operation "${label}"${suggest(label, OPERATIONS)}`;
  }
  if (spec.label === 'instance') {
    if (label !== null && /^[a-z][a-z-]*-\d+$/.test(label)) return undefined;
    return `metric "${name}" needs an instance, as ${name}{web-1}`;
  }
  if (spec.label === 'error') {
    if (label !== null && CALL_ERRORS.includes(label)) return undefined;
    return `metric "${name}" needs the name of an error, as ${name}{timeout}${suggest(label ?? '', CALL_ERRORS)}`;
  }
  const number = Number(label);
  if (label !== null && Number.isInteger(number) && number >= 1 && number <= context.faults) {
    return undefined;
  }
  return `metric "${name}" needs the number of a fault, 1..${context.faults}, as ${name}{1}`;
}

/** True for a message class of this version, or a prefix of one. */
export function isClassPrefix(name: string): boolean {
  return MESSAGE_CLASSES.some((known) => known === name || known.startsWith(`${name}.`));
}

/** Syntax -> threshold, once the metric is known. */
export function resolveThreshold(
  key: string,
  syntax: ThresholdSyntax,
  context: MetricContext,
): Parsed<Threshold> {
  const metric = findMetric(key, context);
  if (!metric.ok) return metric;
  const { name, load, label, spec } = metric.value;
  // `rate>99%` is how other tools ask for a share.
  const aggregate = syntax.aggregate === 'rate' && spec.unit === 'share' ? null : syntax.aggregate;
  if (aggregate === 'rate') return refused(`"${key}" has no rate; only availability has`);
  if (spec.shape === 'value' && aggregate !== null) {
    return refused(`"${key}" has one value; write "${syntax.comparator}${syntax.value}"`);
  }
  if (spec.shape === 'distribution' && aggregate === null) {
    return refused(`"${key}" has a distribution; say which part, as "p99${syntax.text}"`);
  }
  const value = parseIn(aggregate === 'count' ? '1' : spec.unit, syntax.value);
  if (!value.ok) return value;
  return parsed({
    metric: key,
    name,
    load,
    label,
    expression: syntax.text,
    aggregate: aggregate ?? 'value',
    comparator: syntax.comparator,
    value: value.value,
    unit: aggregate === 'count' ? '1' : spec.unit,
    abort: syntax.abort,
    seeds: syntax.seeds,
  });
}

function parseIn(unit: MetricSpec['unit'], text: string): Parsed<number> {
  switch (unit) {
    case 's':
      return parseDuration(text === '0' ? 0 : text);
    case 'share':
      return parsePercent(text === '0' ? 0 : text);
    case 'bytes':
      return parseBytes(text);
    case '1':
      return parseCount(text);
    case 'number':
      return parseNumber(text);
    default:
      return unit satisfies never;
  }
}

function parseNumber(text: string): Parsed<number> {
  if (/^\d{1,15}(\.\d{1,9})?$/.test(text)) return parsed(Number(text));
  return refused(`expected a number such as 1.2, got ${quoteRaw(text)}`);
}
