/** Keys of what Consul builds on Raft: autopilot, bootstrap, and when a failed member is forgotten. */
import { boolean, fields } from './kit.ts';
import { count, duration } from './values.ts';

const autopilot = fields({
  cleanup_dead_servers: boolean()
    .optional()
    .describe(
      'Failed servers are removed from the Raft configuration; default true. Then a crashed server of ' +
        'three is no member soon, and the two that are left tolerate no further loss.',
    ),
  last_contact_threshold: duration({ minimum: 1000 })
    .optional()
    .describe('A server that heard the leader longer ago is unhealthy; default 200ms.'),
  max_trailing_logs: count(0, 1_000_000_000)
    .optional()
    .describe('A server whose log is further behind than that is unhealthy; default 250.'),
  min_quorum: count(0, 9)
    .optional()
    .describe('Dead servers are not removed where fewer voters would remain; default 0.'),
  server_stabilization_time: duration({ minimum: 0 })
    .optional()
    .describe('How long a new server must be healthy before it gets a vote; default 10s.'),
});

/** Keys under `cluster.agent`. */
export const serverLayerKeys = {
  autopilot: autopilot.optional().describe("Consul's `autopilot` block."),
  bootstrap_expect: count(1, 9)
    .optional()
    .describe(
      'With start: bootstrap, how many servers must know each other before they form a cluster; ' +
        'default all of them. Fewer than a majority of them may form two.',
    ),
  disable_coordinates: boolean()
    .optional()
    .describe(
      'Nodes do not tell the servers where they are in the network, so that nothing is sorted by ' +
        'distance; default false.',
    ),
  reconnect_timeout: duration({ minimum: 1_000_000 })
    .optional()
    .describe('A failed member of the pool is forgotten after this; default 72h.'),
};

export const SERVER_LAYER_OF_ALL = {
  autopilot: 'all servers have the same; write it under cluster.agent',
  bootstrap_expect: 'all servers have the same; write it under cluster.agent',
  disable_coordinates: 'all agents have the same; write it under cluster.agent',
  reconnect_timeout: 'all servers have the same; write it under cluster.agent',
};
