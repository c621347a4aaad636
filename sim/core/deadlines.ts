/**
 * Deadlines of calls. Most answers come in time, so that a timer of each call would be set and taken
 * back for nothing: a connection has one, which waits for the earliest of its calls as it was when
 * the timer was set. When it comes and that call has been answered, it waits for the next one, and
 * this is no event: only a deadline that a call misses is.
 */
import type { Connection } from './connection.ts';
import { DEADLINE } from './events.ts';
import type { Call } from './rpc.ts';
import type { World } from './world.ts';

/** `due` of a call that nothing waits for. */
export const UNARMED = -1;

export class Deadlines {
  /** No deadline's timer comes before; found anew when it is reached. */
  private soonest = 0;
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** From now on the caller waits `timeoutMicros` for the answer. */
  arm(connection: Connection, call: Call): void {
    const { world } = this;
    const at = world.now + world.realDelay(world.processes[call.process], call.timeoutMicros);
    call.due = at;
    call.dueCause = world.cause;
    call.dueWoken = world.cause === world.event ? 0 : world.event;
    const slot = connection.deadlineSlot;
    if (slot < 0) this.wait(connection, at);
    else if (at < world.queue.timeOf(slot)) this.postpone(slot, at);
  }

  private wait(connection: Connection, at: number): void {
    const { client, handle } = connection;
    connection.deadlineSlot = this.world.push(at, DEADLINE, client, handle, 0, 0, null);
    if (at < this.soonest) this.soonest = at;
  }

  private postpone(slot: number, at: number): void {
    this.world.queue.move(slot, at);
    if (at < this.soonest) this.soonest = at;
  }

  /** The connection is closed: nobody waits for its answers. */
  disarm(connection: Connection): void {
    if (connection.deadlineSlot >= 0) this.world.queue.cancel(connection.deadlineSlot);
    connection.deadlineSlot = -1;
  }

  /** The armed call of a connection that is due first, or undefined. */
  private earliest(connection: Connection): Call | undefined {
    let first: Call | undefined;
    for (const handle of connection.outstanding) {
      const call = this.world.rpc.calls.get(handle);
      if (call === undefined || call.due === UNARMED) continue;
      if (first === undefined || call.due < first.due) first = call;
    }
    return first;
  }

  /**
   * The timer of a connection comes at `time`, and is set for the next call that needs it. Returns
   * the call that has missed its deadline, or undefined.
   */
  onTimer(handle: number, time: number): Call | undefined {
    const connection = this.world.connections.pool.get(handle)!;
    connection.deadlineSlot = -1;
    const call = this.earliest(connection);
    if (call === undefined) return undefined;
    if (call.due > time) {
      this.wait(connection, call.due);
      return undefined;
    }
    call.due = UNARMED;
    const next = this.earliest(connection);
    if (next !== undefined) this.wait(connection, next.due);
    return call;
  }

  /** Times of the queue were changed. */
  onMoved(): void {
    this.soonest = 0;
  }

  /** When the next event comes, or Infinity; timers that will turn out to be none do not count. */
  nextEventTime(): number {
    const { queue, connections } = this.world;
    const next = queue.peek();
    if (next < this.soonest) return next;
    this.soonest = Infinity;
    let timer = false;
    connections.pool.forEach((connection) => {
      const { deadlineSlot } = connection;
      if (deadlineSlot < 0) return;
      const at = queue.timeOf(deadlineSlot);
      if (at === next) timer = true;
      if (at < this.soonest) this.soonest = at;
    });
    return timer ? this.nextOfAll() : next;
  }

  private nextOfAll(): number {
    const { queue, connections } = this.world;
    let next = Infinity;
    queue.forEachPending((slot) => {
      if (queue.kindOf(slot) !== DEADLINE) {
        next = Math.min(next, queue.timeOf(slot));
        return;
      }
      const connection = connections.pool.get(queue.aOf(slot))!;
      next = Math.min(next, this.earliest(connection)?.due ?? Infinity);
    });
    return next;
  }
}
