/** Consul's keys of how agents leave their pool and come back to it. */
import { boolean } from './kit.ts';
import { duration } from './values.ts';

/** Under `cluster.agent`. */
export const leavingKeys = {
  leave_on_terminate: boolean()
    .optional()
    .describe(
      'SIGTERM (restart, crash how: terminate) makes a program leave the pool before it ends. Default: ' +
        'clients do, servers do not.',
    ),
  skip_leave_on_interrupt: boolean()
    .optional()
    .describe(
      'SIGINT (how: interrupt) does not make a program leave the pool. Default: clients leave, servers ' +
        'do not.',
    ),
  rejoin_after_leave: boolean()
    .optional()
    .describe(
      'Who left before its last end knows its members and clocks of then when it starts, and tries ' +
        'them one after the other. Default false: it knows nobody but the servers.',
    ),
  advertise_reconnect_timeout: duration({ minimum: 1_000_000 })
    .optional()
    .describe(
      'What clients say of themselves: they are forgotten so long after they failed or left, in place ' +
        'of reconnect_timeout and of the 24 h for those that left.',
    ),
};

const OF_ALL = 'all members have the same; write it under cluster.agent';
export const LEAVING_OF_ALL = {
  leave_on_terminate: OF_ALL,
  skip_leave_on_interrupt: OF_ALL,
  rejoin_after_leave: OF_ALL,
  advertise_reconnect_timeout: OF_ALL,
};
