/** Consul's own keys about requests: `performance.rpc_hold_timeout`, query times, `limits`. */
import { fields, word } from './kit.ts';
import { count, duration } from './values.ts';

const holdText =
  'For how long a server holds a request while there is no leader, looked at after each failed ' +
  'attempt. Default 7s; with raft.alone nothing is held. 0 fails such requests at once.';
const queryText = 'How long a blocking query waits that does not say it itself. Default 5m.';
const queryMaxText = 'The longest that a blocking query may ask for. Default 10m.';

/** Inside `performance:`. */
export const holdTimeout = duration({ minimum: 0 }).optional().describe(holdText);

const RATE_MAX = 1_000_000;

const requestLimits = fields({
  mode: word(['disabled', 'permissive', 'enforcing'])
    .optional()
    .describe('Whether requests above the rates are refused. Default disabled.'),
  read_rate: count(0, RATE_MAX)
    .optional()
    .describe('Reads a second that a server takes; ten seconds of it at once. Default: no limit.'),
  write_rate: count(0, RATE_MAX)
    .optional()
    .describe('Writes a second that a server takes; ten seconds of it at once. Default: no limit.'),
});

/** Beside `performance:`; what is left out of a server's own is the cluster's, and then Consul's. */
export const requestKeys = {
  default_query_time: duration({ minimum: 1000 }).optional().describe(queryText),
  max_query_time: duration({ minimum: 1000 }).optional().describe(queryMaxText),
  limits: fields({
    request_limits: requestLimits.optional().describe('Limits on the rate of requests.'),
  })
    .optional()
    .describe("Consul's `limits` block."),
};
