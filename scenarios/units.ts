/**
 * Text of one value -> a number in base units: microseconds, bytes, ppm, 0..1, events per second.
 *
 * Parsers never throw: what cannot be read comes back as a sentence that says what would do.
 */

/** A value, or the reason why there is none. */
export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const refused = <T>(reason: string): Parsed<T> => ({ ok: false, reason });

/** Nothing in a scenario may last longer: 366 days, far below 2^53 microseconds. */
export const DURATION_MICROS_MAX = 366 * 24 * 3600 * 1_000_000;

const NANOS = new Map<string, bigint>([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const OTHER_UNITS = new Map<string, string>([
  ...['d', 'day', 'days'].map((word) => [word, 'h (a day is 24h)'] as const),
  ...['sec', 'secs', 'second', 'seconds', 'S'].map((word) => [word, 's'] as const),
  ...['min', 'mins', 'minute', 'minutes', 'M'].map((word) => [word, 'm'] as const),
  ...['hour', 'hours', 'H'].map((word) => [word, 'h'] as const),
  ...['msec', 'millis', 'MS', 'Ms'].map((word) => [word, 'ms'] as const),
  ...['usec', 'micros', 'US'].map((word) => [word, 'us'] as const),
]);

/** How a value is named in a message: its text, shortened, or what it is. */
export function quoteRaw(raw: unknown): string {
  if (raw === null || raw === undefined) return 'nothing';
  if (Array.isArray(raw)) return 'a list';
  if (typeof raw === 'object') return 'a map';
  const text = String(raw);
  return `"${text.length > 40 ? `${text.slice(0, 37)}...` : text}"`;
}

/** Go-style duration, `1h30m`, `1.5s`, `250us` or `0` -> integer microseconds >= 0. */
export function parseDuration(raw: unknown): Parsed<number> {
  const signed = parseSignedDuration(raw);
  if (signed.ok && signed.value < 0) return refused(`${quoteRaw(raw)} is negative`);
  return signed;
}

/** As `parseDuration`, but `-50ms` is a value: clock offsets and jumps. */
export function parseSignedDuration(raw: unknown): Parsed<number> {
  if (raw === 0) return parsed(0);
  if (typeof raw === 'number' && Number.isFinite(raw)) {
    return refused(`${quoteRaw(raw)} has no unit; write ${raw}s or ${raw}ms`);
  }
  if (typeof raw !== 'string') {
    return refused(`expected a duration such as 5s, 250us or 1h30m, got ${quoteRaw(raw)}`);
  }
  const text = raw.trim();
  const sign = text.startsWith('-') ? -1n : 1n;
  const digits = text.replace(/^[-+]/, '');
  if (digits === '0') return parsed(0);
  const part = /(\d{1,15})(?:\.(\d{1,9}))?([a-zA-Zµμ]+)/y;
  let nanos = 0n;
  let position = 0;
  while (position < digits.length && digits.length <= 60) {
    part.lastIndex = position;
    const match = part.exec(digits);
    if (!match) return refused(noDuration(raw));
    const [all, whole = '0', fraction = '', unit = ''] = match;
    const size = NANOS.get(unit);
    if (size === undefined) return refused(unknownUnit(raw, unit));
    const scaled = BigInt(fraction.padEnd(9, '0')) * size;
    if (scaled % 1_000_000_000n !== 0n) return refused(tooFine(raw));
    nanos += BigInt(whole) * size + scaled / 1_000_000_000n;
    position += all.length;
  }
  if (position === 0 || position < digits.length) return refused(noDuration(raw));
  if (nanos % 1_000n !== 0n) return refused(tooFine(raw));
  const micros = nanos / 1_000n;
  if (micros > BigInt(DURATION_MICROS_MAX)) {
    return refused(`${quoteRaw(raw)} is longer than 8784h (366 days), the longest there is`);
  }
  return parsed(micros === 0n ? 0 : Number(sign * micros));
}

function noDuration(raw: unknown): string {
  const tight = String(raw).replaceAll(/\s+/g, '');
  if (tight !== String(raw).trim() && parseSignedDuration(tight).ok) {
    return `${quoteRaw(raw)} holds a space; write ${tight}`;
  }
  return `${quoteRaw(raw)} is no duration; write 5s, 250us or 1h30m`;
}

function unknownUnit(raw: unknown, unit: string): string {
  const better = OTHER_UNITS.get(unit);
  const advice = better === undefined ? 'use us, ms, s, m or h' : `use ${better}`;
  return `${quoteRaw(raw)} has an unknown unit "${unit}"; ${advice}`;
}

function tooFine(raw: unknown): string {
  return `${quoteRaw(raw)} is finer than 1us, the smallest step of simulated time`;
}

/** Microseconds -> the shortest Go-style text: `90s` -> `1m30s`, `250` -> `250us`. */
export function formatDuration(micros: number): string {
  if (micros === 0) return '0s';
  if (micros < 0) return `-${formatDuration(-micros)}`;
  if (micros < 1_000) return `${micros}us`;
  if (micros < 1_000_000) return `${micros / 1_000}ms`;
  const hours = Math.floor(micros / 3_600_000_000);
  const minutes = Math.floor(micros / 60_000_000) % 60;
  const seconds = (micros % 60_000_000) / 1_000_000;
  return `${hours ? `${hours}h` : ''}${minutes ? `${minutes}m` : ''}${seconds ? `${seconds}s` : ''}`;
}

/** A decimal number with a sign but no exponent; null where the text is none. */
function decimal(text: string): number | null {
  return /^[-+]?\d{1,18}(\.\d{1,18})?$/.test(text) ? Number(text) : null;
}

/** `30%`, `0.01%` or `0` -> a share from 0 to 1. */
export function parsePercent(raw: unknown): Parsed<number> {
  if (raw === 0) return parsed(0);
  if (typeof raw === 'number') {
    const percent = raw > 0 && raw < 1 ? Number((raw * 100).toPrecision(12)) : raw;
    return refused(`${quoteRaw(raw)} needs a percent sign; write ${percent}%`);
  }
  const text = typeof raw === 'string' ? raw.trim() : '';
  const number = text.endsWith('%') ? decimal(text.slice(0, -1).trim()) : null;
  if (number === null) return refused(`expected a percentage such as 2%, got ${quoteRaw(raw)}`);
  if (number < 0 || number > 100) return refused(`${quoteRaw(raw)} is outside 0%..100%`);
  return parsed(number / 100);
}

/** `0.5` or `50%` -> a share from 0 to 1. */
export function parseShare(raw: unknown): Parsed<number> {
  if (typeof raw !== 'number') return parsePercent(raw);
  if (raw >= 0 && raw <= 1) return parsed(raw);
  return refused(`${quoteRaw(raw)} is outside 0..1`);
}

/** `100/s`, `2/m`, `5/h` or `1.5/ms` -> events per second, > 0. */
export function parseRate(raw: unknown): Parsed<number> {
  if (typeof raw === 'number') return refused(`${quoteRaw(raw)} has no unit; write ${raw}/s`);
  const match = typeof raw === 'string' ? /^\s*([\d.]+)\s*\/\s*(ms|s|m|h)\s*$/.exec(raw) : null;
  const number = match ? decimal(match[1]!) : null;
  if (!match || number === null) {
    return refused(`expected a rate such as 100/s or 2/m, got ${quoteRaw(raw)}`);
  }
  const perSecond = { ms: number * 1_000, s: number, m: number / 60, h: number / 3_600 };
  const value = perSecond[match[2] as keyof typeof perSecond];
  if (value <= 0) return refused(`${quoteRaw(raw)} must be more than 0/s`);
  if (value > 1_000_000) return refused(`${quoteRaw(raw)} is over 1000/ms, the highest rate`);
  return parsed(value);
}

/** `50ppm`, `-50ppm` or `0` -> parts per million, signed integer within +-500000. */
export function parsePpm(raw: unknown): Parsed<number> {
  if (raw === 0) return parsed(0);
  const match = typeof raw === 'string' ? /^\s*([-+]?\d{1,9})\s*ppm\s*$/.exec(raw) : null;
  if (!match) return refused(`expected a clock drift such as 50ppm, got ${quoteRaw(raw)}`);
  const ppm = Number(match[1]);
  if (ppm < -500_000 || ppm > 500_000) {
    return refused(`${quoteRaw(raw)} is outside -500000ppm..500000ppm`);
  }
  return parsed(ppm === 0 ? 0 : ppm);
}

/** `4x` or `1.5x` -> a factor of at least 1. */
export function parseFactor(raw: unknown): Parsed<number> {
  const match = typeof raw === 'string' ? /^\s*([\d.]+)\s*x\s*$/.exec(raw) : null;
  const factor = match ? decimal(match[1]!) : null;
  if (factor === null) return refused(`expected a factor such as 4x, got ${quoteRaw(raw)}`);
  if (factor < 1 || factor > 1_000_000) return refused(`${quoteRaw(raw)} is outside 1x..1000000x`);
  return parsed(factor);
}

const MULTIPLES: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** `50M`, `4k` or `1200` -> an integer from 0 to 2^53 - 1. */
export function parseCount(raw: unknown): Parsed<number> {
  const text = typeof raw === 'number' || typeof raw === 'string' ? String(raw).trim() : '';
  const match = /^(\d{1,16}(?:\.\d{1,9})?)([kKMG]?)$/.exec(text);
  if (!match) return refused(`expected a whole number such as 3 or 50M, got ${quoteRaw(raw)}`);
  const value = Number(match[1]) * MULTIPLES[match[2]!]!;
  if (!Number.isSafeInteger(value)) return refused(`${quoteRaw(raw)} is not a whole number`);
  return parsed(value);
}

const BYTES = new Map<string, number>([
  ['B', 1],
  ['kB', 1e3],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['KiB', 1024],
  ['MiB', 1024 * 1024],
  ['GiB', 1024 * 1024 * 1024],
]);

/** `1GiB`, `512MiB` or `10MB` -> bytes, > 0. */
export function parseBytes(raw: unknown): Parsed<number> {
  if (typeof raw === 'number') return refused(`${quoteRaw(raw)} has no unit; write ${raw}MiB`);
  const match = typeof raw === 'string' ? /^\s*([\d.]+)\s*([A-Za-z]+)\s*$/.exec(raw) : null;
  const number = match ? decimal(match[1]!) : null;
  const unit = match ? BYTES.get(match[2]!) : undefined;
  if (number === null || unit === undefined) {
    return refused(`expected a size such as 512MiB or 1GiB, got ${quoteRaw(raw)}`);
  }
  const value = Math.round(number * unit);
  if (value <= 0 || !Number.isSafeInteger(value)) {
    return refused(`${quoteRaw(raw)} is outside 1B..8388608GiB`);
  }
  return parsed(value);
}

const BITS = new Map<string, number>([
  ['bit', 1],
  ['kbit', 1e3],
  ['Mbit', 1e6],
  ['Gbit', 1e9],
]);

/** `1Gbit/s` or `200MB/s` -> bytes per second, >= 1. */
export function parseBandwidth(raw: unknown): Parsed<number> {
  if (typeof raw === 'number') return refused(`${quoteRaw(raw)} has no unit; write ${raw}Mbit/s`);
  const match = typeof raw === 'string' ? /^\s*([\d.]+)\s*([A-Za-z]+)\/s\s*$/.exec(raw) : null;
  const number = match ? decimal(match[1]!) : null;
  const bits = match ? BITS.get(match[2]!) : undefined;
  const unit = bits === undefined ? BYTES.get(match?.[2] ?? '') : bits / 8;
  if (number === null || unit === undefined) {
    return refused(`expected a bandwidth such as 1Gbit/s or 200MB/s, got ${quoteRaw(raw)}`);
  }
  const value = Math.round(number * unit);
  if (value < 1 || !Number.isSafeInteger(value)) {
    return refused(`${quoteRaw(raw)} is outside 8bit/s..8388608GiB/s`);
  }
  return parsed(value);
}

/** A list of at most two ends, `low..high` or one value that is both. */
export function parseRange<T extends number>(
  raw: unknown,
  parseEnd: (raw: unknown) => Parsed<T>,
): Parsed<readonly [T, T]> {
  const ends = typeof raw === 'string' ? raw.split('..') : [raw];
  if (ends.length > 2) return refused(`${quoteRaw(raw)} has more than two ends; write low..high`);
  const low = parseEnd(zeroText(ends[0]));
  const high = ends.length === 2 ? parseEnd(zeroText(ends[1])) : low;
  if (!low.ok) return low;
  if (!high.ok) return high;
  if (low.value > high.value) {
    return refused(`${quoteRaw(raw)} runs backwards; write ${ends[1]}..${ends[0]}`);
  }
  return parsed([low.value, high.value]);
}

/** `0` inside a range is text, but stands for the number that needs no unit. */
function zeroText(raw: unknown): unknown {
  return typeof raw === 'string' && raw.trim() === '0' ? 0 : raw;
}
