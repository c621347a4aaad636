/** Numbers of the agent machine's inputs and steps; their order is part of recorded runs. */
export const AGENT_MACHINE = 0x10;

/** HTTP API of the agent: what programs on its host ask. */
export const REGISTER_SERVICE = 0x1001;
export const DEREGISTER_SERVICE = 0x1002;
export const UPDATE_CHECK = 0x1003;
/** A goroutine of its own begins; `from` is unused. */
export const RUN = 0x1004;
export const NEXT_FULL_TIMER = 0x1005;
export const RETRY_TIMER = 0x1006;
export const SPREAD_TIMER = 0x1007;
/** By number of the check: its TTL, and the output that waits to be pushed. */
export const TTL_TIMER = 0x1008;
export const DEFER_TIMER = 0x1009;
export const REAP_TIMER = 0x100a;
export const REBALANCE_TIMER = 0x100b;
/** A goroutine asks the syncer; `from`: SYNC_FULL or SYNC_CHANGES. */
export const TRIGGER = 0x100c;
/** Maintenance mode of the node or of a service begins or ends. */
export const MAINTENANCE = 0x100e;
/** A program asks for its own registration; the body is its service's ID. */
export const GET_SERVICE = 0x100f;
/** The pool has news of a server, as body; `from`: 1 it is up, 0 it is gone. */
export const POOL_SERVER = 0x1010;

/** The coordinate of the agent's node is due. */
export const COORDINATE_TIMER = 0x1011;

/** What lanes are for. */
export const MAIN_LANE = 0;
export const RUN_LANE = 1;

/** Steps at which a goroutine goes on. */
export const Step = {
  /** A server has answered, or the call has failed. */
  answered: 1,
  /** Time to ask again. */
  retried: 2,
  /** The lock of the local state is this goroutine's. */
  locked: 3,
  /** Time to run a check. */
  due: 4,
  /** The target of a check has answered, or has not. */
  checked: 5,
  /** A connection to the target of a check is there, or is not. */
  connected: 6,
  /** Files have been written. */
  persisted: 7,
  /** Nothing will ever come. */
  never: 8,
} as const;

export const SYNC_CHANGES = 0;
export const SYNC_FULL = 1;
