/**
 * Topologies of known round trips, in which clients measure each other at random until their
 * coordinates have settled; what they then estimate is held against what is true. The topologies and
 * the limits are those of the original's own tests (`hashicorp/serf:coordinate/phantom.go`,
 * `performance_test.go`). They were tuned to one generator, so here the median over seeds is judged,
 * with a quarter on top.
 */
import { Streams } from '../../sim/core/draws.ts';
import type { Draws } from '../../sim/core/draws.ts';
import { COORDINATES } from '../../sim/protocol/coordinate/config.ts';
import { Coordinates } from '../../sim/protocol/coordinate/coordinates.ts';
import { HEIGHT } from '../../sim/protocol/coordinate/space.ts';
import type { DrawSource } from '../../sim/protocol/coordinate/space.ts';
import { mean, quantile } from './swim.ts';

/** Over the limit of the original, which holds for one seed. */
export const TOLERANCE = 1.25;
const MS = 0.001;

export interface Topology {
  readonly name: string;
  readonly nodes: number;
  readonly dimensions: number;
  /** Seconds between two nodes; `one` is the smaller number. */
  truth(one: number, other: number, draws: Draws): number;
  /** Largest mean and largest error, as a share of the truth. */
  readonly limits: readonly [number, number];
}

const CYCLES = 1000;

/** Middle nodes of a circle, and one high above it. */
function chord(one: number, other: number, nodes: number): number {
  if (one === 0) return 200 * MS;
  const angle = (Math.PI * (other - one)) / nodes;
  return 2 * 100 * MS * Math.sin(angle);
}

/** A number of the normal distribution of mean 0 and variance 1 (Box and Muller). */
function normal(draws: Draws): number {
  const [one, other] = [1 - draws.unit(), draws.unit()];
  return Math.sqrt(-2 * Math.log(one)) * Math.cos(2 * Math.PI * other);
}

export const TOPOLOGIES: readonly Topology[] = [
  {
    name: 'line',
    nodes: 10,
    dimensions: 8,
    truth: (one, other) => 10 * MS * (other - one),
    limits: [0.0031, 0.013],
  },
  {
    name: 'grid',
    nodes: 25,
    dimensions: 8,
    truth: (one, other) =>
      10 * MS * Math.hypot((other % 5) - (one % 5), Math.trunc(other / 5) - Math.trunc(one / 5)),
    limits: [0.0016, 0.023],
  },
  {
    name: 'split',
    nodes: 25,
    dimensions: 8,
    truth: (one, other) => (one <= 12 === other <= 12 ? MS : 11 * MS),
    limits: [0.00006, 0.00048],
  },
  {
    name: 'height',
    nodes: 25,
    dimensions: 2,
    truth: (one, other) => chord(one, other, 25),
    limits: [0.0028, 0.064],
  },
  {
    name: 'random',
    nodes: 25,
    dimensions: 8,
    truth: (_one, _other, draws) => 100 * MS + 10 * MS * normal(draws),
    limits: [0.075, 0.33],
  },
];

export interface Settled {
  readonly meanError: number;
  readonly largestError: number;
  readonly resets: number;
  /** Seconds that each lies above the space. */
  readonly heights: readonly number[];
}

/** A source of random directions. */
export function randomly(seed: string | number = 1): DrawSource {
  const streams = new Streams(seed);
  return { draw: (purpose) => streams.stream(purpose) };
}

function truths({ nodes, truth }: Topology, draws: Draws): number[][] {
  const table = Array.from({ length: nodes }, () => new Array<number>(nodes).fill(0));
  for (let one = 0; one < nodes; one++) {
    for (let other = one + 1; other < nodes; other++) {
      table[one]![other] = table[other]![one] = truth(one, other, draws);
    }
  }
  return table;
}

/** Every node in turn measures one that is drawn, if it is not itself. */
export function measure(
  coordinates: Coordinates,
  table: readonly (readonly number[])[],
  cycles: number,
  source: DrawSource,
): void {
  const draws = source.draw('cycle');
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (let one = 0; one < table.length; one++) {
      const other = draws.below(table.length);
      if (other === one) continue;
      const micros = Math.round(table[one]![other]! * 1e6);
      coordinates.observe(one, other, other, coordinates.versionOf(other), micros, source);
    }
  }
}

export function settle(topology: Topology, seed: number): Settled {
  const { nodes, dimensions } = topology;
  const source = randomly(`${topology.name}/${seed}`);
  const table = truths(topology, source.draw('truth'));
  const coordinates = new Coordinates(nodes, { ...COORDINATES, dimensions });
  measure(coordinates, table, CYCLES, source);
  const errors: number[] = [];
  for (let one = 0; one < nodes; one++) {
    for (let other = one + 1; other < nodes; other++) {
      const truth = table[one]![other]!;
      errors.push(Math.abs(coordinates.distance(one, other) - truth) / truth);
    }
  }
  const all = table.map((_, node) => node);
  return {
    meanError: mean(errors),
    largestError: Math.max(...errors),
    resets: all.reduce((sum, node) => sum + coordinates.resets(node), 0),
    heights: all.map((node) => coordinates.read(node)[dimensions + HEIGHT]!),
  };
}

export interface Judged {
  /** Medians over the seeds, and the worst of them. */
  readonly meanError: readonly [number, number];
  readonly largestError: readonly [number, number];
  readonly resets: number;
  /** Medians of the height of node 0 and of the highest other one. */
  readonly heights: readonly [number, number];
  readonly holds: boolean;
}

const ascending = (one: number, other: number): number => one - other;

function medianAndWorst(values: readonly number[]): readonly [number, number] {
  const sorted = values.toSorted(ascending);
  return [quantile(sorted, 0.5), sorted.at(-1)!];
}

/** The mean error is judged; the largest hangs on single seeds too much and is only told. */
export function judge(topology: Topology, seeds: number): Judged {
  const runs = Array.from({ length: seeds }, (_, at) => settle(topology, at + 1));
  const meanError = medianAndWorst(runs.map((run) => run.meanError));
  const resets = runs.reduce((sum, run) => sum + run.resets, 0);
  return {
    meanError,
    largestError: medianAndWorst(runs.map((run) => run.largestError)),
    resets,
    heights: [
      medianAndWorst(runs.map(({ heights }) => heights[0]!))[0],
      medianAndWorst(runs.map(({ heights }) => Math.max(...heights.slice(1))))[0],
    ],
    holds: meanError[0] <= TOLERANCE * topology.limits[0] && resets === 0,
  };
}

const DRIFT_START = [
  [0, 0],
  [0, 0.5],
  [0.5, 0.5],
  [0.5, 0.5],
] as const;
const DRIFT_CYCLES = 10_000;

/** Distance of the middle of the space that all take up from the origin. */
function offCentre(coordinates: Coordinates): number {
  const rows = DRIFT_START.map((_, node) => coordinates.read(node));
  const middles = [0, 1].map((axis) => {
    const along = rows.map((row) => row[axis]!);
    return (Math.min(...along) + Math.max(...along)) / 2;
  });
  return Math.hypot(...middles);
}

/** Four nodes far from the origin: how much nearer gravity brings them, as a share. */
export function drift(seed: number): number {
  const source = randomly(`drift/${seed}`);
  const coordinates = new Coordinates(DRIFT_START.length, { ...COORDINATES, dimensions: 2 });
  DRIFT_START.forEach((start, node) => coordinates.write(node, start));
  const table = DRIFT_START.map((_, one) =>
    DRIFT_START.map((__, other) => (one % 2 === 0 && other % 2 === 0 ? 0.5 * Math.SQRT2 : 0.5)),
  );
  measure(coordinates, table, CYCLES, source);
  const before = offCentre(coordinates);
  measure(coordinates, table, DRIFT_CYCLES, source);
  return offCentre(coordinates) / before;
}

export const DRIFT_LIMIT = 0.8;

/** Median and worst over seeds. */
export function judgeDrift(seeds: number): readonly [number, number] {
  return medianAndWorst(Array.from({ length: seeds }, (_, at) => drift(at + 1)));
}
