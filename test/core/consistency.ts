/** What must hold between any two events: every pointer into the queue names the event it is for. */
import { strict as assert } from 'node:assert';
import * as Event from '../../sim/core/events.ts';
import type { World } from '../../sim/core/world.ts';

/** Errors: throws at the first pointer that is stale, and for queue slots that nobody knows. */
export function checkConsistency(world: World): void {
  const { queue } = world;
  const claimed = new Map<number, string>();
  const claim = (slot: number, kind: number, target: number, a: number, who: string): void => {
    if (slot < 0) return;
    assert.equal(claimed.get(slot), undefined, `slot ${slot} has two owners`);
    claimed.set(slot, who);
    const found = [queue.kindOf(slot), queue.targetOf(slot), queue.aOf(slot)];
    assert.deepEqual(found, [kind, target, a], `${who} holds slot ${slot} of something else`);
    assert.ok(queue.timeOf(slot) >= world.now, `${who} waits for the past`);
  };
  for (const process of world.processes) {
    for (const slot of process.slots) {
      for (const [input, key] of world.timers.setOf(slot)) {
        const pending = world.timers.pendingOf(slot, input, key);
        claim(pending, Event.TIMER, process.index, input, `timer ${input & 255}/${key}`);
      }
    }
    if (process.status === 'down') assert.equal(process.backlog.length, 0);
  }
  world.lanes.pool.forEach(({ wakeSlot, process, handle }) => {
    claim(wakeSlot, Event.WAKE, process.index, handle, `lane ${handle}`);
  });
  world.rpc.calls.forEach(({ due, connection, handle }) => {
    if (due < 0) return;
    const slot = world.connections.pool.get(connection)?.deadlineSlot ?? -1;
    assert.ok(
      slot >= 0 && queue.timeOf(slot) <= due,
      `the deadline of call ${handle} has no timer`,
    );
  });
  let inFlight = 0;
  world.connections.pool.forEach((connection) => {
    const { handle, client, server, dialSlot, deadlineSlot, toServer, toClient } = connection;
    claim(dialSlot, Event.DIAL_DEADLINE, client, handle, `dial ${handle}`);
    claim(deadlineSlot, Event.DEADLINE, client, handle, `deadlines of ${handle}`);
    claim(toServer.slot, Event.RETRANSMIT, client, handle, `stream ${handle} to server`);
    claim(toClient.slot, Event.RETRANSMIT, server, handle, `stream ${handle} to client`);
    for (const { held, slot } of [toServer, toClient]) {
      assert.equal(held.length > 0, slot >= 0, `stream ${handle} holds without a timer`);
    }
    inFlight += toServer.inFlight + toClient.inFlight;
  });
  let segments = 0;
  let pending = 0;
  for (const slot of pendingSlots(world)) {
    pending++;
    const kind = queue.kindOf(slot);
    const isSegment = kind >= Event.REQUEST && kind <= Event.CLOSE;
    if (isSegment) segments++;
    const isOwned = kind === Event.TIMER || (kind >= Event.RETRANSMIT && kind <= Event.WAKE);
    if (isOwned && kind !== Event.DISK) {
      assert.ok(claimed.has(slot), `nobody knows the ${Event.EVENT_NAMES[kind]} in ${slot}`);
    }
  }
  assert.equal(pending, queue.size);
  assert.equal(segments, inFlight, 'segments in flight');
}

/** Slots in which an event waits. */
function pendingSlots(world: World): number[] {
  const state = world.queue.save();
  const found: number[] = [];
  for (let slot = 0; slot < state.body.length; slot++) {
    if (state.links[2 * slot]! >= 0) found.push(slot);
  }
  return found;
}
