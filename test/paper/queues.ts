/**
 * Queues, balancing and retry storms against formulas and published figures, through the whole stack:
 * clients, connections, instances, in a network without delays. The unit of time is the mean service
 * time, here 10 ms.
 */
import type { Observer } from '../../sim/core/observer.ts';
import { begin } from '../run/kit.ts';
import { CallNote, InstanceNote } from '../../sim/service/vocabulary.ts';
import { callScenario } from '../client/kit.ts';

const UNIT_MICROS = 10_000;
const WARM_UP = 0.1;
const BATCHES = 40;

export interface QueueCase {
  readonly name: string;
  readonly instances: number;
  readonly workers: number;
  readonly rho: number;
  readonly clients: number;
  readonly policy: string;
  readonly deterministic?: true;
  /** Instances register with agents, which check them; clients learn of them through theirs. */
  readonly discovered?: true;
  /** Speeds of instances that are slower than 1, by their number. */
  readonly slow?: Readonly<Record<number, number>>;
  readonly weights?: Readonly<Record<number, number>>;
  readonly mean: number;
  readonly p99?: number;
  /** Of the mean; figures of a simulation agree less than formulas. */
  readonly tolerance: number;
  /** Jobs in units of those asked for: slow queues need more. */
  readonly effort: number;
}

function toleranceAt(rho: number): number {
  return rho <= 0.9 ? 0.02 : rho <= 0.95 ? 0.05 : 0.1;
}

function single(name: string, rho: number, workers: number, mean: number, deterministic = false) {
  const effort = rho >= 0.99 ? 100 : rho >= 0.9 ? 4 : 1;
  return {
    name,
    instances: 1,
    workers,
    rho,
    clients: 1,
    policy: 'random',
    mean,
    tolerance: toleranceAt(rho),
    effort,
    ...(deterministic ? ({ deterministic: true } as const) : {}),
  };
}

/** expectations: formulas of single queues. */
export const FORMULAS: readonly QueueCase[] = [
  ...[0.5, 0.8, 0.9, 0.95, 0.99].map((rho) => single('M/M/1', rho, 1, 1 / (1 - rho))),
  ...[0.5, 0.8, 0.9].map((rho) => single('M/D/1', rho, 1, 1 + rho / (2 * (1 - rho)), true)),
  ...(
    [
      [2, [1.3333, 1.9608, 2.7778, 5.2632]],
      [4, [1.087, 1.3572, 1.7455, 2.9694]],
      [8, [1.0148, 1.1128, 1.286, 1.8769]],
    ] as const
  ).flatMap(([workers, means]) =>
    [0.5, 0.7, 0.8, 0.9].map((rho, at) => single(`M/M/${workers}`, rho, workers, means[at]!)),
  ),
];

function balanced(
  policy: string,
  instances: number,
  rho: number,
  mean: number,
  p99: number,
  clients = 1,
): QueueCase {
  const name = `${policy}, ${instances} instances${clients > 1 ? `, ${clients} clients` : ''}`;
  // Ten clients with streams of their own: their figures come in slowly.
  const effort = clients > 1 ? 4 : rho > 0.5 ? 2 : 1;
  return { name, instances, workers: 1, rho, clients, policy, mean, p99, tolerance: 0.04, effort };
}

const P2C = '{ policy: least-request, replacement: false }';

/** §6.12's table: simulations of its own, whose seeds agree within 4 %. */
export const BALANCED: readonly QueueCase[] = [
  balanced('random', 10, 0.5, 2.0, 9.2),
  balanced('round-robin', 10, 0.5, 1.32, 6.1),
  balanced(P2C, 10, 0.5, 1.29, 5.7),
  balanced('least-outstanding', 10, 0.5, 1.02, 4.7),
  balanced('random', 10, 0.9, 10.1, 46),
  balanced('round-robin', 10, 0.9, 5.6, 26),
  balanced(P2C, 10, 0.9, 3.0, 10.6),
  balanced('least-outstanding', 10, 0.9, 1.92, 8.0),
  balanced('random', 100, 0.5, 2.0, 9.2),
  balanced('round-robin', 100, 0.5, 1.26, 5.8),
  balanced(P2C, 100, 0.5, 1.27, 5.6),
  balanced('least-outstanding', 100, 0.5, 1.0, 4.6),
  balanced('random', 100, 0.9, 10.0, 46),
  balanced('round-robin', 100, 0.9, 5.2, 24),
  balanced(P2C, 100, 0.9, 2.65, 8.9),
  balanced('least-outstanding', 100, 0.9, 1.07, 4.9),
  balanced('random', 10, 0.9, 10.1, 46, 10),
  balanced('round-robin', 10, 0.9, 6.2, 27, 10),
  balanced(P2C, 10, 0.9, 4.4, 14.8, 10),
  balanced('least-outstanding', 10, 0.9, 3.8, 12.4, 10),
];

/** Those of several clients, which have to find their instances first: the figures are the same. */
export const DISCOVERED: readonly QueueCase[] = BALANCED.filter(({ clients }) => clients > 1).map(
  (one) => ({ ...one, discovered: true }),
);

function uneven(policy: string, speed: number, mean: number, p99: number, weights = false) {
  const slow = { 10: speed };
  const all = Array.from({ length: 10 }, (_, at) => [at + 1, at === 9 ? speed * 10 : 10] as const);
  return {
    name: `${policy}, one of ten at ${speed}`,
    instances: 10,
    workers: 1,
    // Of the capacity of all.
    rho: (0.6 * (9 + speed)) / 10,
    clients: 1,
    policy,
    slow,
    ...(weights ? { weights: Object.fromEntries(all) } : {}),
    mean,
    p99,
    tolerance: 0.04,
    effort: 1,
  };
}

export const UNEVEN: readonly QueueCase[] = [
  uneven('random', 0.7, 3.0, 19.9),
  uneven('round-robin', 0.7, 1.85, 11.3),
  uneven(P2C, 0.7, 1.5, 6.6),
  uneven('least-outstanding', 0.7, 1.11, 5.2),
  uneven('weighted-random', 0.7, 2.58, 12.0, true),
  uneven('smooth-weighted', 0.7, 1.63, 7.6, true),
  uneven(P2C, 0.25, 1.77, 12.1),
  uneven('least-outstanding', 0.25, 1.21, 6.9),
];

export interface QueueFigures {
  readonly jobs: number;
  /** In mean service times. */
  readonly mean: number;
  readonly p99: number;
  /** Standard error of the mean, by batches. */
  readonly error: number;
  /** Mean number inside over arrival rate times mean time: 1 by Little's law. */
  readonly little: number;
}

/**
 * Nobody knows of anybody when the run begins: instances register through the API of their agents and
 * are checked, clients hold blocking queries on the cache of theirs. A check is work like any other,
 * and waits as long: in these queues for longer than its timeout would be.
 */
const CHECKED = {
  checked: ', register: {}, check: { http: /health, interval: 1m, timeout: 1h, status: passing }',
  discover: ', discover: { by: health, passing: true, refresh: watch, cached: true }',
} as const;
const UNCHECKED = { checked: '', discover: '' } as const;

function textOf(one: QueueCase, jobs: number): { text: string; seconds: number } {
  const perSecond = (one.rho * one.instances * one.workers * 1e6) / UNIT_MICROS;
  const behaviour = Object.entries(one.slow ?? {}).map(
    ([at, speed]) => `web-${at}: { slow: ${(1 / speed).toFixed(6)}x }`,
  );
  const weights = Object.entries(one.weights ?? {}).map(([at, weight]) => `web-${at}: ${weight}`);
  const time = one.deterministic ? '10ms' : 'exp 10ms';
  const { checked, discover } = one.discovered ? CHECKED : UNCHECKED;
  const text = `${one.discovered ? 'start: cold\n' : ''}limits: { events: 10G, wall: 10h }
services: { web: { instances: ${one.instances}, workers: ${one.workers}, queue: 1G, service_time: ${time}, weights: { ${weights.join(', ')} }, behaviour: { ${behaviour.join(', ')} }${checked} } }
load: { c: { kind: call, service: web, clients: ${one.clients}, rate: ${perSecond.toFixed(4)}/s, timeout: 10h, balance: ${one.policy}${discover} } }`;
  return { text, seconds: Math.ceil(jobs / perSecond) };
}

/** Runs a case for about so many jobs, the first tenth not counted. */
export function measureQueue(one: QueueCase, jobs: number, seed: number): QueueFigures {
  const { text, seconds } = textOf(one, jobs);
  const execution = begin(callScenario(text, seconds), seed, { trace: 'off', observers: false });
  const { world } = execution;
  const fromMicros = seconds * 1e6 * WARM_UP;
  const untilMicros = seconds * 1e6;
  const latencies: number[] = [];
  let [inside, area, since, arrived] = [0, 0, fromMicros, 0];
  const count = (change: number): void => {
    const now = Math.min(Math.max(world.now, fromMicros), untilMicros);
    area += inside * (now - since);
    since = now;
    inside += change;
  };
  const observer: Observer = {
    wants: [CallNote.succeeded, InstanceNote.arrived, InstanceNote.served],
    onNote(kind, _process, _a, b) {
      if (kind === CallNote.succeeded) {
        const started = world.now - b;
        if (started >= fromMicros && started < untilMicros) latencies.push(b);
        return;
      }
      count(kind === InstanceNote.arrived ? 1 : -1);
      if (kind === InstanceNote.arrived && world.now >= fromMicros && world.now < untilMicros) {
        arrived++;
      }
    },
  };
  world.observe(observer);
  while (execution.step());
  return figuresOf(
    latencies,
    area / (untilMicros - fromMicros),
    arrived / (untilMicros - fromMicros),
  );
}

function figuresOf(latencies: number[], inside: number, ratePerMicro: number): QueueFigures {
  const sum = (from: number, to: number): number => {
    let total = 0;
    for (let i = from; i < to; i++) total += latencies[i]!;
    return total;
  };
  const count = latencies.length;
  const micros = sum(0, count) / count;
  const size = Math.floor(count / BATCHES);
  const means = Array.from({ length: BATCHES }, (_, at) => sum(at * size, (at + 1) * size) / size);
  const squares = means.reduce((total, one) => total + (one - micros) ** 2, 0);
  const sorted = Float64Array.from(latencies).sort();
  return {
    jobs: count,
    mean: micros / UNIT_MICROS,
    p99: sorted[Math.floor(count * 0.99)]! / UNIT_MICROS,
    error: Math.sqrt(squares / (BATCHES - 1) / BATCHES) / UNIT_MICROS,
    little: inside / (ratePerMicro * micros),
  };
}

/** Whether a mean is as expected: within the tolerance, or three standard errors. */
export function agrees({ mean, error }: QueueFigures, one: QueueCase): boolean {
  return Math.abs(mean - one.mean) <= Math.max(one.tolerance * one.mean, 3 * error);
}

/** linkerd's experiment: 11 servers of N(167 ms, 5 ms), one at 2 s for half of the time. */
export const SLOW_REPLICA = [
  { policy: 'round-robin', expected: 0.9545 },
  { policy: '{ policy: least-request, replacement: false }', expected: 0.995 },
  { policy: 'least-outstanding', expected: 0.9957 },
  { policy: 'peak-ewma', expected: 0.9993 },
  { policy: '{ policy: peak-ewma, scan: true }', expected: 0.9994 },
] as const;

/** Quantiles of the normal distribution, mean 167 ms and deviation 5 ms. */
const NORMAL =
  '[[0%, 150ms], [1%, 155.4ms], [5%, 158.8ms], [10%, 160.6ms], [25%, 163.6ms], [50%, 167ms], [75%, 170.4ms], [90%, 173.4ms], [95%, 175.2ms], [99%, 178.6ms], [100%, 184ms]]';

/** Share of calls that are answered within a second; clients wait for all answers. */
export function slowReplica(policy: string, seed: number): number {
  const execution = begin(
    callScenario(
      `services: { web: { instances: 11, workers: 10000, service_time: { table: ${NORMAL} }, behaviour: { web-6: { service_time: 2s, at: 15s, for: 30s } } } }
load: { c: { kind: call, service: web, rate: 1000/s, timeout: 1h, balance: ${policy} } }`,
      60,
    ),
    seed,
    { trace: 'off', observers: false },
  );
  let [calls, good] = [0, 0];
  execution.world.observe({
    wants: [CallNote.succeeded],
    onNote(_kind, _process, _a, micros) {
      if (execution.world.now - micros >= 60e6) return;
      calls++;
      if (micros < 1e6) good++;
    },
  });
  while (execution.step());
  return good / calls;
}

/** Retry storms: one server of 200 requests a second, at a fifth of its speed for ten seconds. */
export interface StormCase {
  readonly rho: number;
  readonly retry: string;
  readonly name: string;
  /** Share of requests answered in time long after the trigger, and attempts for each. */
  readonly share: readonly [number, number];
  readonly amplification: number;
}

const RETRIES = {
  none: '',
  three: ', retry: { attempts: 4, backoff: none }',
  backoff: ', retry: { attempts: 4, backoff: full-jitter 1s..1h }',
  tenth: ', retry: { attempts: 4, backoff: none, budget: { kind: bucket, ratio: 10%, cap: 100 } }',
  fifth: ', retry: { attempts: 4, backoff: none, budget: { kind: bucket, ratio: 20%, cap: 100 } }',
} as const;

function storm(rho: number, retry: keyof typeof RETRIES, ...rest: [number, number, number]) {
  const [low, high, amplification] = rest;
  return { rho, retry: RETRIES[retry], name: retry, share: [low, high], amplification } as const;
}

export const STORMS: readonly StormCase[] = [
  ...[0.2, 0.24, 0.3, 0.5, 0.7, 0.9].map((rho) => storm(rho, 'none', 0.99, 1, 1)),
  storm(0.2, 'three', 0.99, 1, 1),
  storm(0.24, 'three', 0.88, 1, 1.2),
  ...[0.3, 0.5, 0.7, 0.9].map((rho) => storm(rho, 'three', 0, 0.02, 4)),
  ...[0.2, 0.24].map((rho) => storm(rho, 'backoff', 0.99, 1, 1)),
  ...[0.3, 0.5, 0.7, 0.9].map((rho) => storm(rho, 'backoff', 0, 0.02, 4)),
  ...[0.2, 0.24, 0.3, 0.5, 0.7].map((rho) => storm(rho, 'tenth', 0.99, 1, 1)),
  storm(0.9, 'tenth', 0, 0.02, 1.1),
  ...[0.2, 0.24, 0.3, 0.5, 0.7].map((rho) => storm(rho, 'fifth', 0.99, 1, 1)),
  storm(0.9, 'fifth', 0, 0.02, 1.2),
];

/** Measured from 130 to 220 s after the trigger, which lasts from 30 to 40 s. */
export function measureStorm(
  { rho, retry }: StormCase,
  seed: number,
): { readonly share: number; readonly amplification: number } {
  const execution = begin(
    callScenario(
      `services: { web: { queue: 1G, service_time: exp 5ms, behaviour: { web-1: { slow: 5x, at: 30s, for: 10s } } } }
load: { c: { kind: call, service: web, rate: ${200 * rho}/s, timeout: 1s${retry} } }`,
      260,
    ),
    seed,
    { trace: 'off', observers: false },
  );
  const { world } = execution;
  let [attempts, calls, good, ended] = [0, 0, 0, 0];
  world.observe({
    wants: [CallNote.attempted, CallNote.succeeded, CallNote.failed],
    onNote(kind, _process, _slot, _to, first) {
      if (world.now < 170e6 || world.now >= 260e6) return;
      if (kind === CallNote.attempted) {
        attempts++;
        calls += first;
      } else {
        ended++;
        if (kind === CallNote.succeeded) good++;
      }
    },
  });
  world.runUntil(260e6);
  return { share: good / ended, amplification: attempts / calls };
}
