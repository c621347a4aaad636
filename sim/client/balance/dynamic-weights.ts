/**
 * Client-side weighted round robin of gRPC (A58): weights follow from what backends report with their
 * answers, requests per second over utilisation plus a penalty for errors. A weight is used after 10 s
 * of reports, expires 3 minutes after the last, and the schedule is renewed every second.
 */
import type { LoadReport } from '../../service/vocabulary.ts';
import { newStride, nextPlace, scaledWeights } from './static-stride.ts';
import type { Stride } from './static-stride.ts';
import type { Policy } from './policy.ts';

const BLACKOUT_MICROS = 10_000_000;
const EXPIRATION_MICROS = 180_000_000;
const UPDATE_MICROS = 1_000_000;
const ERROR_PENALTY = 1;

interface Reported {
  weight: number;
  /** First report of those that do not lie too far apart; -1: none. */
  since: number;
  last: number;
}

interface State {
  readonly stride: Stride;
  readonly reported: Reported[];
  updated: number;
}

/** 0: unknown. */
export function weightOf({ requestsPerSecond, errorsPerSecond, utilisation }: LoadReport): number {
  if (requestsPerSecond <= 0 || utilisation <= 0) return 0;
  const penalty = (errorsPerSecond / requestsPerSecond) * ERROR_PENALTY;
  return requestsPerSecond / (utilisation + penalty);
}

function unknown(): Reported {
  return { weight: 0, since: -1, last: -1 };
}

function inUse({ weight, since, last }: Reported, now: number): number {
  if (since < 0 || now - last >= EXPIRATION_MICROS || now - since < BLACKOUT_MICROS) return 0;
  return weight;
}

export const dynamicWeights: Policy<State> = {
  source:
    'grpc/proposal:A58-client-side-weighted-round-robin-lb-policy.md; grpc-go:balancer/weightedroundrobin/balancer.go',
  create: (_, endpoints, draws) => ({
    stride: newStride(draws),
    reported: endpoints.map(unknown),
    updated: -1,
  }),
  grow({ reported }, endpoints) {
    while (reported.length < endpoints.length) reported.push(unknown());
  },
  pick(state, { candidates, version, now }) {
    const { stride, reported } = state;
    const isDue = state.updated < 0 || now - state.updated >= UPDATE_MICROS;
    if (isDue || stride.version !== version) {
      state.updated = now;
      stride.version = version;
      stride.scaled = scaledWeights(candidates.map((one) => inUse(reported[one], now)));
    }
    return candidates[nextPlace(stride, candidates.length)];
  },
  onEnd({ reported }, { endpoint, report, now }) {
    const weight = report === null ? 0 : weightOf(report);
    if (weight === 0) return;
    const one = reported[endpoint];
    if (one.since < 0 || now - one.last >= EXPIRATION_MICROS) one.since = now;
    one.weight = weight;
    one.last = now;
  },
  save: ({ stride, reported, updated }) => ({
    stride: { ...stride },
    reported: reported.map((one) => ({ ...one })),
    updated,
  }),
};
