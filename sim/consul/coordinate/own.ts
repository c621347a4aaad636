/**
 * What an agent, of a server or a client, tells of its own place in the network, and when
 * (`consul:agent/agent.go (sendCoordinate)`; reference: gossip §3.4, agents §1.10).
 */
import type { Draws } from '../../core/draws.ts';
import type { Outbox } from '../../core/machine.ts';
import { COORDINATES } from '../../protocol/coordinate/config.ts';
import { ADJUSTMENT, ERROR, HEIGHT } from '../../protocol/coordinate/space.ts';
import type { Member } from '../../protocol/gossip/member.ts';
import { GOSSIP_MACHINE } from '../../protocol/gossip/vocabulary.ts';
import { serfOf } from '../../protocol/serf/state.ts';
import { drawStagger } from '../agent/scale.ts';
import type { Coordinate } from '../state/rows.ts';

/** `sync_coordinate_interval_min`, and `sync_coordinate_rate_target` a second of the whole pool. */
const INTERVAL_MICROS_MIN = 15_000_000;
const RATE_TARGET = 64;

/** `consul:lib/cluster.go (RateScaledInterval)` for a pool of so many members in whatever state. */
export function sendIntervalMicros(members: number): number {
  return Math.max(INTERVAL_MICROS_MIN, Math.floor((members * 1e6) / RATE_TARGET));
}

/** Time to the next coordinate. One draw. */
export function drawSendDelay(draws: Draws, out: Outbox): number {
  const interval = sendIntervalMicros(serfOf(memberOf(out)!).count);
  return interval + drawStagger(draws, interval);
}

function memberOf(out: Outbox): Member | undefined {
  return out.sibling(GOSSIP_MACHINE) as Member | undefined;
}

/** Without a pool there is no coordinate. */
export function hasCoordinate(out: Outbox): boolean {
  return (memberOf(out)?.pool.coordinates ?? null) !== null;
}

/** As it is now; only where there is a pool. */
export function ownCoordinate(node: string, out: Outbox): Coordinate {
  const { pool, index } = memberOf(out)!;
  const row = pool.coordinates!.read(index);
  const { dimensions } = COORDINATES;
  return {
    node,
    segment: '',
    vector: Array.from({ length: dimensions }, (_, at) => row[at]),
    error: row[dimensions + ERROR],
    adjustment: row[dimensions + ADJUSTMENT],
    height: row[dimensions + HEIGHT],
  };
}
