/** Services and those who call them, over the last seconds. */
import type { CallLoadState } from '../../client/call/call-load.ts';
import type { CallerState } from '../../client/call/state.ts';
import { callLoads } from './calls.ts';
import { worstOf } from '../../consul/agent/definitions.ts';
import { AGENT_MACHINE } from '../../consul/agent/inputs.ts';
import type { AgentState } from '../../consul/agent/state.ts';
import type { Process } from '../../core/process.ts';
import type { World } from '../../core/world.ts';
import { insideOf, queuedIn } from '../../service/instance.ts';
import type { InstanceState } from '../../service/instance.ts';
import {
  CALLER_MACHINE,
  CALL_LOAD_MACHINE,
  CallNote,
  INSTANCE_MACHINE,
  InstanceNote,
} from '../../service/vocabulary.ts';
import { statusOf } from './servers.ts';

export interface InstanceRow {
  readonly name: string;
  readonly process: number;
  readonly status: string;
  readonly service: string;
  readonly busy: number;
  readonly workers: number;
  readonly queued: number;
  /** In the window: answered, turned away, and its share of all attempts on the service. */
  readonly served: number;
  readonly rejected: number;
  readonly share: number;
  /** Worst of its checks and its node's, as its agent has them; null: nobody checks it. */
  readonly check: string | null;
  /** Callers that give it no calls: ejected, or behind an open breaker. */
  readonly avoidedBy: number;
  /** Mean time from arrival to answer in each slice of the window, oldest first; null: no answer. */
  readonly latencies: readonly (number | null)[];
}

export interface CallerRow {
  readonly load: string;
  readonly succeeded: number;
  readonly failed: number;
  /** Calls that have not ended. */
  readonly open: number;
  readonly p50Micros: number | null;
  readonly p99Micros: number | null;
  readonly latencies: readonly (number | null)[];
}

export interface ServiceViews {
  readonly instances: readonly InstanceRow[];
  readonly callers: readonly CallerRow[];
  readonly windowMicros: number;
}

const WINDOW_MICROS = 5_000_000;
const SLICES = 20;
/** Rows of the note log that are looked at. */
const NOTES_MAX = 100_000;

/** Sums and counts by slice. */
class Slices {
  count = 0;
  readonly values: number[] = [];
  private readonly sums = new Float64Array(SLICES);
  private readonly counts = new Uint32Array(SLICES);

  add(slice: number, value: number): void {
    this.count++;
    this.values.push(value);
    this.sums[slice] += value;
    this.counts[slice]++;
  }

  means(): (number | null)[] {
    return Array.from(this.sums, (sum, at) =>
      this.counts[at] === 0 ? null : Math.round(sum / this.counts[at]!),
    );
  }

  percentile(share: number): number | null {
    const sorted = this.values.toSorted((one, other) => one - other);
    return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
  }
}

interface Window {
  /** By process of the instance. */
  readonly served: Map<number, Slices>;
  readonly rejected: Map<number, number>;
  readonly attempted: Map<number, number>;
  /** By load. */
  readonly succeeded: Map<string, Slices>;
  readonly failed: Map<string, number>;
}

export function hasServices(world: World): boolean {
  return world.processes.some(({ slotByNumber }) => slotByNumber[INSTANCE_MACHINE] !== undefined);
}

/** Null where there are no services. */
export function serviceViews(world: World): ServiceViews | null {
  if (!hasServices(world)) return null;
  const window = windowOf(world);
  const instances = world.processes.flatMap(({ index, slotByNumber }) =>
    slotByNumber[INSTANCE_MACHINE] === undefined ? [] : [instanceRow(world, index, window)],
  );
  // Of all attempts on instances of one service.
  const totals = new Map<string, number>();
  for (const { service, process } of instances) {
    const own = window.attempted.get(process) ?? 0;
    totals.set(service, (totals.get(service) ?? 0) + own);
  }
  return {
    instances: instances.map((row) => {
      const total = totals.get(row.service) ?? 0;
      const own = window.attempted.get(row.process) ?? 0;
      return { ...row, share: total === 0 ? 0 : own / total };
    }),
    callers: callerRows(world, window),
    windowMicros: WINDOW_MICROS,
  };
}

function windowOf(world: World): Window {
  const { notes, trace, now } = world;
  const window: Window = {
    served: new Map(),
    rejected: new Map(),
    attempted: new Map(),
    succeeded: new Map(),
    failed: new Map(),
  };
  const count = (counts: Map<number, number>, key: number): void => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  const loads = callLoads(world);
  const oldest = Math.max(0, notes.rows - NOTES_MAX);
  for (let row = notes.rows - 1; row >= oldest; row--) {
    const event = notes.event(row);
    const age = now - (event === 0 ? 0 : trace.time(event));
    if (age >= WINDOW_MICROS) break;
    const slice = SLICES - 1 - Math.floor((age * SLICES) / WINDOW_MICROS);
    const process = notes.process(row);
    switch (notes.kind(row)) {
      case InstanceNote.served:
        slicesOf(window.served, process).add(slice, notes.b(row));
        break;
      case InstanceNote.rejected:
        count(window.rejected, process);
        break;
      case CallNote.attempted:
        count(window.attempted, notes.b(row));
        break;
      case CallNote.succeeded: {
        const load = loads.get(process);
        if (load !== undefined) slicesOf(window.succeeded, load).add(slice, notes.b(row));
        break;
      }
      case CallNote.failed: {
        const load = loads.get(process);
        if (load !== undefined) window.failed.set(load, (window.failed.get(load) ?? 0) + 1);
      }
    }
  }
  return window;
}

function slicesOf<Key>(slices: Map<Key, Slices>, key: Key): Slices {
  let own = slices.get(key);
  if (own === undefined) slices.set(key, (own = new Slices()));
  return own;
}

function instanceRow(world: World, index: number, { served, rejected }: Window): InstanceRow {
  const process = world.processes[index];
  const slot = process.slotByNumber[INSTANCE_MACHINE]!;
  const config = slot.config as InstanceState['config'];
  const state = process.status === 'down' ? undefined : (slot.state as InstanceState | undefined);
  const queued = state === undefined ? 0 : queuedIn(state);
  return {
    name: process.name,
    process: index,
    status: statusOf(process),
    service: config.service,
    busy: state === undefined ? 0 : insideOf(state) - queued,
    workers: config.workers,
    queued,
    served: served.get(index)?.count ?? 0,
    rejected: rejected.get(index) ?? 0,
    share: 0,
    check: checkOf(process),
    avoidedBy: avoidedBy(world, index),
    latencies: served.get(index)?.means() ?? Array.from({ length: SLICES }, () => null),
  };
}

function checkOf({ name, host }: Process): string | null {
  const agent = host.processes.find(({ slotByNumber }) => slotByNumber[AGENT_MACHINE]);
  if (agent === undefined) return null;
  if (agent.status === 'down') return 'no agent';
  const { local } = agent.slotByNumber[AGENT_MACHINE]!.state as AgentState;
  const statuses = [...local.checks.values()].flatMap(({ check, deleted }) => {
    const counts = check !== null && !deleted && ['', name].includes(check.serviceId);
    return counts ? [check.status] : [];
  });
  return statuses.length === 0 ? null : worstOf(statuses);
}

function avoidedBy(world: World, instance: number): number {
  let callers = 0;
  for (const { slotByNumber, status } of world.processes) {
    const slot = slotByNumber[CALLER_MACHINE];
    if (slot === undefined || status === 'down' || slot.state === undefined) continue;
    for (const { endpoints, listed, healthy } of (slot.state as CallerState).upstreams) {
      const at = listed.find((one) => endpoints[one]?.process === instance);
      if (at !== undefined && !healthy[at]) callers++;
    }
  }
  return callers;
}

function callerRows(world: World, { succeeded, failed }: Window): CallerRow[] {
  const open = new Map<string, number>();
  for (const [process, load] of callLoads(world)) {
    const state = world.processes[process].slotByNumber[CALL_LOAD_MACHINE]!.state;
    const { started, ended } = (state ?? { started: 0, ended: 0 }) as CallLoadState;
    open.set(load, (open.get(load) ?? 0) + started - ended);
  }
  return Array.from(open, ([load, underWay]) => {
    const own = succeeded.get(load) ?? new Slices();
    return {
      load,
      succeeded: own.count,
      failed: failed.get(load) ?? 0,
      open: underWay,
      p50Micros: own.percentile(0.5),
      p99Micros: own.percentile(0.99),
      latencies: own.means(),
    };
  });
}
