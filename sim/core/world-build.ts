/** From a description of hosts and processes to the kernel's records. */
import { assert } from './assert.ts';
import { Disk } from './disk.ts';
import type { Sampler } from './distribution.ts';
import type { Streams } from './draws.ts';
import { CONNECTION_LANE, UNKNOWN_LANE } from './machine.ts';
import type { Machine, SharedStore } from './machine.ts';
import type { Metrics } from './metrics.ts';
import type { NetworkSpec } from './network.ts';
import { Host, Process } from './process.ts';
import type { MachineSlot } from './process.ts';
import { Route } from './route.ts';
import type { TraceMode } from './trace.ts';
import type { World } from './world.ts';

export interface HostSpec {
  readonly name: string;
  readonly zone: string;
  readonly datacenter: string;
  /** Time of one sync of the host's disk. */
  readonly fsync: Sampler;
  /** Throughput of that disk for large files; a usual one when left out. */
  readonly diskBytesPerSecond?: number;
  readonly driftPpm: number;
  readonly wallOffsetMicros: number;
}

export interface MachineSpec {
  readonly machine: Machine<never, never>;
  readonly config: unknown;
  /** What its disk holds before the first start; a fresh one when left out. */
  readonly durable?: unknown;
}

export interface ProcessSpec {
  readonly name: string;
  readonly host: number;
  readonly machines: readonly MachineSpec[];
  /** Service time of one message; null: none. */
  readonly cpu: Sampler | null;
}

export interface WorldLimits {
  readonly events: number;
  readonly queue: number;
  readonly traceBytes: number;
}

export interface WorldSpec {
  readonly seed: string | number;
  readonly hosts: readonly HostSpec[];
  readonly processes: readonly ProcessSpec[];
  /** What machines share beyond their process; of this world alone. */
  readonly shared?: readonly SharedStore[];
  readonly network: NetworkSpec;
  /** Names of the message classes, in the order of their numbers (from 1). */
  readonly classes: readonly string[];
  readonly limits: WorldLimits;
  readonly traceMode: TraceMode;
  readonly metrics: Metrics;
}

export function createHosts(spec: WorldSpec, streams: Streams): Host[] {
  return spec.hosts.map((host, index) => {
    const draws = streams.stream(`${host.name}/disk`);
    const disk = new Disk(host.fsync, draws, host.diskBytesPerSecond);
    const record = new Host(index, host.name, host.zone, host.datacenter, disk);
    if (host.driftPpm !== 0) record.clock.setRate(0, host.driftPpm);
    if (host.wallOffsetMicros !== 0) record.clock.jump(host.wallOffsetMicros);
    return record;
  });
}

export function addProcess(world: World, spec: ProcessSpec): Process {
  const host = world.hosts[spec.host];
  const owner = spec.name === 'consul' ? host.name : spec.name;
  const process = new Process(world.processes.length, owner, host, (purpose) =>
    world.streams.stream(`${owner}/${purpose}`),
  );
  process.cpu = spec.cpu;
  for (const { machine, config, durable } of spec.machines) {
    const slot = createSlot(world, machine as unknown as Machine, config, durable);
    process.slots.push(slot);
    process.slotByNumber[machine.number] = slot;
  }
  host.processes.push(process);
  world.processes.push(process);
  world.hostOf.push(host.index);
  return process;
}

function createSlot(
  world: World,
  machine: Machine,
  config: unknown,
  durable: unknown,
): MachineSlot {
  return {
    machine,
    routes: routesOf(world, machine),
    lanes: machine.lanes.map(() => []),
    laneBase: world.lanes.makeRoom(machine.lanes.length),
    timerBase: world.timers.makeRoom(machine.inputs.length),
    timers: [],
    state: undefined,
    durable: durable ?? machine.createDurable(config as never),
    config: config as never,
  };
}

/** Made once for all processes that run the machine. */
function routesOf(world: World, machine: Machine): readonly (Route | undefined)[] {
  const known = world.routes.get(machine);
  if (known !== undefined) return known;
  const routes = machine.inputs.map((input) => {
    if (input === undefined) return undefined;
    if (input.lane !== CONNECTION_LANE && input.lane !== UNKNOWN_LANE) {
      const lane = machine.lanes[input.lane];
      assert(lane?.channels[input.channel] !== undefined, `${input.name} has no channel`);
    }
    const { messageClass } = input;
    const at = messageClass === undefined ? 0 : world.classes.indexOf(messageClass);
    assert(at >= 0, `unknown message class ${messageClass}`);
    return new Route(machine, input, at);
  });
  world.routes.set(machine, routes);
  return routes;
}
