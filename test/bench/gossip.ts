/**
 * The gossip pool alone, at LAN defaults, with coordinates, the trace as a ring and the fingerprint: nothing but
 * probes and exchanges (`steady`), and a twentieth of the pool lost at once (`churn`). Useful work is
 * probes that were answered, or messages that were received.
 */
import { GossipNote } from '../../sim/protocol/gossip/vocabulary.ts';
import { gossipPool } from '../support/gossip-pool.ts';
import type { Pool } from '../support/gossip-pool.ts';
import type { Bench, BenchCase, Runner } from './harness.ts';

const SECOND_MICROS = 1_000_000;
/** A pool that has lost members is made anew after this long. */
const CHURN_MICROS = 60 * SECOND_MICROS;

function poolOf(members: number, seed: number): Pool {
  return gossipPool({
    members,
    seed,
    coordinates: true,
    latency: { kind: 'lognormal', medianMicros: 500, p99Micros: 2000 },
    limits: { events: 1e15, traceBytes: 2 ** 22 },
  });
}

/** Large pools need less than a second of virtual time for a stretch of work. */
function sliceMicros(members: number): number {
  return members >= 3000 ? SECOND_MICROS / 4 : SECOND_MICROS;
}

function steady(members: number): () => Runner {
  return () => {
    const pool = poolOf(members, 1);
    const { world } = pool;
    const slice = sliceMicros(members);
    pool.run(2 * SECOND_MICROS);
    return () => {
      const [events, answers] = [world.event, world.messageCounts[1]!];
      pool.run(slice);
      return {
        events: world.event - events,
        simulatedSeconds: slice / SECOND_MICROS,
        useful: (world.messageCounts[1]! - answers) / 2,
      };
    };
  };
}

function lose(pool: Pool, members: number): void {
  pool.run(2 * SECOND_MICROS);
  for (let member = 10; member < members; member += 20) pool.crash(member);
}

function churn(members: number): () => Runner {
  return () => {
    let seed = 1;
    let pool = poolOf(members, seed);
    lose(pool, members);
    let deaths = pool.notes(GossipNote.died);
    return () => {
      if (pool.world.now >= CHURN_MICROS) {
        pool = poolOf(members, ++seed);
        lose(pool, members);
        deaths = pool.notes(GossipNote.died);
      }
      const [events, found] = [pool.world.event, deaths.length];
      pool.run(SECOND_MICROS / 4);
      return {
        events: pool.world.event - events,
        simulatedSeconds: 1 / 4,
        useful: deaths.length - found,
      };
    };
  };
}

const steadyCase = (members: number): BenchCase => ({
  name: 'steady',
  params: { members },
  usefulUnit: 'probes/s',
  subject: steady(members),
});

const churnCase = (members: number): BenchCase => ({
  name: 'churn',
  params: { members, lost: '5%' },
  usefulUnit: 'deaths found/s',
  subject: churn(members),
});

export const bench: Bench = {
  name: 'gossip',
  title: 'a pool of members that probe and gossip, and learn their coordinates',
  cases: [steadyCase(100), steadyCase(1000), steadyCase(3000), steadyCase(10_000), churnCase(5000)],
};
