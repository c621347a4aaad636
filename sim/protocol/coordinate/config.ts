/** What can be set about network coordinates (`hashicorp/serf:coordinate/config.go`). */
export interface CoordinateConfig {
  readonly dimensions: number;
  /** Error of a node that knows nothing, and the largest there is (`VivaldiErrorMax`). */
  readonly errorMax: number;
  /** How much one observation tells of the own error (`VivaldiCE`). */
  readonly errorGain: number;
  /** How far one observation moves a node (`VivaldiCC`). */
  readonly forceGain: number;
  /** Samples that the adjustment is the mean of. */
  readonly adjustmentWindow: number;
  readonly heightMinSeconds: number;
  /** Distance from the origin at which gravity pulls with a force of one second. */
  readonly gravityRho: number;
}

/** `DefaultConfig`. The latency filter of three samples is in latency-filter.ts. */
export const COORDINATES: CoordinateConfig = {
  dimensions: 8,
  errorMax: 1.5,
  errorGain: 0.25,
  forceGain: 0.25,
  adjustmentWindow: 20,
  heightMinSeconds: 10e-6,
  gravityRho: 150,
};

/** Longer round trips are refused: no network is that slow, so a clock must have jumped. */
export const ROUND_TRIP_MICROS_MAX = 10_000_000;
