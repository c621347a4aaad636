/** Settings of the request path: a server's own, or the cluster's, or Consul's defaults. */
import type { ScenarioDraft } from '../schema.ts';
import type { RequestSpec } from '../scenario.ts';

type Agent = ScenarioDraft['cluster']['agent'];
type OwnAgent = NonNullable<NonNullable<ScenarioDraft['cluster']['hosts'][string]>['agent']>;

const HOLD_MICROS = 7_000_000;
const QUERY_MICROS = 300_000_000;
const QUERY_MICROS_MAX = 600_000_000;

/** `own` in the order of the file: later ones win. */
export function resolveRequests(
  agent: Agent,
  own: readonly OwnAgent[],
  alone: boolean,
): RequestSpec {
  const pick = <T>(read: (one: Agent | OwnAgent) => T | undefined): T | undefined => {
    for (const one of own.toReversed()) {
      const value = read(one);
      if (value !== undefined) return value;
    }
    return read(agent);
  };
  return {
    holdMicros: pick((one) => one.performance?.rpc_hold_timeout) ?? (alone ? 0 : HOLD_MICROS),
    queryMicros: pick((one) => one.default_query_time) ?? QUERY_MICROS,
    queryMicrosMax: pick((one) => one.max_query_time) ?? QUERY_MICROS_MAX,
    limits: {
      mode: pick((one) => one.limits?.request_limits?.mode) ?? 'disabled',
      readRate: pick((one) => one.limits?.request_limits?.read_rate) ?? null,
      writeRate: pick((one) => one.limits?.request_limits?.write_rate) ?? null,
    },
  };
}
