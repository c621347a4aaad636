/** In which order a process that was paused finds what came due meanwhile. */
import { ANSWER, CLOSE, DATAGRAM, FAILURE, REQUEST, SYN_ACK } from './events.ts';
import type { Draws } from './draws.ts';
import type { BacklogItem } from './process.ts';

/**
 * A random merge that keeps the order within each stream: a connection is one, the socket for
 * datagrams is one, and every timer is its own.
 */
export function drawOrder(backlog: readonly BacklogItem[], draws: Draws): BacklogItem[] {
  const streams = new Map<number, BacklogItem[]>();
  backlog.forEach((item, index) => {
    const stream = streamOf(item, index);
    const list = streams.get(stream);
    if (list === undefined) streams.set(stream, [item]);
    else list.push(item);
  });
  const lists = [...streams.values()];
  const heads = lists.map(() => 0);
  const order: BacklogItem[] = [];
  let live = lists.map((_, index) => index);
  while (live.length > 0) {
    const at = live[draws.below(live.length)];
    order.push(lists[at][heads[at]++]);
    if (heads[at] === lists[at].length) live = live.filter((index) => index !== at);
  }
  return order;
}

/** Handles of connections are positive. */
function streamOf(item: BacklogItem, index: number): number {
  switch (item.kind) {
    case REQUEST:
    case ANSWER:
    case FAILURE:
    case CLOSE:
    case SYN_ACK:
      return item.a;
    case DATAGRAM:
      return 0;
    default:
      return -1 - index;
  }
}
