/** Figures as people read them; also used by the scripts of pages, so it imports no code. */
import type { MetricSummary } from '../sim/core/metrics.ts';

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

/** A single figure in the unit of its metric. */
export function formatFigure(name: string, unit: MetricSummary['unit'], value: number): string {
  if (unit === 's') return formatSeconds(value);
  if (name.endsWith('.availability')) return formatShare(value);
  if (unit === 'By') return `${formatCount(value)} B`;
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(3)));
}
