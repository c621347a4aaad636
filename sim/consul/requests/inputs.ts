/** Numbers of the server machine's inputs; their order is part of recorded runs. */
export const SERVER_MACHINE = 2;
/** A request of a client or another server, by its class. */
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
