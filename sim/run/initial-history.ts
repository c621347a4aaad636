/** What the key-value store holds from the beginning, as records of a history. */
import type { RunRecord } from '../check/linearizability/operation-log.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

/** Log index of the first initial key: the configuration comes before it. */
const FIRST_INDEX = 2;

/**
 * Writes of all keys at once, before anybody's client came; their numbers are negative. Where some
 * server begins with a log of its own, the keys may be missing there, and nobody knows which of them
 * survive.
 */
export function initialHistory({ hosts, initialKv }: Scenario): RunRecord[] {
  const everywhere = hosts.every(
    (host) => host.kind !== 'server' || (host.initial?.log ?? []).length === 0,
  );
  const writes = Array.from(initialKv, ([key, value], place): RunRecord => {
    return { process: 'initial', type: 'invoke', f: 'put', key, value, time: 0, op: -1 - place };
  });
  const answers = writes.map((write, place): RunRecord => {
    const index = FIRST_INDEX + place;
    return everywhere
      ? { ...write, type: 'ok', index, leaderIndex: index }
      : { ...write, type: 'info' };
  });
  return [...writes, ...answers];
}
