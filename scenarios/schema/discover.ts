/** `discover:` of a load or a service: by which road its clients learn of instances. */
import { boolean, choice, fields, isPlainMap, list, word } from './kit.ts';
import { count, datacenter, duration } from './values.ts';

const passing = boolean()
  .prefault(true)
  .describe('Instances with a check that is not passing are left out.');
const near = boolean()
  .prefault(false)
  .describe("Sorted by distance from the client's agent, nearest first, by network coordinates.");
const interval = duration({ minimum: 1000 });

const refresh = choice(
  [
    { name: 'watch', schema: word(['watch']) },
    { name: 'interval', schema: interval },
  ],
  (raw) => (raw === 'watch' ? word(['watch']) : interval),
);

const ELSEWHERE = {
  record: 'it belongs to by: dns',
  edns: 'it belongs to by: dns',
  cache: 'it belongs to by: dns; the cache of the agent is cached: true',
  order: 'it belongs to by: dns',
  use: 'it belongs to by: dns',
};

const health = fields(
  {
    by: word(['health', 'query', 'dns']).describe(
      "health: the health endpoint of the client's own agent; query: a prepared query through it; " +
        'dns: its DNS server. Instances are registered by the agents beside them.',
    ),
    passing,
    refresh: refresh
      .prefault('watch')
      .describe('watch: blocking queries; or the time between two plain ones.'),
    consistency: word(['default', 'consistent', 'stale'])
      .prefault('default')
      .describe('Mode of the queries. Streams and the cache know no modes.'),
    cached: boolean()
      .prefault(false)
      .describe('The agent may answer from a view that a stream keeps up to date, or its cache.'),
    near,
  },
  ELSEWHERE,
);

const query = fields(
  {
    by: word(['query']).describe('A prepared query of the service, which the cluster begins with.'),
    passing: passing.describe('Of the query; otherwise only critical instances are left out.'),
    refresh: interval.prefault('10s').describe('Time between two executions; they cannot block.'),
    near,
    failover: fields({
      nearest_n: count(0, 7)
        .prefault(0)
        .describe('So many other datacenters, nearest first by the coordinates of the WAN pool.'),
      datacenters: list(datacenter(), 'datacenters', 8)
        .prefault([])
        .describe('Datacenters that are tried after those, in this order.'),
    })
      .optional()
      .describe(
        'Where the query looks when it finds nobody in its own datacenter. Default: nowhere.',
      ),
  },
  { ...ELSEWHERE, cached: 'prepared queries are not cached here', consistency: 'it is by: health' },
);

const dns = fields(
  {
    by: word(['dns']).describe("The DNS server of the client's own agent, over UDP."),
    record: word(['a', 'srv'])
      .prefault('a')
      .describe('Kind of the records: addresses, or addresses with ports.'),
    edns: count(0, 65_535)
      .prefault(0)
      .describe('UDP size that the client offers; 0: no EDNS, and answers of 512 bytes.'),
    cache: duration({ minimum: 1000 })
      .prefault('30s')
      .describe('How long the client keeps an answer, or longer if its TTL is longer.'),
    order: word(['given', 'sorted'])
      .prefault('given')
      .describe(
        "sorted: as resolvers by RFC 6724 do it, the longest prefix in common with the client's own " +
          'address first, whatever the server has shuffled.',
      ),
    use: word(['all', 'first'])
      .prefault('all')
      .describe('first: the client knows of the first address alone, as many programs do.'),
  },
  {
    passing: 'write cluster.agent.dns_config.only_passing',
    refresh: 'a resolver asks when its cache has forgotten; write cache',
    cached: 'write cluster.agent.dns_config.use_cache',
    consistency: 'write cluster.agent.dns_config.allow_stale',
    near: 'it belongs to by: health and by: query',
  },
);

export const discover = choice(
  [
    { name: 'health', schema: health },
    { name: 'query', schema: query },
    { name: 'dns', schema: dns },
  ],
  (raw) => {
    const by = isPlainMap(raw) ? raw['by'] : undefined;
    if (by === 'query') return query;
    return by === 'dns' ? dns : health;
  },
);
