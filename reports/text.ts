/** Words, figures and tables as reports write them. */
import { widthOf } from './paint.ts';

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** Cut to `width` characters, with `...` where something is missing. Only for unpainted text. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  return width <= 3 ? text.slice(0, Math.max(0, width)) : `${text.slice(0, width - 3)}...`;
}

/** Breaks text between words; a word longer than the line is left whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** Columns padded to their widest cell, two spaces apart; `right` columns end at one line. */
export function table(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, i) => (right.has(i) ? padStart(cell, widths[i]!) : padEnd(cell, widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

/** `1 run`, `3 runs`. */
export function plural(count: number, word: string, words = `${word}s`): string {
  return `${formatCount(count)} ${count === 1 ? word : words}`;
}

/** `58 210`: thousands apart, from five digits on. */
export function formatCount(count: number): string {
  const digits = String(Math.round(count));
  return digits.length < 5 ? digits : digits.replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

/** `1.2 M`, `980 k`: three digits at most. */
export function formatLarge(count: number): string {
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    if (count >= size) return `${threeDigits(count / size)} ${unit}`;
  }
  return threeDigits(count);
}

/** Seconds for people: `0s`, `250us`, `1.25ms`, `2.31s`, `1m 45s`, `2h 5m`. */
export function formatSeconds(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return '0s';
  if (size < 999.5e-6) return `${threeDigits(seconds * 1e6)}us`;
  if (size < 0.9995) return `${threeDigits(seconds * 1e3)}ms`;
  if (size < 99.95) return `${threeDigits(seconds)}s`;
  const whole = Math.round(size);
  const minutes = Math.floor(whole / 60);
  const sign = seconds < 0 ? '-' : '';
  if (minutes >= 60) return `${sign}${Math.floor(minutes / 60)}h ${minutes % 60}m`;
  return `${sign}${minutes}m ${whole % 60}s`;
}

/** A moment of a run: `12.482310s`, as transcripts write it. */
export function formatMoment(seconds: number): string {
  return `${seconds.toFixed(6)}s`;
}

/** `99.8%`; never rounded up to 100 % or down to 0 %. */
export function formatShare(share: number): string {
  const percent = share * 100;
  for (let digits = 2; digits <= 6; digits++) {
    const text = String(Number(percent.toFixed(digits)));
    const lying = (text === '100' && share !== 1) || (text === '0' && share !== 0);
    if (!lying) return `${text}%`;
  }
  return `${percent}%`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}
