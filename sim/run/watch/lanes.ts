/** What each goroutine waits for. */
import { CONNECTION_LANE } from '../../core/machine.ts';
import { BLOCKED_NAMES, Blocked } from '../../core/process.ts';
import type { Lane } from '../../core/process.ts';
import type { Execution } from '../execution.ts';

export interface LaneRow {
  readonly process: string;
  readonly machine: string;
  /** `main`, `replicate 2`, `connection`. */
  readonly lane: string;
  /** `input`, or what it is blocked by: `write`, `call`, `sleep`, ... */
  readonly waits: string;
  /** For how long it has been blocked; null while it is free. */
  readonly sinceMicros: number | null;
  /** Inputs that wait for it, with the channels that hold them: `rpc 3`. */
  readonly queued: string;
}

/** Blocked ones first, then those with full channels. */
export function laneRows({ world }: Execution, wanted: (process: number) => boolean): LaneRow[] {
  const found: { readonly lane: Lane; readonly row: LaneRow }[] = [];
  world.lanes.pool.forEach((lane) => {
    if (!wanted(lane.process.index)) return;
    const blocked = lane.blocked !== Blocked.free;
    const connection = lane.spec === CONNECTION_LANE;
    if (connection && !blocked) return;
    const spec = connection ? undefined : lane.slot.machine.lanes[lane.spec];
    const name = spec === undefined ? 'connection' : spec.name;
    const since = blocked ? world.now - world.trace.time(lane.since) : null;
    const queued = lane.queues.flatMap((queue, channel) =>
      queue === undefined || queue.length === 0
        ? []
        : [`${spec?.channels[channel]?.name ?? channel} ${queue.length}`],
    );
    const row = {
      process: lane.process.name,
      machine: lane.slot.machine.name,
      lane: spec?.keyed === true ? `${name} ${lane.key}` : name,
      waits: blocked ? (BLOCKED_NAMES[lane.blocked] ?? '') : 'input',
      sinceMicros: since,
      queued: queued.join(', '),
    };
    found.push({ lane, row });
  });
  const weight = ({ row }: (typeof found)[number]): number =>
    row.queued !== '' ? 0 : row.sinceMicros !== null ? 1 : 2;
  found.sort(
    (one, other) =>
      one.lane.process.index - other.lane.process.index ||
      weight(one) - weight(other) ||
      one.lane.handle - other.lane.handle,
  );
  return found.map(({ row }) => row);
}
