/** Messages as they arrived, for a picture of time and space. */
import * as Event from '../../core/events.ts';
import type { World } from '../../core/world.ts';
import { routeOf, senderOf } from '../../explore/event-table.ts';

export interface MessageRow {
  readonly event: number;
  readonly micros: number;
  /** When it was sent. */
  readonly sentMicros: number;
  /** Indexes of processes. */
  readonly from: number;
  readonly to: number;
  /** `append`, `append answer`, `vote error`. */
  readonly name: string;
  readonly class: string;
}

/** What arrived at one event; undefined for an event that brought no message. */
export function messageAt(world: World, event: number): MessageRow | undefined {
  const { trace, processes, classes } = world;
  if (!trace.has(event)) return undefined;
  const sender = senderOf(world, event);
  if (sender === undefined) return undefined;
  const kind = trace.kind(event);
  const to = trace.process(event);
  const answers = kind === Event.ANSWER || kind === Event.FAILURE;
  const route = routeOf(answers ? sender : processes[to]!, kind, trace.a(event));
  const suffix = kind === Event.ANSWER ? ' answer' : kind === Event.FAILURE ? ' error' : '';
  return {
    event,
    micros: trace.time(event),
    sentMicros: trace.time(trace.cause(event)),
    from: sender.index,
    to,
    name: `${route?.name ?? 'message'}${suffix}`,
    class: classes[route?.messageClass ?? 0] ?? '',
  };
}

/** The latest messages, oldest first, among the last `eventsMax` events. */
export function messageRows(
  world: World,
  count: number,
  fits: (message: MessageRow) => boolean,
  eventsMax = 20_000,
): MessageRow[] {
  const rows: MessageRow[] = [];
  const oldest = Math.max(1, world.event - eventsMax);
  for (let event = world.event; event >= oldest && rows.length < count; event--) {
    const message = messageAt(world, event);
    if (message !== undefined && fits(message)) rows.push(message);
  }
  return rows.reverse();
}
