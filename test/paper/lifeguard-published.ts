/** What the Lifeguard paper reports (arXiv 1707.00788v2, tables IV to VII). */
import type { Configuration } from './lifeguard.ts';

type Figures = readonly number[];

/** Table V, seconds: first detection, then dissemination: median, 99 %, 99.9 %. */
export const PUBLISHED_DETECTION: Readonly<Record<Configuration, Figures>> = {
  SWIM: [12.44, 16.96, 19.4, 12.9, 16.93, 20.17],
  'LHA-Probe': [12.42, 17.75, 20.1, 12.9, 17.98, 20.56],
  'LHA-Suspicion': [12.42, 17.47, 25.41, 12.89, 17.33, 23.8],
  'Buddy System': [12.45, 17.12, 19.16, 12.92, 17.18, 19.81],
  Lifeguard: [12.45, 17.9, 21.2, 12.91, 18.05, 21.68],
};

/** Tables IV and VI, % of SWIM: false positives, those at healthy members, messages, bytes. */
export const PUBLISHED_RATIOS: Readonly<
  Record<Configuration, readonly [number, number, number, number]>
> = {
  SWIM: [100, 100, 100, 100],
  'LHA-Probe': [67.72, 32.88, 98.46, 90.03],
  'LHA-Suspicion': [3, 6.71, 111.31, 106.52],
  'Buddy System': [94.08, 44.57, 100.07, 99.01],
  Lifeguard: [1.53, 1.89, 110.59, 97.97],
};

/** Table VII, % of SWIM by multipliers: median first detection and dissemination. */
export const PUBLISHED_MULTIPLIERS: Readonly<Record<string, readonly [number, number]>> = {
  '2,2': [53.14, 55.12],
  '2,4': [54.1, 56.28],
  '2,6': [54.34, 56.74],
  '4,2': [82.96, 84.42],
  '4,4': [83.04, 84.03],
  '4,6': [83.12, 84.42],
  '5,2': [99.76, 99.92],
  '5,4': [99.52, 99.61],
  '5,6': [100.08, 100.08],
};
