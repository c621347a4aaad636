/** Numbers of the server machine's inputs; their order is part of recorded runs. */
export const SERVER_MACHINE = 2;
/** A request of a client or another server, by its class; RPC_BLOCKING is a third. */
export const RPC_WRITE = 0x201;
export const RPC_READ = 0x202;
export const APPLIED = 0x203;
export const FORWARDED = 0x204;
export const READY_TIMER = 0x205;
export const ENQUEUE_TIMER = 0x206;
/** Blocking queries are to look again; the body is a `Woken` of the state store. */
export const WOKEN = 0x207;
export const HOLD_TIMER = 0x208;
/** A graceful leave begins: what needs the leader is refused from now on (leaveCh). */
export const LEAVE = 0x209;
/** A read that waits for a change. */
export const RPC_BLOCKING = 0x20a;
export const QUERY_TIMER = 0x20b;
/** An agent wants to hear of changes of a service; or has heard and waits for more. */
export const SUBSCRIBE = 0x20c;
export const NEXT_EVENT = 0x20d;
/** By number of the subscription. */
export const STREAM_TIMER = 0x20e;
/** A server of another datacenter has answered, or has not. */
export const ANSWERED_ACROSS = 0x20f;
/** The same for a prepared query that looks elsewhere. */
export const FAILED_OVER = 0x210;

export const ServerNote = {
  /** A failed attempt is to be followed by another one; a: tag, b: attempts, c: wait in microseconds. */
  held: 0x201,
  /** A blocking query begins; a: how many there are. */
  blocking: 0x202,
  /** A blocking query looks again; a: tag. */
  woken: 0x203,
  /** An agent subscribes; a: how many subscriptions there are. */
  subscribed: 0x204,
} as const;
