/** Serf's three queues, and how they fill what memberlist leaves of a packet (`delegate.go`). */
import type { Outbox } from '../../core/machine.ts';
import { armGossip } from '../gossip/gossip.ts';
import type { Member } from '../gossip/member.ts';
import { enqueue, fill, prune, queued } from '../gossip/queue.ts';
import type { BroadcastQueue } from '../gossip/queue.ts';
import { retransmitLimit } from '../gossip/timing.ts';
import type { SerfMessage } from './messages.ts';
import { serfOf } from './state.ts';
import type { Outgoing, Serf } from './state.ts';
import { LEAVE_LANE, QUEUE_TICK, SerfNote } from './vocabulary.ts';

/** In the order in which they fill packets. */
const QUEUE_OF = { leave: 0, join: 0, query: 1, event: 2 } as const;
const WORDS = 2;
/** Messages beyond those that are queued, before the rest is forgotten. */
const SPARE = 64;

type Broadcast = Extract<SerfMessage, { readonly kind: keyof typeof QUEUE_OF }>;

/** Queues a message, and wakes gossip; returns its number. */
export function broadcastMessage(member: Member, message: Broadcast, out: Outbox): number {
  const { outgoing } = serfOf(member);
  const word = outgoing.next++;
  outgoing.messages.set(word, message);
  enqueue(outgoing.queues[QUEUE_OF[message.kind]], word, 0, message.bytes);
  member.userQueued++;
  armGossip(member, out);
  armQueueCheck(member, out);
  return word;
}

/** The next packet's share: what fits into `limit` bytes, each message with its overhead. */
export function fillPacket(member: Member, limit: number, out: Outbox): readonly SerfMessage[] {
  const { outgoing, count } = serfOf(member);
  const transmits = retransmitLimit(member.config.retransmitMult, count);
  const taken: number[] = [];
  let used = 0;
  for (const queue of outgoing.queues) {
    if (queue.length > 0) used += fill(queue, limit - used, transmits, taken);
    noteEnd(queue, member, out);
  }
  const messages = taken
    .filter((_, at) => at % WORDS === 0)
    .map((word) => outgoing.messages.get(word)!);
  tidy(outgoing);
  member.userQueued = outgoing.queues.reduce((sum, { length }) => sum + length, 0);
  return messages;
}

/** Messages that no queue holds any more are forgotten now and then. */
function tidy(outgoing: Outgoing): void {
  const { queues, messages } = outgoing;
  const length = queues.reduce((sum, queue) => sum + queue.length, 0);
  if (length === 0) messages.clear();
  if (messages.size <= 2 * length + SPARE) return;
  const kept = queues.flatMap((queue) => queued(queue).map(({ word }) => word));
  outgoing.messages = new Map(kept.map((word) => [word, messages.get(word)!]));
}

/** Somebody waits for this message to have been sent often enough. */
export function awaitMessage(serf: Serf, word: number): void {
  serf.outgoing.queues[QUEUE_OF.leave].awaited = word;
}

function noteEnd(queue: BroadcastQueue, member: Member, out: Outbox): void {
  if (!queue.ended) return;
  queue.ended = false;
  endLeaveWait(member, out);
}

/** What the leave waits for is over. */
export function endLeaveWait(member: Member, out: Outbox): void {
  const { leave } = serfOf(member);
  if (leave === null) return;
  leave.ended = true;
  out.unpark(LEAVE_LANE, 0);
}

/** `getQueueMax`. */
function depthMax({ config, count }: Serf): number {
  const { queueDepthMax, queueDepthMin } = config;
  return queueDepthMin > 0 ? Math.max(queueDepthMin, 2 * count) : queueDepthMax;
}

/** Only a queue that is too long makes a check do something. */
function armQueueCheck(member: Member, out: Outbox): void {
  const serf = serfOf(member);
  if (serf.queueArmed) return;
  const { queueCheckMicros } = serf.config;
  const limit = depthMax(serf);
  if (serf.outgoing.queues.every(({ length }) => length <= limit)) return;
  serf.queueArmed = true;
  const since = out.now() - serf.queuePhaseMicros;
  out.timer(QUEUE_TICK, 0, queueCheckMicros - (since % queueCheckMicros));
}

export function onQueueTick(member: Member, out: Outbox): void {
  const serf = serfOf(member);
  serf.queueArmed = false;
  const limit = depthMax(serf);
  serf.outgoing.queues.forEach((queue, at) => {
    if (queue.length <= limit) return;
    out.note(SerfNote.pruned, at, queue.length, 0);
    prune(queue, limit);
    noteEnd(queue, member, out);
  });
  member.userQueued = serf.outgoing.queues.reduce((sum, { length }) => sum + length, 0);
  armQueueCheck(member, out);
}
