/** Broadcasts enter the queue here, and who waits for one learns of its end. */
import type { Outbox } from '../../core/machine.ts';
import { armGossip } from './gossip.ts';
import type { Member } from './member.ts';
import { nodeOf, typeOf } from './messages.ts';
import { enqueue, removeNamesake } from './queue.ts';
import { broadcastBytes } from './sizes.ts';
import { BROADCAST_TIMEOUT, GossipNote } from './vocabulary.ts';

/** Queues a message under its name: one of the same name that still waits is replaced. */
export function broadcast(member: Member, word: number, aux: number, out: Outbox): void {
  const { queue, pool } = member;
  if (queue.length > 0) {
    removeNamesake(queue, word);
    noteEnd(member, out);
  }
  const { nameBytes, metaBytes } = pool;
  enqueue(queue, word, aux, broadcastBytes(typeOf(word), nodeOf(word), aux, nameBytes, metaBytes));
  armGossip(member, out);
}

/** Waits for the end of the message that has just been queued (`encodeBroadcastNotify`). */
export function awaitBroadcast(member: Member, word: number, timeout: number, out: Outbox): void {
  member.queue.awaited = word;
  if (timeout > 0) out.timer(BROADCAST_TIMEOUT, 0, timeout);
}

/** Passes on that the awaited message has ended, if it has. */
export function noteEnd(member: Member, out: Outbox): void {
  if (!member.queue.ended) return;
  member.queue.ended = false;
  out.cancel(BROADCAST_TIMEOUT, 0);
  tellEnd(member, true, out);
}

/** It has not ended in time; it goes on, but nobody waits any longer. */
export function onBroadcastTimeout(member: Member, out: Outbox): void {
  if (member.queue.awaited < 0) return;
  member.queue.awaited = -1;
  tellEnd(member, false, out);
}

function tellEnd(member: Member, complete: boolean, out: Outbox): void {
  out.note(GossipNote.broadcastEnded, Number(complete), 0, 0);
  member.pool.delegate?.onBroadcast?.(member, complete, out);
}
