/** From a scenario and a seed to a world: hosts, network, programs, and what their disks hold. */
import type { HostSpec as WorldHost, MachineSpec, ProcessSpec } from '../core/world-build.ts';
import { cumulative, lockOf, watchOf } from './watchers.ts';
import { Streams } from '../core/draws.ts';
import type { Sampler } from '../core/distribution.ts';
import { fail } from '../core/assert.ts';
import { Metrics } from '../core/metrics.ts';
import type { TraceMode } from '../core/trace.ts';
import { World } from '../core/world.ts';
import { LEADERSHIP } from '../consul/leader/vocabulary.ts';
import { APPLIED, SERVER_MACHINE, WOKEN } from '../consul/requests/inputs.ts';
import type { ServerConfig } from '../consul/requests/state.ts';
import { serverMachine } from '../consul/server.ts';
import { storeFsm } from '../consul/state/fsm.ts';
import type { StoreListeners } from '../consul/state/fsm.ts';
import { SESSION_MACHINE, TOMBSTONES_MADE } from '../consul/session/vocabulary.ts';
import { kvLoadMachine } from '../client/kv-load.ts';
import type { KvLoadConfig } from '../client/kv-load.ts';
import { raftBugs } from '../protocol/raft/bugs.ts';
import { raftMachine, raftMachineBeforePreVote } from '../protocol/raft/machine.ts';
import { paperMachine } from '../protocol/raft-paper/machine.ts';
import type { PaperConfig } from '../protocol/raft-paper/types.ts';
import { RAFT_MACHINE } from '../protocol/raft/vocabulary.ts';
import type { Configuration, RaftConfig, RaftDurable, RaftState } from '../protocol/raft/types.ts';
import { nameIn } from '../../scenarios/datacenters.ts';
import { OPEN_BUGS } from '../../scenarios/vocabulary.ts';
import type { PlantId } from '../../scenarios/vocabulary.ts';
import { MESSAGE_CLASSES } from '../../scenarios/vocabulary.ts';
import type { ClientSpec, ClockSpec, Scenario, ServerSpec } from '../../scenarios/scenario.ts';
import { agentProcesses, agentsOf, formedCatalog } from './agents.ts';
import { worldHosts } from './homes.ts';
import { dutiesOf } from './duties.ts';
import { clustersOf, isMember, serversIn } from './clusters.ts';
import type { ClusterSpec } from './clusters.ts';
import { lanPools, machineOf } from './gossip.ts';
import { initialDisks } from './initial.ts';
import { networkSpec } from './links.ts';
import { samplersOf } from './samplers.ts';
import type { Samplers } from './samplers.ts';
import { serviceProcesses } from './services.ts';
import { wanPool } from './wan.ts';

/** `rpc_client_timeout` (`consul:agent/config/default.go`). */
const FORWARD_MICROS = 60_000_000;
/** Deadline of a Raft RPC and of a dial (`consul:agent/consul/server.go (setupRaft)`). */
const TRANSPORT_MICROS = 10_000_000;
/** Heartbeat, election and lease timeouts at raft_multiplier 1 (hashicorp/raft:config.go). */
const TIMEOUT_MICROS = 1_000_000;
const LEASE_MICROS = 500_000;

const STORE_LISTENERS: StoreListeners = {
  queries: SERVER_MACHINE,
  woken: WOKEN,
  timers: SESSION_MACHINE,
  tombstones: TOMBSTONES_MADE,
};

export interface ServerRef {
  readonly name: string;
  readonly process: number;
  readonly host: number;
}

/** A world ready to start, and who is who in it. */
export interface Simulation {
  readonly scenario: Scenario;
  readonly world: World;
  /** Of all datacenters, processes 0 to n - 1. */
  readonly servers: readonly ServerRef[];
  /** Those of each datacenter: a log, and a leader, of their own. */
  readonly clusters: readonly (readonly ServerRef[])[];
  /** Dense number of each load client, by process. */
  readonly clients: ReadonlyMap<number, number>;
  /** Live memory of a server; undefined while it is down. */
  raft(process: number): RaftState | undefined;
  durable(process: number): RaftDurable;
}

export function buildSimulation(scenario: Scenario, seed: number, trace: TraceMode): Simulation {
  const samplers = samplersOf(scenario);
  const streams = new Streams(seed);
  const clientSpecs = scenario.hosts.filter((host) => host.kind === 'client');
  const clusters = clustersOf(scenario);
  const configurations = new Map(
    clusters.map(({ datacenter, configuration }) => [datacenter, configuration]),
  );
  const disks = clusters.flatMap((cluster) => {
    const { datacenter } = cluster;
    const draws = streams.stream(nameIn(datacenter, 'formed'));
    return initialDisks(scenario, cluster, formedCatalog(scenario, datacenter), draws);
  });
  const hosts: WorldHost[] = worldHosts(scenario).map((host) => ({
    name: host.name,
    zone: host.zone ?? '',
    datacenter: host.datacenter,
    fsync: samplers.get(host.kind === 'server' ? host.disk.fsync : NO_DISK),
    ...(host.kind === 'server' ? { diskBytesPerSecond: host.disk.bytesPerSecond } : {}),
    ...drawClock(host.clock, streams, host.name),
  }));
  const lan = lanPools(scenario);
  const wan = wanPool(scenario);
  const callers = serviceProcesses(scenario, samplers);
  const agents = agentProcesses(scenario, lan);
  const roads = agentsOf(scenario);
  const processes = scenario.hosts.map((host, index): ProcessSpec => {
    const caller = callers.get(index) ?? agents.get(index);
    if (caller !== undefined) return caller;
    const gossip = machineOf(lan, index) ?? [];
    if (host.kind === 'client') {
      const agent = roads.beside(index)?.process;
      return clientProcess(scenario, host, index, clientSpecs.length, samplers, agent);
    }
    if (host.kind === 'agent') {
      return { name: 'consul', host: index, cpu: null, machines: [gossip].flat() };
    }
    if (host.kind === 'instance') fail(`${host.name} belongs to no service`);
    const cpu = samplers.get(host.cpu.message);
    const config = upgradable(scenario, host, configurations.get(host.datacenter)!);
    return {
      name: 'consul',
      host: index,
      cpu: cpu.constant && cpu.minMicros === 0 ? null : cpu,
      machines: [
        raftMachineOf(host, config, disks[index]),
        machine(serverMachine, serverConfig(scenario, host)),
        ...dutiesOf(scenario, host),
        ...[gossip].flat(),
        ...(wan?.machinesOf(index) ?? []),
      ],
    };
  });
  const behind = [...agents].flatMap(([at, agent]) => (at < processes.length ? [] : [agent]));
  const world = new World({
    seed,
    hosts,
    // Behind those of the scenario, in their order.
    processes: [...processes, ...behind],
    network: networkSpec(scenario, samplers),
    classes: MESSAGE_CLASSES,
    shared: [...lan, ...(wan === null ? [] : [wan])].map(({ pool }) => pool),
    limits: {
      events: scenario.limits.events,
      queue: scenario.limits.queue,
      traceBytes: scenario.limits.traceBytes,
    },
    traceMode: trace,
    metrics: new Metrics(),
  });
  return simulationOf(scenario, world, clusters);
}

/** The textbook's Raft, or the library of the server's release. */
function raftMachineOf(server: ServerSpec, config: RaftConfig, disk?: RaftDurable): MachineSpec {
  const { consul, paper } = server;
  if (paper === null) {
    // Before an upgrade the library itself refuses what it does not know.
    const knows = consul.preVote || config.upgrades !== undefined;
    return machine(knows ? raftMachine : raftMachineBeforePreVote, config, disk);
  }
  const [electionMicrosMin, electionMicrosMax] = paper.electionMicros;
  const paperConfig: PaperConfig = {
    ...config,
    electionMicrosMin,
    electionMicrosMax,
    heartbeatIntervalMicros: paper.heartbeatMicros,
  };
  return machine(paperMachine, paperConfig, disk);
}

const NO_DISK = { kind: 'constant', micros: 0 } as const;

function machine(code: unknown, config: unknown, durable?: unknown): MachineSpec {
  return { machine: code, config, durable } as MachineSpec;
}

function simulationOf(
  scenario: Scenario,
  world: World,
  placed: readonly ClusterSpec[],
): Simulation {
  const clusters = placed.map(({ servers }) =>
    servers.map(({ process }): ServerRef => {
      const { name, host } = world.processes[process];
      return { name, process, host: host.index };
    }),
  );
  const servers = clusters.flat();
  const clients = new Map<number, number>();
  scenario.hosts.forEach(({ kind }, at) => {
    if (kind === 'client') clients.set(at, at - servers.length);
  });
  const slot = (process: number) => world.processes[process].slotByNumber[RAFT_MACHINE]!;
  return {
    scenario,
    world,
    servers,
    clusters,
    clients,
    raft: (process) =>
      world.processes[process].status === 'down'
        ? undefined
        : (slot(process).state as RaftState | undefined),
    durable: (process) => slot(process).durable as RaftDurable,
  };
}

/** Each host's clock error is drawn once, from the host's own stream. */
function drawClock(
  clock: ClockSpec,
  streams: Streams,
  host: string,
): { driftPpm: number; wallOffsetMicros: number } {
  const draws = streams.stream(`${host}/clock`);
  const within = ([low, high]: readonly [number, number]): number =>
    low === high ? low : draws.between(low, high + 1);
  return { driftPpm: within(clock.driftPpm), wallOffsetMicros: within(clock.offsetMicros) };
}

function serverConfig({ bugs }: Scenario, { requests, datacenter }: ServerSpec): ServerConfig {
  const { mode, readRate, writeRate } = requests.limits;
  const has = (bug: PlantId): boolean => bugs.planted.includes(bug);
  return {
    ...requests,
    datacenter,
    forwardMicros: FORWARD_MICROS,
    bugs: {
      B13: has('B13'),
      B14: has('B14'),
      P10: has('P10'),
      P11: has('P11'),
      P12: has('P12'),
    },
    limits: { mode, readRate: readRate ?? Infinity, writeRate: writeRate ?? Infinity },
  };
}

/** The same with the libraries of the upgrades that the scenario names, for any server. */
function upgradable(
  scenario: Scenario,
  server: ServerSpec,
  configuration: Configuration,
): RaftConfig {
  const config = raftConfig(scenario, server, configuration);
  const upgrades = new Map<number, RaftConfig>();
  for (const item of scenario.faults) {
    const steps = item.kind === 'fault' ? [item] : item.kind === 'sequence' ? item.steps : [];
    for (const { action } of steps) {
      if (action.kind !== 'upgrade') continue;
      const preVote = action.to.preVote && (server.raft.preVote || !server.consul.preVote);
      const raft = { ...server.raft, preVote };
      const after = raftConfig(scenario, { ...server, consul: action.to, raft }, configuration);
      upgrades.set(action.number, { ...after, knowsPreVote: action.to.preVote });
    }
  }
  if (upgrades.size === 0) return config;
  return { ...config, upgrades, knowsPreVote: server.consul.preVote };
}

export function raftConfig(
  scenario: Scenario,
  server: ServerSpec,
  configuration: Configuration,
): RaftConfig {
  const { raft, consul } = server;
  const { planted, fixed, knownIssues } = scenario.bugs;
  const fix = new Set<string>(knownIssues === 'fix' ? Object.keys(OPEN_BUGS) : fixed);
  const release = { B16: consul.preVoteBug606, B17: consul.preVoteBug609 };
  return {
    heartbeatMicros: TIMEOUT_MICROS * raft.raftMultiplier,
    electionMicros: TIMEOUT_MICROS * raft.raftMultiplier,
    leaseMicros: LEASE_MICROS * raft.raftMultiplier,
    commitMicros: raft.commitTimeoutMicros,
    maxAppendEntries: raft.maxAppendEntries,
    snapshotIntervalMicros: raft.snapshotIntervalMicros,
    snapshotThreshold: raft.snapshotThreshold,
    trailingLogs: raft.trailingLogs,
    logStore: server.disk.logStore,
    preVote: raft.preVote,
    transportMicros: TRANSPORT_MICROS,
    bugs: raftBugs(new Set(planted), fix, release),
    fsm: storeFsm(STORE_LISTENERS, {
      B19: planted.includes('B19'),
      B31: planted.includes('B31'),
    }),
    applied: APPLIED,
    ...(scenario.raftAlone ? {} : { leadership: LEADERSHIP }),
    initial: configuration,
    // Otherwise the servers find each other (`bootstrap_expect`).
    bootstrap: scenario.raftAlone && scenario.start === 'bootstrap' ? configuration : null,
  };
}

function clientProcess(
  scenario: Scenario,
  host: ClientSpec,
  index: number,
  total: number,
  samplers: Samplers,
  agent: number | undefined,
): ProcessSpec {
  // Clients know those of their datacenter that are in the configuration when the run begins.
  const servers = serversIn(scenario, host.datacenter).flatMap(({ spec, process }) =>
    isMember(spec) ? [process] : [],
  );
  const all = scenario.hosts.filter(({ kind }) => kind === 'server').length;
  const load = scenario.loads.find(({ name }) => name === host.load)!;
  const number = index - all;
  const { arrival, mix } = load;
  const gap = (rate: number): Sampler =>
    samplers.get({
      kind: 'exponential',
      meanMicros: Math.round((load.clients.length * 1e6) / rate),
    });
  const config: KvLoadConfig = {
    load: load.name,
    client: load.clients.indexOf(host.name),
    clients: load.clients.length,
    operationBase: number,
    operationStride: total,
    servers: agent === undefined ? servers : [agent],
    via: load.via,
    arrival: arrival.kind === 'open' ? gap(arrival.ratePerSecond) : null,
    think: arrival.kind === 'closed' ? samplers.get(arrival.think) : null,
    keys: load.keys,
    keyPrefix: load.prefix,
    mix: cumulative(mix),
    modes: cumulative(load.consistency),
    transactionKeys: load.transaction?.keys ?? 0,
    conditional: load.transaction?.conditional ?? 0,
    watch: watchOf(load, number, scenario.bugs.planted),
    lock: load.lock === null ? null : lockOf(load.lock, scenario, samplers),
    timeoutMicros: load.timeoutMicros,
    ...(load.asks === null ? {} : { datacenter: load.asks }),
    slowFromMicros: scenario.durationMicros,
    stopAtMicros: scenario.durationMicros + Math.floor(scenario.settleMicros / 2),
    bugs: {
      B32: scenario.bugs.planted.includes('B32'),
      W7: scenario.bugs.planted.includes('W7'),
    },
  };
  return { name: host.name, host: index, cpu: null, machines: [machine(kvLoadMachine, config)] };
}
