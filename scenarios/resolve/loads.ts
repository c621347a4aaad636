/** Loads on the key-value store: their clients, what these do and how often. */
import type { LoadSpec, LockLoadSpec } from '../scenario.ts';
import type { ScenarioDraft } from '../schema.ts';
import type { HostTable } from '../selectors.ts';
import { arrivalOf } from './services.ts';

type LoadDraft = Exclude<ScenarioDraft['load'][string], { kind: 'call' }>;
type Mode = keyof LoadSpec['consistency'];

const IDLE: LoadSpec['mix'] = {
  put: 0,
  get: 0,
  cas: 0,
  delete: 0,
  increment: 0,
  txn: 0,
  'txn-get': 0,
};

export function resolveLoads({ load }: ScenarioDraft, table: HostTable): LoadSpec[] {
  return Object.entries(load).flatMap(([name, one]) => {
    if (one.kind === 'call') return [];
    const clients = table.clients.filter((client) => client.startsWith(`${name}#`));
    return [resolveLoad(name, clients, one)];
  });
}

function resolveLoad(name: string, clients: readonly string[], one: LoadDraft): LoadSpec {
  const { kind, via, keys, timeout: timeoutMicros } = one;
  const asks = 'dc' in one && one.dc !== one.datacenter ? (one.dc ?? null) : null;
  const base = { kind, asks, name, via, clients, keys, timeoutMicros, watch: null, lock: null };
  const rest = { ...base, transaction: null, prefix: '', mix: IDLE };
  switch (one.kind) {
    case 'kv':
      return {
        ...rest,
        consistency: sharesOf(one.consistency),
        arrival: arrivalOf(one),
        mix: { ...IDLE, ...one.mix },
      };
    case 'txn': {
      const { size, reads, conditional, prefix } = one;
      return {
        ...rest,
        prefix,
        consistency: sharesOf(one.consistency),
        arrival: arrivalOf(one),
        mix: { ...IDLE, txn: 1 - reads, 'txn-get': reads },
        transaction: { keys: size, conditional },
      };
    }
    case 'lock':
      return {
        ...rest,
        prefix: one.prefix,
        consistency: sharesOf('default'),
        arrival: { kind: 'none' },
        lock: lockOf(one),
      };
    default: {
      const { prefix, watch: whole, wait: waitMicros = 0, spread, writes, deletes } = one;
      return {
        ...rest,
        prefix,
        consistency: sharesOf(one.consistency),
        arrival: writes === undefined ? { kind: 'none' } : { kind: 'open', ratePerSecond: writes },
        mix: { ...IDLE, put: 1 - deletes, delete: deletes },
        watch: { whole, waitMicros, spreadMicros: spread },
      };
    }
  }
}

function lockOf(one: Extract<LoadDraft, { kind: 'lock' }>): LockLoadSpec {
  const { ttl: ttlMicros, lock_delay: lockDelayMicros, behavior, checks, hold, think } = one;
  const { destroys, silent, renewals } = one;
  const times = { ttlMicros, lockDelayMicros, hold, rest: think };
  return { ...times, behavior, checks, destroys, silent, renewals };
}

/** One mode for all reads, or shares. */
export function sharesOf(
  consistency: Mode | LoadSpec['consistency'],
): Readonly<Record<Mode, number>> {
  const none = { default: 0, consistent: 0, stale: 0 };
  return typeof consistency === 'string' ? { ...none, [consistency]: 1 } : consistency;
}
