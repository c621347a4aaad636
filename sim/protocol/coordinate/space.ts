/**
 * The space that coordinates lie in (`hashicorp/serf:coordinate/coordinate.go`). A coordinate is a
 * row of numbers: the components of its vector, then error, adjustment and height, in seconds. Rows
 * lie in columns of many and are changed in place.
 */
import type { Outbox } from '../../core/machine.ts';
import type { CoordinateConfig } from './config.ts';

/** Numbers behind the vector. */
export const ERROR = 0;
export const ADJUSTMENT = 1;
export const HEIGHT = 2;
const SCALARS = 3;

/** Nearer than this two points are the same, and no number is divided by less. */
export const ZERO_THRESHOLD = 1e-6;
const NANOS = 1e9;

/** Where random directions come from. */
export type DrawSource = Pick<Outbox, 'draw'>;

/** Rows of many coordinates, or of one. */
export type Rows = ArrayLike<number>;

export function rowLength({ dimensions }: CoordinateConfig): number {
  return dimensions + SCALARS;
}

/** A coordinate of who knows nothing: at the origin (`NewCoordinate`). */
export function clearRow(config: CoordinateConfig, rows: Float64Array, at: number): void {
  const { dimensions, errorMax, heightMinSeconds } = config;
  rows.fill(0, at, at + dimensions);
  rows[at + dimensions + ERROR] = errorMax;
  rows[at + dimensions + ADJUSTMENT] = 0;
  rows[at + dimensions + HEIGHT] = heightMinSeconds;
}

/** Every number is finite (`IsValid`). */
export function isValid(rows: Rows, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (!Number.isFinite(rows[i])) return false;
  return true;
}

/** Distance in seconds without adjustments: through space, and up to and down from it. */
export function rawDistance(
  rows: Rows,
  at: number,
  others: Rows,
  other: number,
  dimensions: number,
): number {
  let squares = 0;
  for (let i = 0; i < dimensions; i++) {
    const difference = rows[at + i] - others[other + i];
    squares += difference * difference;
  }
  const heights = rows[at + dimensions + HEIGHT] + others[other + dimensions + HEIGHT];
  return Math.sqrt(squares) + heights;
}

/** Estimate of the round trip in seconds, in whole nanoseconds (`DistanceTo`). */
export function distance(
  rows: Rows,
  at: number,
  others: Rows,
  other: number,
  dimensions: number,
): number {
  const raw = rawDistance(rows, at, others, other, dimensions);
  const adjusted =
    raw + rows[at + dimensions + ADJUSTMENT] + others[other + dimensions + ADJUSTMENT];
  return Math.trunc((adjusted > 0 ? adjusted : raw) * NANOS) / NANOS;
}

/** Pushes the row away from the other, or for a negative force towards it (`ApplyForce`). */
export function applyForce(
  config: CoordinateConfig,
  force: number,
  rows: Float64Array,
  at: number,
  others: Rows,
  other: number,
  out: DrawSource,
): void {
  const { dimensions, heightMinSeconds } = config;
  let squares = 0;
  for (let i = 0; i < dimensions; i++) {
    const difference = rows[at + i] - others[other + i];
    squares += difference * difference;
  }
  const magnitude = Math.sqrt(squares);
  // A difference that is no number has no direction either, and spreads it nowhere.
  if (!(magnitude > ZERO_THRESHOLD)) {
    pushAnywhere(force, rows, at, dimensions, out);
    return;
  }
  const share = 1 / magnitude;
  for (let i = 0; i < dimensions; i++) {
    const unit = (rows[at + i] - others[other + i]) * share;
    rows[at + i] += unit * force;
  }
  const height = rows[at + dimensions + HEIGHT];
  const sum = height + others[other + dimensions + HEIGHT];
  rows[at + dimensions + HEIGHT] = Math.max((sum * force) / magnitude + height, heightMinSeconds);
}

/** Two in the same place part in a random direction; their heights stay. */
function pushAnywhere(
  force: number,
  rows: Float64Array,
  at: number,
  dimensions: number,
  out: DrawSource,
): void {
  const draws = out.draw('coordinates');
  const direction = Array.from({ length: dimensions }, () => draws.unit() - 0.5);
  const magnitude = Math.sqrt(direction.reduce((sum, one) => sum + one * one, 0));
  for (let i = 0; i < dimensions; i++) {
    const unit = magnitude > ZERO_THRESHOLD ? direction[i] * (1 / magnitude) : Number(i === 0);
    rows[at + i] += unit * force;
  }
}
