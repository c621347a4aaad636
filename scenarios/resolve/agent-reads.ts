/** What agents find out for programs, and how those ask, with every default filled in. */
import type { ScenarioDraft } from '../schema.ts';
import type { AgentReadSpec, DiscoverSpec } from '../services.ts';
import type { Complain } from './hosts.ts';

const HOUR_MICROS = 3600 * 1_000_000;
/** `discovery_max_stale` of DNS (`consul:agent/config/default.go`). */
const MAX_STALE_MICROS = 87_600 * HOUR_MICROS;

export function resolveAgentReads(draft: ScenarioDraft, complain: Complain): AgentReadSpec {
  const { agent } = draft.cluster;
  const { use_streaming_backend: streaming, cache, dns_config: dns } = agent;
  const roads = roadsOf(draft);
  const refuse = (key: string, message: string): void =>
    complain(['cluster', 'agent', key], message);
  if (streaming !== undefined && !roads.includes('health')) {
    refuse('use_streaming_backend', 'acts where a load says discover: { by: health }');
  }
  if (dns !== undefined && !roads.includes('dns')) {
    refuse('dns_config', 'acts where a load says discover: { by: dns }');
  }
  if (cache !== undefined && roads.length === 0) {
    refuse('cache', 'acts where a load says discover: { by: health, cached: true }');
  }
  return {
    streaming: streaming ?? true,
    fetchRate: cache?.entry_fetch_rate ?? null,
    fetchBurst: cache?.entry_fetch_max_burst ?? 2,
    dns: {
      allowStale: dns?.allow_stale ?? true,
      maxStaleMicros: dns?.max_stale ?? MAX_STALE_MICROS,
      onlyPassing: dns?.only_passing ?? false,
      nodeTtlMicros: dns?.node_ttl ?? 0,
      serviceTtlMicros: dns?.service_ttl ?? {},
      udpAnswerLimit: dns?.udp_answer_limit ?? 3,
      aRecordLimit: dns?.a_record_limit ?? 0,
      enableTruncate: dns?.enable_truncate ?? false,
      useCache: dns?.use_cache ?? false,
    },
  };
}

/** By which roads somebody discovers. */
export function roadsOf({ load, services }: ScenarioDraft): string[] {
  const calls = [
    ...Object.values(load).flatMap((one) => (one.kind === 'call' ? [one] : [])),
    ...Object.values(services).flatMap((one) => one.calls),
  ];
  return calls.flatMap(({ discover }) => (discover === undefined ? [] : [discover.by]));
}

type DiscoverDraft = NonNullable<
  Extract<ScenarioDraft['load'][string], { kind: 'call' }>['discover']
>;

export function resolveDiscover(one: DiscoverDraft): DiscoverSpec {
  if ('record' in one) {
    return {
      by: 'dns',
      record: one.record === 'a' ? 'A' : 'SRV',
      ednsBytes: one.edns,
      cacheMicros: one.cache,
      sorted: one.order === 'sorted',
      firstOnly: one.use === 'first',
    };
  }
  if (!('cached' in one)) {
    const { passing, refresh: intervalMicros, near, failover } = one;
    const elsewhere = failover && {
      nearest: failover.nearest_n,
      datacenters: failover.datacenters,
    };
    return { by: 'query', passing, intervalMicros, near, failover: elsewhere ?? null };
  }
  return {
    by: 'health',
    passing: one.passing,
    intervalMicros: one.refresh === 'watch' ? null : one.refresh,
    mode: one.consistency,
    cached: one.cached,
    near: one.near,
  };
}
