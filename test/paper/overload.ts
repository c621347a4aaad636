/** Recovery from a backlog that retries feed, and how many places of Maglev's table move. */
import { fillTable, permutationOf } from '../../sim/client/balance/maglev.ts';
import { Streams } from '../../sim/core/draws.ts';
import { CallNote } from '../../sim/service/vocabulary.ts';
import { callScenario } from '../client/kit.ts';
import { begin } from '../run/kit.ts';

/** Offered load, and when the last first attempt that times out is sent, in seconds after the heal. */
export const BACKLOGS = [80, 100, 120, 130, 140].map((rate) => {
  return { rate, seconds: (19 * rate - 300) / (300 - 2 * rate) };
});
export const BACKLOG_TOLERANCE = 0.15;

/**
 * One server of 300 requests a second without variance, 10 s of outage whose requests arrive when it
 * is over, one retry after a second without an answer. Infinity: calls still time out at the end.
 */
export function measureBacklog(rate: number, seed: number, lastsSeconds = 300): number {
  const duration = 30 + lastsSeconds;
  const execution = begin(
    callScenario(
      `network: { lan: { latency: 0s }, tcp: { ideal: true } }
services: { web: { queue: 1G, service_time: 3333us } }
load: { c: { kind: call, service: web, clients: 20, rate: ${rate}/s, timeout: 1s, retry: { attempts: 2, backoff: none } } }
faults: [{ at: 20s, for: 10s, partition: { isolate: web-1 } }]`,
      duration,
    ),
    seed,
    { trace: 'off', observers: false },
  );
  const { world } = execution;
  let last = 0;
  world.observe({
    wants: [CallNote.succeeded, CallNote.failed],
    onNote(_kind, _process, _slot, micros) {
      if (micros >= 1e6) last = Math.max(last, world.now - micros);
    },
  });
  world.runUntil(duration * 1e6);
  return last > (duration - 5) * 1e6 ? Infinity : last / 1e6 - 30;
}

/** Backends removed, and places that move although their backend is still there. */
export const DISRUPTIONS = [
  [1, 0.0058],
  [2, 0.0099],
  [5, 0.0182],
  [10, 0.0233],
  [15, 0.023],
  [20, 0.0265],
  [25, 0.0285],
] as const;

const BACKENDS = 1000;
const TABLE = 65_537;

export function measureDisruption(removed: number, draw: number): number {
  const all = Array.from({ length: BACKENDS }, (_, at) => permutationOf(`backend-${at}`, TABLE));
  const fill = (keep: readonly number[]): Int32Array =>
    fillTable(
      keep.map((at) => all[at]!),
      keep.map(() => 1),
      TABLE,
    ).map((place) => keep[place]!);
  const order = all.map((_, at) => at);
  new Streams(draw).stream('removed').shuffle(order);
  const gone = new Set(order.slice(0, removed));
  const keep = all.flatMap((_, at) => (gone.has(at) ? [] : [at]));
  const before = fill(all.map((_, at) => at));
  const after = fill(keep);
  let moved = 0;
  before.forEach((owner, place) => {
    if (!gone.has(owner) && after[place] !== owner) moved++;
  });
  return moved / TABLE;
}
