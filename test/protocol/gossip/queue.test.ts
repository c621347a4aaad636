/** The queue of broadcasts: order, budget, limits; and a slow one that must agree with it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Type, message, nameOf } from '../../../sim/protocol/gossip/messages.ts';
import * as Queue from '../../../sim/protocol/gossip/queue.ts';
import type { BroadcastQueue } from '../../../sim/protocol/gossip/queue.ts';
import { ref } from '../../support/reference.ts';

const alive = (node: number): number => message(Type.alive, node, 1);

function queueOf(...bytes: number[]): BroadcastQueue {
  const queue = Queue.createQueue();
  bytes.forEach((size, node) => Queue.enqueue(queue, alive(node), 0, size));
  return queue;
}

/** Nodes that a packet of so many bytes takes. */
function take(queue: BroadcastQueue, limit: number, transmits = 99): number[] {
  const messages: number[] = [];
  Queue.fill(queue, limit, transmits, messages);
  return messages.filter((_, at) => at % 2 === 0).map((word) => (word >>> 2) & 0xffff);
}

const nodes = (queue: BroadcastQueue): number[] =>
  Queue.queued(queue).map(({ word }) => (word >>> 2) & 0xffff);

describe('order', () => {
  test(ref('gossip 1.9 #1', 'fewer transmissions first, then longer, then newer'), () => {
    const queue = queueOf(40, 50, 40, 60);
    expect(nodes(queue)).toEqual([3, 1, 2, 0]);
    expect(take(queue, 64)).toEqual([3]);
    expect(nodes(queue)).toEqual([1, 2, 0, 3]);
    Queue.enqueue(queue, alive(9), 0, 30);
    expect(nodes(queue)).toEqual([1, 2, 0, 9, 3]);
  });

  test(ref('gossip 1.9 #2', 'a message replaces the one of its name'), () => {
    const queue = queueOf(40, 50);
    take(queue, 200);
    const suspect = message(Type.suspect, 1, 3);
    Queue.removeNamesake(queue, suspect);
    Queue.enqueue(queue, suspect, 7, 45);
    expect(Queue.queued(queue)).toEqual([
      { word: suspect, aux: 7, transmits: 0, bytes: 45 },
      { word: alive(0), aux: 0, transmits: 1, bytes: 40 },
    ]);
    Queue.removeNamesake(queue, message(Type.refutation, 0, 2));
    expect(queue.length).toBe(2);
  });

  test(ref('gossip 1.9 #3', 'the counter of ages starts again when the queue is empty'), () => {
    const queue = queueOf(40, 40);
    expect(queue.newest).toBe(2);
    take(queue, 200, 1);
    expect([queue.length, queue.newest]).toEqual([0, 0]);
  });

  test('outlives the range of the numbers', () => {
    const queue = queueOf(40, 50);
    for (let i = 0; i < 40_000; i++) {
      Queue.removeNamesake(queue, alive(2));
      Queue.enqueue(queue, alive(2), 0, 40);
    }
    expect(nodes(queue)).toEqual([1, 2, 0]);
    expect(queue.newest).toBeLessThan(32_768);
  });
});

describe('a packet', () => {
  test(ref('gossip 1.9 #4', 'takes the largest that still fits, tier by tier'), () => {
    const queue = queueOf(40, 100, 60, 30);
    expect(take(queue, 136)).toEqual([1, 3]);
    expect(nodes(queue)).toEqual([2, 0, 1, 3]);
    expect(take(queue, 170)).toEqual([2, 0, 3]);
  });

  test(ref('gossip 1.9 #5', 'carries a message once, and each packet counts'), () => {
    const queue = queueOf(40);
    expect(take(queue, 1000, 3)).toEqual([0]);
    expect(take(queue, 1000, 3)).toEqual([0]);
    expect(Queue.queued(queue)[0]!.transmits).toBe(2);
    expect(take(queue, 1000, 3)).toEqual([0]);
    expect(queue.length).toBe(0);
  });

  test(ref('gossip 1.9 #6', 'sends once even where the limit is 0'), () => {
    const queue = queueOf(40);
    expect(take(queue, 1000, 0)).toEqual([0]);
    expect(queue.length).toBe(0);
  });

  test(ref('gossip 1.9 #7', 'tells who waits when a message has ended, or was replaced'), () => {
    const sent = queueOf(40, 40);
    sent.awaited = alive(1);
    take(sent, 1000, 2);
    expect(sent.ended).toBe(false);
    take(sent, 1000, 2);
    expect(sent.ended).toBe(true);
    const replaced = queueOf(40, 40);
    replaced.awaited = alive(1);
    Queue.removeNamesake(replaced, message(Type.dead, 1, 5));
    expect(replaced.ended).toBe(true);
    const pruned = queueOf(40, 50);
    pruned.awaited = alive(0);
    Queue.prune(pruned, 1);
    expect(pruned.ended).toBe(true);
  });

  test(
    ref('gossip 1.9 #8', 'pruning takes what was sent most, then the shortest and oldest'),
    () => {
      const queue = queueOf(40, 50, 40, 60);
      take(queue, 64);
      Queue.prune(queue, 2);
      expect(nodes(queue)).toEqual([1, 2]);
    },
  );
});

/** The same in plain words: a list that is sorted anew each time. */
class SlowQueue {
  items: { word: number; bytes: number; transmits: number; number: number }[] = [];
  newest = 0;

  add(word: number, bytes: number): void {
    this.items = this.items.filter((item) => nameOf(item.word) !== nameOf(word));
    if (this.items.length === 0) this.newest = 0;
    this.items.push({ word, bytes, transmits: 0, number: ++this.newest });
  }

  sorted(): SlowQueue['items'] {
    return this.items.toSorted(
      (x, y) => x.transmits - y.transmits || y.bytes - x.bytes || y.number - x.number,
    );
  }

  fill(limit: number, transmitsMax: number): number[] {
    let used = 0;
    const taken = this.sorted().filter(({ bytes }) => {
      if (bytes > limit - used - 2) return false;
      used += bytes + 2;
      return true;
    });
    this.items = this.items.filter((item) => !taken.includes(item));
    if (this.items.length === 0) this.newest = 0;
    for (const item of taken) {
      if (item.transmits + 1 < transmitsMax) {
        this.items.push({ ...item, transmits: item.transmits + 1 });
      }
    }
    return taken.map(({ word }) => word);
  }
}

test(ref('gossip 1.9 #4', 'as a list sorted anew for each packet would have it'), () => {
  const act = fc.oneof(
    fc.record({ node: fc.nat(12), bytes: fc.integer({ min: 29, max: 40 }) }),
    fc.record({
      limit: fc.integer({ min: 20, max: 300 }),
      transmits: fc.integer({ min: 1, max: 6 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      const fast = Queue.createQueue();
      const slow = new SlowQueue();
      for (const one of acts) {
        if ('node' in one) {
          // Two of one length never tie in age: the original would lose one of them.
          const bytes = one.bytes + 20 * one.node;
          Queue.removeNamesake(fast, alive(one.node));
          Queue.enqueue(fast, alive(one.node), 0, bytes);
          slow.add(alive(one.node), bytes);
        } else {
          const messages: number[] = [];
          Queue.fill(fast, one.limit, one.transmits, messages);
          const words = messages.filter((_, at) => at % 2 === 0);
          expect(words).toEqual(slow.fill(one.limit, one.transmits));
        }
        expect(Queue.queued(fast).map(({ word }) => word)).toEqual(
          slow.sorted().map(({ word }) => word),
        );
        expect(fast.newest).toBe(slow.newest);
      }
    }),
    { numRuns: 300, seed: 7 },
  );
});
