/** Saving and restoring a whole world between two events. */
import { KEPT } from './copies.ts';
import type { Connection } from './connection.ts';
import type { DiskState } from './disk.ts';
import type { ClockState } from './clock.ts';
import type { StreamsState } from './draws.ts';
import type { HeldDatagram } from './datagrams.ts';
import type { FingerprintState } from './fingerprint.ts';
import type { Machine } from './machine.ts';
import type { MetricsState } from './metrics.ts';
import type { NetworkState } from './network.ts';
import type { BacklogItem, CrashPoint, Lane, MachineSlot, Outgoing, Process } from './process.ts';
import type { ProcessStatus } from './process.ts';
import type { QueueState } from './queue.ts';
import type { RpcState } from './rpc.ts';
import type { SlotsState } from './slots.ts';
import type { World } from './world.ts';

interface SlotState {
  readonly state: unknown;
  readonly durable: unknown;
  readonly timers: readonly (number[] | undefined)[];
}

interface ProcessState {
  readonly status: ProcessStatus;
  readonly generation: number;
  readonly stops: number;
  readonly ioPauses: number;
  readonly startsAtWake: boolean;
  readonly backlog: readonly BacklogItem[];
  readonly outgoing: readonly Outgoing[];
  readonly idle: readonly (readonly [number, readonly number[]])[];
  readonly sessions: readonly (readonly [number, number])[];
  readonly cpuFactor: number;
  readonly slowedMessages: number;
  readonly crashPoint: CrashPoint | null;
  readonly slots: readonly SlotState[];
}

interface HostState {
  readonly up: boolean;
  readonly suspended: boolean;
  readonly suspensions: number;
  readonly clock: ClockState;
  readonly disk: DiskState;
}

export interface WorldState {
  readonly now: number;
  readonly event: number;
  readonly nextSecond: number;
  readonly queue: QueueState;
  readonly timers: Int32Array;
  readonly woken: Uint32Array;
  readonly streams: StreamsState;
  readonly network: NetworkState;
  readonly hosts: readonly HostState[];
  readonly processes: readonly ProcessState[];
  readonly shared: readonly unknown[];
  readonly lanes: SlotsState<Lane>;
  readonly connections: SlotsState<Connection>;
  readonly datagrams: readonly HeldDatagram[];
  readonly rpc: RpcState;
  readonly traceRows: number;
  readonly noteRows: number;
  readonly metrics: MetricsState;
  readonly fingerprint: FingerprintState;
  readonly messageCounts: Float64Array;
  readonly messageBytes: Float64Array;
  readonly marks: readonly (readonly [string, number])[];
  readonly panics: readonly string[];
  readonly decisions: unknown;
  readonly controller: unknown;
  readonly observers: readonly unknown[];
}

export function saveWorld(world: World, panics: readonly string[]): WorldState {
  return {
    now: world.now,
    event: world.event,
    nextSecond: world.nextSecond,
    queue: world.queue.save(),
    timers: world.timers.save(),
    woken: world.woken.slice(),
    streams: world.streams.save(),
    network: world.network.save(),
    hosts: world.hosts.map(({ up, suspended, suspensions, clock, disk }) => ({
      up,
      suspended,
      suspensions,
      clock: clock.save(),
      disk: disk.save(),
    })),
    processes: world.processes.map(saveProcess),
    shared: world.shared.map((store) => store.save()),
    lanes: world.lanes.save(),
    connections: world.connections.save(),
    datagrams: world.datagrams.save(),
    rpc: world.rpc.save(),
    traceRows: world.trace.save(),
    noteRows: world.notes.save(),
    metrics: world.metrics.save(),
    fingerprint: world.fingerprint.save(),
    messageCounts: world.messageCounts.slice(),
    messageBytes: world.messageBytes.slice(),
    marks: [...world.marks],
    panics: panics.slice(),
    decisions: world.decisions?.save(),
    controller: world.controller?.save(),
    observers: world.observers.map((observer) => observer.save?.()),
  };
}

const NO_PAIRS = KEPT.list<never>([]);

function copiedIdle(idle: Process['idle']): ProcessState['idle'] {
  if (idle.size === 0) return NO_PAIRS;
  return [...idle].map(([peer, connections]) => [peer, connections.slice()] as const);
}

function saveProcess(process: Process): ProcessState {
  return {
    status: process.status,
    generation: process.generation,
    stops: process.stops,
    ioPauses: process.ioPauses,
    startsAtWake: process.startsAtWake,
    backlog: KEPT.list(process.backlog),
    outgoing: KEPT.list(process.outgoing),
    idle: copiedIdle(process.idle),
    sessions: process.sessions.size === 0 ? NO_PAIRS : [...process.sessions],
    cpuFactor: process.cpuFactor,
    slowedMessages: process.slowedMessages,
    crashPoint: process.crashPoint,
    slots: process.slots.map((slot) => {
      const durable = slot.machine.saveDurable(slot.durable);
      return {
        durable,
        state: slot.state === undefined ? undefined : slot.machine.save(slot.state, durable),
        timers: slot.timers.map((table) => table?.slice()),
      };
    }),
  };
}

/** Returns the panic reasons, which the world keeps to itself. */
export function restoreWorld(world: World, state: WorldState): string[] {
  world.now = state.now;
  world.event = state.event;
  world.cause = state.event;
  world.nextSecond = state.nextSecond;
  world.queue.restore(state.queue);
  world.timers.restore(state.timers);
  world.woken = state.woken.slice();
  world.streams.restore(state.streams);
  world.network.restore(state.network);
  world.hosts.forEach((host, index) => {
    const saved = state.hosts[index];
    host.up = saved.up;
    host.suspended = saved.suspended;
    host.suspensions = saved.suspensions;
    host.clock.restore(saved.clock);
    host.disk.restore(saved.disk);
  });
  world.processes.forEach((process, index) => restoreProcess(process, state.processes[index]));
  world.shared.forEach((store, index) => store.restore(state.shared[index]));
  world.lanes.restore(state.lanes);
  world.connections.restore(state.connections);
  world.datagrams.restore(state.datagrams);
  world.rpc.restore(state.rpc);
  world.deadlines.onMoved();
  world.trace.truncate(state.traceRows);
  world.notes.truncate(state.noteRows);
  world.metrics.restore(state.metrics);
  world.fingerprint.restore(state.fingerprint);
  world.messageCounts.set(state.messageCounts);
  world.messageBytes.set(state.messageBytes);
  world.marks.clear();
  for (const [bug, event] of state.marks) world.marks.set(bug, event);
  world.decisions?.restore(state.decisions);
  world.controller?.restore(state.controller);
  world.observers.forEach((observer, index) => observer.restore?.(state.observers[index]));
  return state.panics.slice();
}

function restoreProcess(process: Process, saved: ProcessState): void {
  process.status = saved.status;
  process.generation = saved.generation;
  process.stops = saved.stops;
  process.ioPauses = saved.ioPauses;
  process.startsAtWake = saved.startsAtWake;
  process.backlog = saved.backlog.slice();
  process.outgoing = saved.outgoing.slice();
  process.idle = new Map(saved.idle.map(([peer, idle]) => [peer, idle.slice()]));
  process.sessions = new Map(saved.sessions);
  process.cpuFactor = saved.cpuFactor;
  process.slowedMessages = saved.slowedMessages;
  process.crashPoint = saved.crashPoint;
  process.slots.forEach((slot, index) => restoreSlot(slot, saved.slots[index]));
}

function restored({ restore, save }: Machine, state: unknown, { durable }: MachineSlot): unknown {
  return restore === undefined ? save(state, durable) : restore(state, durable);
}

function restoreSlot(slot: MachineSlot, saved: SlotState): void {
  slot.durable = slot.machine.saveDurable(saved.durable);
  slot.state = saved.state === undefined ? undefined : restored(slot.machine, saved.state, slot);
  slot.timers = saved.timers.map((table) => table?.slice());
}
