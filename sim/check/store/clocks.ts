/** How much faster than real time the clocks of servers are. */
import type { CheckContext } from '../invariant.ts';

/** Of the fastest clock; 0 where none is fast. */
export function fastestPpm({ servers, world }: CheckContext): number {
  return servers.reduce(
    (fastest, { host }) => Math.max(fastest, world.hosts[host]!.clock.ratePpm),
    0,
  );
}
