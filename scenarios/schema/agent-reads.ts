/** Consul's keys for what agents find out for programs: streams, cache, DNS. */
import { boolean, fields, named } from './kit.ts';
import { count, duration, number } from './values.ts';

/** Of every service, or by name, or by the beginning of names with a star behind it. */
const ttl = duration({ minimum: 0 }).describe('TTL of answers about such services.');
const serviceTtl = named(ttl, { keyName: 'service' })
  .optional()
  .describe('TTL of answers by service: its name, or the beginning of names and *. Default 0.');

const dnsConfig = fields({
  allow_stale: boolean()
    .optional()
    .describe('Any server may answer. Default true; otherwise the leader does.'),
  max_stale: duration({ minimum: 0 })
    .optional()
    .describe('An answer of a server that heard the leader longer ago is asked of it again.'),
  only_passing: boolean()
    .optional()
    .describe('Instances with a warning are left out too. Default false.'),
  node_ttl: duration({ minimum: 0 }).optional().describe('TTL of answers about nodes. Default 0.'),
  service_ttl: serviceTtl,
  udp_answer_limit: count(1, 100)
    .optional()
    .describe('Most answers in 512 bytes, however many would fit; 8 at most. Default 3.'),
  a_record_limit: count(0, 10_000)
    .optional()
    .describe('Most A records in any answer. Default 0: no limit.'),
  enable_truncate: boolean()
    .optional()
    .describe('Says in the answer that something was left out. Default false.'),
  use_cache: boolean()
    .optional()
    .describe("Questions are answered from the agent's cache. Default false."),
});

/** Under `cluster.agent`. */
export const agentReadKeys = {
  use_streaming_backend: boolean()
    .optional()
    .describe('Health of services comes in streams of changes. Default true.'),
  cache: fields({
    entry_fetch_rate: number(0.001, 1_000_000)
      .optional()
      .describe('Fetches a second of one entry. Default: no limit.'),
    entry_fetch_max_burst: count(1, 1000).optional().describe('That many at once. Default 2.'),
  })
    .optional()
    .describe("Consul's `cache` block."),
  dns_config: dnsConfig.optional().describe("Consul's `dns_config` block."),
};

const OF_ALL = 'all agents have the same; write it under cluster.agent';
export const AGENT_READS_OF_ALL = {
  use_streaming_backend: OF_ALL,
  cache: OF_ALL,
  dns_config: OF_ALL,
};
