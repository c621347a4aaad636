/** The logs of all servers side by side. */
import { entryIn, lastIndexOf } from '../../protocol/raft/log.ts';
import { EntryType, Role } from '../../protocol/raft/types.ts';
import type { Entry, RaftDurable } from '../../protocol/raft/types.ts';
import type { Simulation } from '../build.ts';
import type { Execution } from '../execution.ts';

/** One entry; `differs`: another log has something else at this index. */
export interface EntryCell {
  readonly term: number;
  /** `command`, `noop`, `barrier`, `configuration`. */
  readonly type: string;
  readonly committed: boolean;
  readonly applied: boolean;
  readonly differs: boolean;
}

export interface LogRow {
  readonly node: string;
  readonly leader: boolean;
  readonly up: boolean;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly commitIndex: number;
  readonly snapshotIndex: number;
  /** Of the indexes asked for; null where the log holds nothing. */
  readonly cells: readonly (EntryCell | null)[];
}

const TYPE_NAMES = new Map(Object.entries(EntryType).map(([name, type]) => [type as number, name]));

/** The highest index that any server holds. */
export function lastIndexOfAll({ simulation }: Execution): number {
  return simulation.servers.reduce(
    (last, { process }) => Math.max(last, lastIndexOf(simulation.durable(process).log)),
    0,
  );
}

/** Entries `from` to `to` of each server's log. */
export function logRows({ simulation }: Execution, from: number, to: number): LogRow[] {
  return simulation.clusters.flatMap((servers) => rowsOf({ ...simulation, servers }, from, to));
}

/** Of the servers of one datacenter, whose logs should be alike. */
function rowsOf(simulation: Simulation, from: number, to: number): LogRow[] {
  const durables = simulation.servers.map(({ process }) => simulation.durable(process));
  const reference = durables.map((durable) => durable.log);
  return simulation.servers.map(({ name, process }, at): LogRow => {
    const durable: RaftDurable = durables[at]!;
    const state = simulation.raft(process);
    const commitIndex = state?.commitIndex ?? 0;
    const appliedIndex = state?.fsmIndex ?? 0;
    const cells = Array.from({ length: Math.max(0, to - from + 1) }, (_, place) => {
      const index = from + place;
      const entry = entryIn(durable.log, index);
      if (entry === undefined) return null;
      return {
        term: entry.term,
        type: TYPE_NAMES.get(entry.type) ?? 'command',
        committed: index <= commitIndex,
        applied: index <= appliedIndex,
        differs: reference.some((log) => isOther(entryIn(log, index), entry)),
      };
    });
    return {
      node: name,
      leader: state?.role === Role.leader,
      up: state !== undefined,
      firstIndex: durable.log.firstIndex,
      lastIndex: lastIndexOf(durable.log),
      commitIndex,
      snapshotIndex: durable.snapshots[0]?.index ?? 0,
      cells,
    };
  });
}

function isOther(other: Entry | undefined, entry: Entry): boolean {
  if (other === undefined || other === entry) return false;
  return other.term !== entry.term || other.prefix !== entry.prefix;
}
