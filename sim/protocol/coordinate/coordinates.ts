/**
 * Network coordinates of all members of a pool: Vivaldi as serf ships it, with a latency filter, an
 * adjustment and gravity (`hashicorp/serf:coordinate/client.go`; Dabek et al., SIGCOMM 2004).
 *
 * What a member tells of itself goes with its acks, as it was when the ack left. A coordinate changes
 * once for a probe, so the last few of each member are kept, and an ack carries the number of one.
 *
 * Known deviations: times are whole microseconds, those of the original nanoseconds.
 */
import { COORDINATES, ROUND_TRIP_MICROS_MAX } from './config.ts';
import type { CoordinateConfig } from './config.ts';
import { LatencyFilter } from './latency-filter.ts';
import type { LatencyFilterState } from './latency-filter.ts';
import * as Space from './space.ts';
import type { DrawSource, Rows } from './space.ts';

export interface CoordinatesState {
  readonly rows: Float64Array;
  readonly version: Uint8Array;
  readonly samples: Float64Array;
  readonly nextSample: Uint8Array;
  readonly resets: Uint32Array;
  readonly filter: LatencyFilterState;
}

/** Coordinates of a member that acks on their way may still name. */
export const VERSIONS = 4;
const MICROS = 1e6;

export class Coordinates {
  readonly config: CoordinateConfig;
  /** Numbers of one coordinate. */
  readonly length: number;
  private readonly rows: Float64Array;
  private readonly version: Uint8Array;
  /** Measured less estimated, the last of each member. */
  private readonly samples: Float64Array;
  private readonly nextSample: Uint8Array;
  private readonly resetCounts: Uint32Array;
  private readonly filter = new LatencyFilter();
  /** Where everybody begins. */
  private readonly origin: Float64Array;

  constructor(members: number, config: CoordinateConfig = COORDINATES) {
    this.config = config;
    this.length = Space.rowLength(config);
    this.rows = new Float64Array(members * VERSIONS * this.length);
    this.version = new Uint8Array(members);
    this.samples = new Float64Array(members * config.adjustmentWindow);
    this.nextSample = new Uint8Array(members);
    this.resetCounts = new Uint32Array(members);
    this.origin = new Float64Array(this.length);
    Space.clearRow(config, this.origin, 0);
    for (let member = 0; member < members; member++) this.begin(member);
  }

  /** The member starts without memory. */
  begin(member: number): void {
    const { config, samples } = this;
    const { adjustmentWindow } = config;
    this.version[member] = 0;
    Space.clearRow(config, this.rows, this.rowOf(member, 0));
    samples.fill(0, member * adjustmentWindow, (member + 1) * adjustmentWindow);
    this.nextSample[member] = 0;
    this.resetCounts[member] = 0;
    this.filter.forgetAll(member);
  }

  /** Number of the member's coordinate of now, for acks. */
  versionOf(member: number): number {
    return this.version[member];
  }

  private rowOf(member: number, version: number): number {
    return (member * VERSIONS + version) * this.length;
  }

  /** A copy of the member's coordinate. */
  read(member: number): Float64Array {
    const at = this.rowOf(member, this.version[member]);
    return this.rows.slice(at, at + this.length);
  }

  /** How often the member had to begin again, because its coordinate was none. */
  resets(member: number): number {
    return this.resetCounts[member];
  }

  /** Estimated round trip between two members in seconds. */
  distance(member: number, other: number): number {
    const at = this.rowOf(member, this.version[member]);
    const to = this.rowOf(other, this.version[other]);
    return Space.distance(this.rows, at, this.rows, to, this.config.dimensions);
  }

  /** The member no longer knows the node. */
  forget(member: number, node: number): void {
    this.filter.forget(member, node);
  }

  /** A round trip to a member of the pool that bears the node's name, and its coordinate then. */
  observe(
    member: number,
    node: number,
    other: number,
    version: number,
    micros: number,
    out: DrawSource,
    unchecked = false,
  ): boolean {
    const at = this.rowOf(other, version);
    return this.update(member, node, this.rows, at, micros, out, unchecked);
  }

  /**
   * A round trip to a node with that coordinate; false: it was refused (`Update`). `unchecked`, as it
   * was once, nothing is.
   */
  update(
    member: number,
    node: number,
    others: Rows,
    other: number,
    micros: number,
    out: DrawSource,
    unchecked = false,
  ): boolean {
    const { config, rows, length } = this;
    if (!unchecked && !this.isSound(others, other, micros)) return false;
    const seconds = this.filter.add(member, node, micros) / MICROS;
    const from = this.rowOf(member, this.version[member]);
    const version = (this.version[member] + 1) % VERSIONS;
    const at = this.rowOf(member, version);
    rows.copyWithin(at, from, from + length);
    this.move(at, others, other, seconds, out);
    this.adjust(member, at, others, other, seconds);
    const pull = Space.distance(this.origin, 0, rows, at, config.dimensions) / config.gravityRho;
    Space.applyForce(config, -1 * pull * pull, rows, at, this.origin, 0, out);
    if (!unchecked && !Space.isValid(rows, at, length)) {
      this.resetCounts[member]++;
      Space.clearRow(config, rows, at);
    }
    this.version[member] = version;
    return true;
  }

  private isSound(others: Rows, other: number, micros: number): boolean {
    if (!Space.isValid(others, other, this.length)) return false;
    return micros >= 0 && micros <= ROUND_TRIP_MICROS_MAX;
  }

  /** The step of Vivaldi: the surer the other is, the farther (`updateVivaldi`). */
  private move(at: number, others: Rows, other: number, seconds: number, out: DrawSource): void {
    const { config, rows } = this;
    const { dimensions, errorGain, forceGain, errorMax } = config;
    const estimate = Space.distance(rows, at, others, other, dimensions);
    const measured = Math.max(seconds, Space.ZERO_THRESHOLD);
    const wrongness = Math.abs(estimate - measured) / measured;
    const errorAt = at + dimensions + Space.ERROR;
    const error = rows[errorAt];
    const total = Math.max(error + others[other + dimensions + Space.ERROR], Space.ZERO_THRESHOLD);
    const weight = error / total;
    const corrected = errorGain * weight * wrongness + error * (1 - errorGain * weight);
    rows[errorAt] = Math.min(corrected, errorMax);
    const force = forceGain * weight * (measured - estimate);
    Space.applyForce(config, force, rows, at, others, other, out);
  }

  /** What space cannot express: half of the mean difference belongs to this end (`updateAdjustment`). */
  private adjust(member: number, at: number, others: Rows, other: number, seconds: number): void {
    const { config, rows, samples, nextSample } = this;
    const { adjustmentWindow, dimensions } = config;
    const first = member * adjustmentWindow;
    const next = nextSample[member];
    samples[first + next] = seconds - Space.rawDistance(rows, at, others, other, dimensions);
    nextSample[member] = (next + 1) % adjustmentWindow;
    let sum = 0;
    for (let i = first; i < first + adjustmentWindow; i++) sum += samples[i];
    rows[at + dimensions + Space.ADJUSTMENT] = sum / (2 * adjustmentWindow);
  }

  /** Replaces a member's coordinate, as a fault in memory would. For tests. */
  write(member: number, row: ArrayLike<number>): void {
    this.rows.set(row, this.rowOf(member, this.version[member]));
  }

  save(): CoordinatesState {
    return {
      rows: this.rows.slice(),
      version: this.version.slice(),
      samples: this.samples.slice(),
      nextSample: this.nextSample.slice(),
      resets: this.resetCounts.slice(),
      filter: this.filter.save(),
    };
  }

  restore({ rows, version, samples, nextSample, resets, filter }: CoordinatesState): void {
    this.rows.set(rows);
    this.version.set(version);
    this.samples.set(samples);
    this.nextSample.set(nextSample);
    this.resetCounts.set(resets);
    this.filter.restore(filter);
  }
}
