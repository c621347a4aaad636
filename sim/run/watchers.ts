/** What a load's client draws from, what it watches, and which locks it takes. */
import type { LockConfig } from '../client/lock/state.ts';
import type { WatchConfig } from '../client/watch.ts';
import type { LoadSpec, LockLoadSpec, Scenario } from '../../scenarios/scenario.ts';
import type { PlantId } from '../../scenarios/vocabulary.ts';
import type { Samplers } from './samplers.ts';

/** `max_query_time`, and the 7 s that agents wait longer than a query may take. */
const QUERY_MICROS_MAX = 600_000_000;
const PATIENCE_MICROS = 7_000_000;
/** What a program waits longer than its agent may. */
const PROGRAM_MICROS = 60_000_000;

/** Those that have a share, each with the sum of shares up to it. */
export function cumulative<T extends string>(
  shares: Readonly<Record<T, number>>,
): (readonly [T, number])[] {
  const names = (Object.keys(shares) as T[]).filter((name) => shares[name] > 0);
  let until = 0;
  return names.map((name, at) => {
    until += shares[name];
    return [name, at === names.length - 1 ? 1 : until] as const;
  });
}

/**
 * With patience for the longest wait and its jitter; through an agent for twice that, since it asks
 * another server, which waits anew, when one has died.
 */
export function watchOf(
  load: LoadSpec,
  client: number,
  planted: readonly PlantId[],
): WatchConfig | null {
  const { watch, prefix, keys, consistency } = load;
  if (watch === null) return null;
  const { whole, waitMicros, spreadMicros } = watch;
  const has = (bug: PlantId): boolean => planted.includes(bug);
  const longest = waitMicros === 0 ? QUERY_MICROS_MAX : Math.min(waitMicros, QUERY_MICROS_MAX);
  const allowed = longest + Math.ceil(longest / 16) + PATIENCE_MICROS;
  return {
    subject: whole === 'prefix' ? prefix : `${prefix}k${client % keys}`,
    whole,
    mode: cumulative(consistency)[0][0],
    waitMicros,
    patienceMicros: load.via === 'agent' ? 2 * allowed + PROGRAM_MICROS : allowed,
    via: load.via,
    spreadMicros,
    bugs: {
      P9: has('P9'),
      W5: has('W5'),
      W6: has('W6'),
      W8: has('W8'),
      W9: has('W9'),
      W10: has('W10'),
    },
  };
}

/** Its session belongs to the node of the server that it asks. */
export function lockOf(
  lock: LockLoadSpec,
  { hosts, bugs }: Scenario,
  samplers: Samplers,
): LockConfig {
  const { hold, rest, ...settings } = lock;
  const planted = new Set<string>(bugs.planted);
  return {
    ...settings,
    nodes: hosts.map(({ name }) => name),
    hold: samplers.get(hold),
    rest: samplers.get(rest),
    bugs: { P16: planted.has('P16'), P17: planted.has('P17') },
  };
}
