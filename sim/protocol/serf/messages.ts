/**
 * What serf tells over memberlist: intents, user events, queries and their answers
 * (`hashicorp/serf:serf/messages.go`). Messages are immutable and shared by all who pass them on. The
 * bytes are those of msgpack, the type bytes of serf and of memberlist's user messages counted in.
 */
import type { ProcessIndex } from '../../core/machine.ts';
import type { UserMessage } from '../gossip/delegate.ts';

/** A member is about to leave, or somebody says so of it. `time` is of the clock of members. */
export interface LeaveIntent extends UserMessage {
  readonly kind: 'leave';
  readonly time: number;
  readonly node: number;
  readonly prune: boolean;
}

export interface JoinIntent extends UserMessage {
  readonly kind: 'join';
  readonly time: number;
  readonly node: number;
}

export interface UserEvent extends UserMessage {
  readonly kind: 'event';
  readonly time: number;
  readonly name: string;
  readonly payload: string;
}

export interface Query extends UserMessage {
  readonly kind: 'query';
  readonly time: number;
  readonly id: number;
  /** Where answers go. */
  readonly address: ProcessIndex;
  readonly source: number;
  readonly name: string;
  readonly payload: string;
  /** Nodes that are asked; null: all. */
  readonly nodes: readonly number[] | null;
  readonly wantsAck: boolean;
  readonly isBroadcast: boolean;
  readonly relayFactor: number;
  readonly timeoutMicros: number;
}

export interface QueryAnswer extends UserMessage {
  readonly kind: 'answer';
  readonly time: number;
  readonly id: number;
  readonly from: number;
  readonly isAck: boolean;
  readonly payload: string;
}

/** An answer that takes another way besides. */
export interface Relayed extends UserMessage {
  readonly kind: 'relayed';
  readonly to: ProcessIndex;
  readonly answer: QueryAnswer;
}

export type SerfMessage = LeaveIntent | JoinIntent | UserEvent | Query | QueryAnswer | Relayed;

const JOIN_BYTES = 18;
const LEAVE_BYTES = 25;
const EVENT_BYTES = 31;
const QUERY_BYTES = 134;
const ANSWER_BYTES = 46;
const RELAY_BYTES = 48;
/** `hashicorp/serf:serf/config.go (UserEventSizeLimit, QuerySizeLimit)`. */
export const EVENT_BYTES_MAX = 512;
export const QUERY_BYTES_MAX = 1024;

export function joinIntent(time: number, node: number, nameBytes: number): JoinIntent {
  return { kind: 'join', time, node, bytes: JOIN_BYTES + nameBytes };
}

export function leaveIntent(
  time: number,
  node: number,
  prune: boolean,
  nameBytes: number,
): LeaveIntent {
  return { kind: 'leave', time, node, prune, bytes: LEAVE_BYTES + nameBytes };
}

export function userEvent(time: number, name: string, payload: string): UserEvent {
  const bytes = EVENT_BYTES + name.length + payload.length;
  return { kind: 'event', time, name, payload, bytes };
}

export function query(fields: Omit<Query, 'kind' | 'bytes'>, nameBytes: number): Query {
  const { name, payload, nodes } = fields;
  const filters = nodes === null ? 0 : nodes.length * (nameBytes + 1);
  const bytes = QUERY_BYTES + nameBytes + name.length + payload.length + filters;
  return { kind: 'query', bytes, ...fields };
}

export function answer(
  { time, id }: Query,
  from: number,
  isAck: boolean,
  payload: string,
  nameBytes: number,
): QueryAnswer {
  const bytes = ANSWER_BYTES + nameBytes + payload.length;
  return { kind: 'answer', time, id, from, isAck, payload, bytes };
}

export function relayed(to: ProcessIndex, wrapped: QueryAnswer): Relayed {
  return { kind: 'relayed', to, answer: wrapped, bytes: RELAY_BYTES + wrapped.bytes };
}
