/**
 * The names a scenario may use, as data: faults, message classes, invariants, metrics, bugs. Code
 * elsewhere keys its registries by these types, so that the compiler finds a missing entry. A change
 * that lands a model moves its names from a `LATER_` list to the one above it.
 */

export * from './vocabulary/bugs.ts';
export * from './vocabulary/faults.ts';
export * from './vocabulary/invariants.ts';
export * from './vocabulary/load-metrics.ts';
export * from './vocabulary/metrics.ts';
