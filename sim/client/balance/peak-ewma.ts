/**
 * Peak EWMA: a latency average that jumps to every peak and decays from it, times the requests under
 * way; the lesser of two is picked. Finagle takes an instance that has not answered yet for free, but
 * sends it one request at a time; tower and linkerd start from a configured latency. Errors count with
 * the time they took, so that fast ones attract load, unless they are given a time of their own.
 */
import { exp } from '../../core/math.ts';
import { pickOfTwo } from './p2c.ts';
import type { Picking, Policy } from './policy.ts';

/** Dwarfs every product of latency and load, but keeps the order of the requests under way. */
const NO_HISTORY = 2 ** 47;

interface Average {
  cost: number;
  stamp: number;
}

interface State {
  readonly averages: Average[];
}

function observe(average: Average, micros: number, now: number, decayMicros: number): void {
  if (micros > average.cost) {
    average.cost = micros;
  } else {
    const kept = exp(-Math.max(0, now - average.stamp) / decayMicros);
    average.cost = average.cost * kept + micros * (1 - kept);
  }
  average.stamp = now;
}

/** What an instance costs now; an idle one gets cheaper while nothing is heard of it. */
export function loadOf(average: Average, active: number, now: number, decayMicros: number): number {
  observe(average, 0, now, decayMicros);
  if (average.cost === 0 && active !== 0) return NO_HISTORY + active;
  return average.cost * (active + 1);
}

function leastOfAll({ candidates, draws }: Picking, load: (one: number) => number): number {
  // From anywhere, so that equals share.
  const start = draws.below(candidates.length);
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < candidates.length; i++) {
    const one = candidates[(start + i) % candidates.length];
    const own = load(one);
    if (own < least) [best, least] = [one, own];
  }
  return best;
}

export const peakEwma: Policy<State> = {
  source:
    'twitter/finagle:finagle-core/src/main/scala/com/twitter/finagle/loadbalancer/PeakEwma.scala; tower-rs/tower:tower/src/load/peak_ewma.rs',
  seesHealth: true,
  create: ({ defaultMicros }, endpoints) => ({
    averages: endpoints.map(() => ({ cost: defaultMicros ?? 0, stamp: 0 })),
  }),
  grow({ averages }, endpoints, { defaultMicros }) {
    while (averages.length < endpoints.length) {
      averages.push({ cost: defaultMicros ?? 0, stamp: 0 });
    }
  },
  pick({ averages }, picking) {
    const { active, now, settings } = picking;
    const load = (one: number): number =>
      loadOf(averages[one], active[one], now, settings.decayMicros);
    return settings.scan ? leastOfAll(picking, load) : pickOfTwo(picking, load);
  },
  onEnd({ averages }, { endpoint, ok, micros, now }, { settings }) {
    const { errorMicros, decayMicros, fastErrors } = settings;
    // P24 (linkerd2-proxy#4537): a fast error looks like a fast success.
    const isPlain = ok || errorMicros === null || fastErrors === true;
    const counted = isPlain ? micros : Math.max(micros, errorMicros);
    observe(averages[endpoint], counted, now, decayMicros);
  },
  save: ({ averages }) => ({ averages: averages.map((average) => ({ ...average })) }),
};
