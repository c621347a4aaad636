/** What servers have beyond Raft, where they are not alone. */
import type { ServerLayerSpec } from '../scenario.ts';
import type { ScenarioDraft } from '../schema.ts';
import type { HostTable } from '../selectors.ts';
import { isPlainMap } from '../schema/kit.ts';
import type { Path } from '../tree.ts';
import { isAlone } from './hosts.ts';
import type { Complain } from './hosts.ts';

const ALONE = 'acts on what Consul builds on Raft; remove it, or raft: { alone: true }';
const SESSIONLESS =
  'sessions belong to nodes of the catalog, which is built on Raft; remove it, or raft: { alone: true }';
const HOUR_MICROS = 3600 * 1_000_000;

export function resolveServerLayer(
  draft: ScenarioDraft,
  table: HostTable,
  complain: Complain,
): ServerLayerSpec {
  const { agent } = draft.cluster;
  const { autopilot, bootstrap_expect: expect, reconnect_timeout: reconnect } = agent;
  if (isAlone(draft)) {
    const hasPool = table.agents.length > 0;
    const keys = [
      'autopilot',
      'bootstrap_expect',
      'disable_coordinates',
      'reconnect_timeout',
    ] as const;
    for (const key of keys) {
      if (key === 'reconnect_timeout' && hasPool) continue;
      if (agent[key] !== undefined) complain(['cluster', 'agent', key], ALONE);
    }
    refuseVerbs(draft, hasPool, complain);
    for (const [name, { kind }] of Object.entries(draft.load)) {
      if (kind === 'lock') complain(['load', name, 'kind'], SESSIONLESS);
    }
    const planted = draft.plant.findIndex((id) => id === 'B28' || id === 'B29');
    if (planted >= 0) complain(['plant', planted], ALONE);
  }
  if (isAlone(draft) || agent.disable_coordinates === true) refuseNear(draft, complain);
  if (expect !== undefined && draft.start !== 'bootstrap') {
    complain(['cluster', 'agent', 'bootstrap_expect'], 'acts with start: bootstrap only');
  }
  return {
    autopilot: {
      cleanupDeadServers: autopilot?.cleanup_dead_servers ?? true,
      lastContactThresholdMicros: autopilot?.last_contact_threshold ?? 200_000,
      maxTrailingLogs: autopilot?.max_trailing_logs ?? 250,
      minQuorum: autopilot?.min_quorum ?? 0,
      serverStabilizationMicros: autopilot?.server_stabilization_time ?? 10_000_000,
    },
    reconnectTimeoutMicros: reconnect ?? 72 * HOUR_MICROS,
    bootstrapExpect: expect ?? null,
    sendsCoordinates: agent.disable_coordinates !== true,
  };
}

/** Verbs of the pool, and a wait for autopilot. */
function refuseVerbs(draft: ScenarioDraft, hasPool: boolean, complain: Complain): void {
  const check = (item: Readonly<Record<string, unknown>>, path: Path): void => {
    for (const verb of ['leave', 'force_leave', 'join']) {
      if (verb in item && !hasPool) complain([...path, verb], ALONE);
    }
    const { restart } = item;
    const settings = isPlainMap(restart) && 'hosts' in restart ? restart : item;
    if (settings['wait'] === 'healthy') complain([...path, 'wait'], ALONE);
  };
  draft.faults.forEach((item, index) => {
    check(item as Readonly<Record<string, unknown>>, ['faults', index]);
    for (const [name, steps] of Object.entries(item)) {
      if (!Array.isArray(steps)) continue;
      steps.forEach((step: unknown, place) => {
        if (isPlainMap(step)) check(step, ['faults', index, name, place]);
      });
    }
  });
}

/** Without coordinates nothing is near. */
function refuseNear({ load, services }: ScenarioDraft, complain: Complain): void {
  const check = (call: unknown, path: Path): void => {
    const discover = isPlainMap(call) ? call['discover'] : undefined;
    if (!isPlainMap(discover) || discover['near'] !== true) return;
    complain([...path, 'discover', 'near'], 'acts where servers and agents tell their coordinates');
  };
  for (const [name, one] of Object.entries(load)) check(one, ['load', name]);
  for (const [name, { calls }] of Object.entries(services)) {
    calls.forEach((call, index) => check(call, ['services', name, 'calls', index]));
  }
}
