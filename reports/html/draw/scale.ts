/** Scales and their ticks. */

/** Round numbers within [from, to], about as many as asked for. */
export function linearTicks(from: number, to: number, count: number): number[] {
  const span = to - from;
  if (!(span > 0) || count < 1) return [from];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough)!;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** Powers of ten that enclose positive values; at least one decade. */
export function decades(least: number, most: number): readonly [number, number] {
  const low = 10 ** Math.floor(Math.log10(least) + 1e-9);
  const high = 10 ** Math.ceil(Math.log10(most) - 1e-9);
  return [low, high > low ? high : low * 10];
}

export function decadeTicks(low: number, high: number): number[] {
  const count = Math.round(Math.log10(high / low));
  const every = Math.max(1, Math.ceil(count / 5));
  const ticks: number[] = [];
  for (let i = 0; i <= count; i += every) ticks.push(low * 10 ** i);
  return ticks;
}

/** The least round number that is not less. */
export function niceMax(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((one) => one * power).find((one) => one >= value)!;
}

/** Where values of [from, to] lie between two places; both may be given in either order. */
export function linear(from: number, to: number, start: number, end: number) {
  const factor = to === from ? 0 : (end - start) / (to - from);
  return (value: number): number => start + (value - from) * factor;
}

export function logarithmic(from: number, to: number, start: number, end: number) {
  const scale = linear(Math.log10(from), Math.log10(to), start, end);
  return (value: number): number => scale(Math.log10(Math.max(value, from)));
}
