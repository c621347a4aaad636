/** Loads on the key-value store: their clients, what these do and how often. */
import type { LoadSpec } from '../scenario.ts';
import type { ScenarioDraft } from '../schema.ts';
import type { HostTable } from '../selectors.ts';
import { arrivalOf } from './services.ts';

type LoadDraft = Exclude<ScenarioDraft['load'][string], { kind: 'call' }>;
type Mode = keyof LoadSpec['consistency'];

export function resolveLoads({ load }: ScenarioDraft, table: HostTable): LoadSpec[] {
  return Object.entries(load).flatMap(([name, one]) => {
    if (one.kind === 'call') return [];
    const clients = table.clients.filter((client) => client.startsWith(`${name}#`));
    return [resolveLoad(name, clients, one)];
  });
}

function resolveLoad(name: string, clients: readonly string[], one: LoadDraft): LoadSpec {
  const { kind, via, keys, timeout: timeoutMicros } = one;
  const consistency = sharesOf(one.consistency);
  const base = { kind, name, via, clients, keys, consistency, timeoutMicros };
  if (one.kind === 'kv') {
    return { ...base, arrival: arrivalOf(one), prefix: '', mix: one.mix, watch: null };
  }
  const { prefix, watch: whole, wait: waitMicros = 0, writes, deletes } = one;
  const mix = { put: 1 - deletes, get: 0, cas: 0, delete: deletes };
  const arrival: LoadSpec['arrival'] =
    writes === undefined ? { kind: 'none' } : { kind: 'open', ratePerSecond: writes };
  return { ...base, arrival, prefix, mix, watch: { whole, waitMicros } };
}

/** One mode for all reads, or shares. */
export function sharesOf(consistency: LoadDraft['consistency']): Readonly<Record<Mode, number>> {
  const none = { default: 0, consistent: 0, stale: 0 };
  return typeof consistency === 'string' ? { ...none, [consistency]: 1 } : consistency;
}
