/** Times and names as a screen writes them. */

/** `12.482310s`. */
export function moment(micros: number): string {
  const whole = Math.round(micros);
  const seconds = Math.floor(whole / 1_000_000);
  return `${seconds}.${String(whole - seconds * 1_000_000).padStart(6, '0')}s`;
}

/** `350us`, `1.20ms`, `12.3ms`, `4.25s`, `61s`. */
export function duration(micros: number): string {
  if (micros < 1_000) return `${Math.round(micros)}us`;
  if (micros < 10_000) return `${(micros / 1_000).toFixed(2)}ms`;
  if (micros < 1_000_000) return `${(micros / 1_000).toFixed(1)}ms`;
  if (micros < 10_000_000) return `${(micros / 1_000_000).toFixed(2)}s`;
  return micros < 100_000_000
    ? `${(micros / 1_000_000).toFixed(1)}s`
    : `${Math.round(micros / 1_000_000)}s`;
}

/** `1/100`, `x1`, `max`. */
export function speedText(speed: number): string {
  if (speed === Infinity) return 'max';
  return speed >= 1 ? `x${speed}` : `1/${Math.round(1 / speed)}`;
}
