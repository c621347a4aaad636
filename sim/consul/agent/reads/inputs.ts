/** Numbers of the inputs that the agent's reads give themselves. */
export const START = 0x1204;
/** A server has answered a subscription, or told of a change. */
export const STREAMED = 0x1205;
/** Timers, by number of the view. */
export const RESUBSCRIBE_TIMER = 0x1206;
export const VIEW_EXPIRY = 0x1207;
/** By number of the waiter. */
export const WAIT_TIMER = 0x1208;
/** By number of the entry. */
export const FETCH_TIMER = 0x1209;
export const ENTRY_EXPIRY = 0x120a;
