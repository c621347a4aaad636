/**
 * A world of Raft servers for tests, without a scenario: n hosts of one zone, each with a server that
 * drives a trivial FSM. Servers are named s1, s2, ... and their index is their process and their host.
 *
 * Everything that a test does to it (`propose`, `crash`, `isolate`, ...) is an event of the world at the
 * current time, or at the time given to `at`, and so survives `world.save()` and `world.restore()`.
 */
import { compileSampler } from '../../sim/core/distribution.ts';
import type { DistributionSpec } from '../../sim/core/distribution.ts';
import { ErrorCause } from '../../sim/core/machine.ts';
import type { Machine } from '../../sim/core/machine.ts';
import { Metrics } from '../../sim/core/metrics.ts';
import type { TcpOptions } from '../../sim/core/network.ts';
import type { CrashKind, MachineSlot } from '../../sim/core/process.ts';
import { Transport, betweenScope } from '../../sim/core/rules.ts';
import { World } from '../../sim/core/world.ts';
import type { WorldLimits, WorldSpec } from '../../sim/core/world-build.ts';
import { RAFT_OPEN_BUGS, raftBugs } from '../../sim/protocol/raft/bugs.ts';
import type { RaftBugs } from '../../sim/protocol/raft/bugs.ts';
import type { ChangeCommand } from '../../sim/protocol/raft/configuration.ts';
import { createRaftDurable } from '../../sim/protocol/raft/durable.ts';
import { raftMachine, raftMachineBeforePreVote } from '../../sim/protocol/raft/machine.ts';
import { Role, commandProposal } from '../../sim/protocol/raft/types.ts';
import type { ApplyError, RaftConfig, RaftDurable } from '../../sim/protocol/raft/types.ts';
import type { RaftState } from '../../sim/protocol/raft/types.ts';
import { APPLY, CHANGE, RAFT_MACHINE, TRANSFER } from '../../sim/protocol/raft/vocabulary.ts';
import { PROPOSAL_APPLIED, listFsm, proposerMachine } from './proposer.ts';
import type { ProposerConfig } from './proposer.ts';

export const MESSAGE_CLASSES = [
  'raft.heartbeat',
  'raft.append',
  'raft.vote',
  'raft.prevote',
  'raft.timeout-now',
  'raft.install',
];

export interface ClusterOptions {
  readonly servers: number;
  readonly seed: string | number;
  /** Over Consul's values at raft_multiplier 1. */
  readonly config?: Partial<RaftConfig>;
  /** Over a cluster without any bug: open ones are fixed unless named here. */
  readonly bugs?: Partial<RaftBugs>;
  readonly network?: {
    readonly latency?: DistributionSpec;
    readonly loss?: number;
    readonly bytesPerSecond?: number;
    readonly tcp?: Partial<TcpOptions>;
  };
  readonly fsync?: DistributionSpec;
  /** Servers of the configuration, and nobody else: the last of these indexes; default all. */
  readonly members?: number;
  /** Server that leads from the start, by index; left out: nobody has voted yet. */
  readonly formed?: number;
  /** Servers that run the library from before pre-vote, by index. */
  readonly old?: readonly number[];
  /** What server i's disk holds, over a bootstrapped one. */
  readonly durable?: (server: number) => Partial<RaftDurable>;
  readonly limits?: Partial<WorldLimits>;
  /** False: the servers stay down until `restart`. */
  readonly start?: boolean;
  /** Told of each outcome as it comes. */
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** What became of a proposal. */
export interface Outcome {
  readonly tag: number;
  readonly server: number;
  readonly digest: number;
  readonly error: ApplyError;
  readonly index: number;
  readonly value: unknown;
  readonly time: number;
}

/** What the cluster itself adds to a saved world. */
interface Kept {
  outcomes: Outcome[];
  /** Digest of each proposal, by its tag. */
  digests: number[];
  /** What control events do, by their tag. */
  acts: (() => void)[];
  /** Ids of the rules that cut the network. */
  cuts: number[];
}

function copyKept({ outcomes, digests, acts, cuts }: Kept): Kept {
  return {
    outcomes: outcomes.slice(),
    digests: digests.slice(),
    acts: acts.slice(),
    cuts: cuts.slice(),
  };
}

export interface RaftCluster {
  readonly world: World;
  /** Answers to proposals so far, in the order in which they came. */
  outcomes(): readonly Outcome[];
  /** Live memory of server i; undefined while it is down. */
  raft(server: number): RaftState | undefined;
  durable(server: number): RaftDurable;
  /** Proposes at server i now; the tag finds its outcome. A server that is not running ignores it. */
  propose(server: number, digest: number): number;
  /** Asks server i to change the membership; the tag finds the outcome. */
  change(server: number, command: ChangeCommand, target: number): number;
  /** Asks server i to hand leadership over, to -1: whom it likes; the tag finds the outcome. */
  transfer(server: number, target: number): number;
  /** Running leader of the highest term, or -1. */
  leader(): number;
  /** Does something at an absolute time in microseconds, as an event before all others of it. */
  at(micros: number, act: () => void): void;
  crash(server: number, how?: CrashKind): void;
  restart(server: number): void;
  /** Cuts these servers off from those, or from all others, both ways, until `heal`. */
  isolate(servers: readonly number[], those?: readonly number[]): void;
  heal(): void;
  /** Lets so many microseconds pass. */
  run(micros: number): void;
}

const DEFAULT_CONFIG = {
  heartbeatMicros: 1_000_000,
  electionMicros: 1_000_000,
  leaseMicros: 500_000,
  commitMicros: 50_000,
  maxAppendEntries: 64,
  snapshotIntervalMicros: 30_000_000,
  snapshotThreshold: 16_384,
  trailingLogs: 10_240,
  bootstrap: null,
  logStore: 'wal' as const,
  preVote: true,
  transportMicros: 10_000_000,
};

const DEFAULT_TCP: TcpOptions = {
  retransmitMicros: 200_000,
  retransmitMicrosMax: 120_000_000,
  synMicros: 1_000_000,
  ideal: false,
};

const DEFAULT_LIMITS: WorldLimits = { events: 5_000_000, queue: 100_000, traceBytes: 2 ** 30 };

function clusterConfig(options: ClusterOptions): RaftConfig {
  const members = options.members ?? options.servers;
  const servers = Array.from({ length: members }, (_, id) => ({ id, voter: true }));
  return {
    ...DEFAULT_CONFIG,
    bugs: { ...raftBugs(new Set(), new Set<string>(RAFT_OPEN_BUGS)), ...options.bugs },
    fsm: listFsm,
    applied: PROPOSAL_APPLIED,
    initial: { servers, digest: members },
    ...options.config,
  };
}

/** A cluster that begins at the moment its leader has won term 2 with everybody's vote. */
function formedDurable(leader: number): Partial<RaftDurable> {
  return {
    currentTerm: 2,
    lastVoteTerm: 2,
    lastVoteCandidate: leader,
    lastVoteCandidateTerm: 2,
    formedLeader: leader,
  };
}

/** What runs and where, without the bodies of machines. */
function worldSpec(options: ClusterOptions, proposer: ProposerConfig): WorldSpec {
  const { servers, network = {} } = options;
  const config = clusterConfig(options);
  const durableOf = (server: number): RaftDurable => ({
    ...createRaftDurable(
      server < (options.members ?? servers) ? config : { ...config, initial: null },
    ),
    ...(server >= (options.members ?? servers) || options.formed === undefined
      ? {}
      : formedDurable(options.formed)),
    ...options.durable?.(server),
  });
  const raftOf = (server: number): { machine: Machine<never, never>; config: RaftConfig } => {
    const isOld = options.old?.includes(server) === true;
    const machine = isOld ? raftMachineBeforePreVote : raftMachine;
    return { machine: machine as never, config: isOld ? { ...config, preVote: false } : config };
  };
  const proposers = proposerMachine as unknown as Machine<never, never>;
  const latency = compileSampler(network.latency ?? { kind: 'uniform', micros: [200, 800] });
  const fsync = compileSampler(options.fsync ?? { kind: 'constant', micros: 1000 });
  const indexes = Array.from({ length: servers }, (_, index) => index);
  return {
    seed: options.seed,
    hosts: indexes.map((index) => ({
      name: `s${index + 1}`,
      zone: 'a',
      datacenter: 'dc1',
      fsync,
      driftPpm: 0,
      wallOffsetMicros: 0,
    })),
    processes: indexes.map((index) => ({
      name: 'consul',
      host: index,
      machines: [
        { ...raftOf(index), durable: durableOf(index) },
        { machine: proposers, config: proposer },
      ],
      cpu: null,
    })),
    network: {
      hosts: servers,
      linkOf: () => 0,
      links: [{ latency, loss: network.loss ?? 0, bytesPerSecond: network.bytesPerSecond }],
      tcp: { ...DEFAULT_TCP, ...network.tcp },
    },
    classes: MESSAGE_CLASSES,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    traceMode: 'full',
    metrics: new Metrics(),
  };
}

/** Errors: an assertion of the kernel, where an option makes no world. */
export function raftCluster(options: ClusterOptions): RaftCluster {
  const kept: Kept = { outcomes: [], digests: [], acts: [], cuts: [] };
  const world: World = new World(
    worldSpec(options, {
      onApplied: (server, tag, { error, index, value }) => {
        const digest = kept.digests[tag]!;
        const outcome = { tag, server, digest, error, index, value, time: world.now };
        kept.outcomes.push(outcome);
        options.onOutcome?.(outcome);
      },
    }),
  );
  world.controller = {
    onControl: (tag) => kept.acts[tag]!(),
    onCrashPoint: () => {},
    save: () => copyKept(kept),
    restore: (state) => void Object.assign(kept, copyKept(state as Kept)),
  };
  const cluster = { world, ...lookingAt(world, kept), ...actingOn(world, kept) };
  if (options.start !== false) for (const { index } of world.processes) cluster.restart(index);
  return cluster;
}

type Looks = Pick<RaftCluster, 'outcomes' | 'raft' | 'durable' | 'leader'>;

function lookingAt(world: World, kept: Kept): Looks {
  const slotOf = (server: number): MachineSlot =>
    world.processes[server]!.slotByNumber[RAFT_MACHINE]!;
  const raft = (server: number): RaftState | undefined =>
    world.processes[server]!.status === 'down' ? undefined : (slotOf(server).state as RaftState);
  return {
    outcomes: () => kept.outcomes,
    raft,
    durable: (server) => slotOf(server).durable as RaftDurable,
    leader: () => {
      let leader = -1;
      let term = 0;
      for (const { index, status } of world.processes) {
        const state = raft(index);
        if (status !== 'running' || state?.role !== Role.leader || state.term <= term) continue;
        term = state.term;
        leader = index;
      }
      return leader;
    },
  };
}

type Acts = Omit<RaftCluster, keyof Looks | 'world'>;

function actingOn(world: World, kept: Kept): Acts {
  const at = (micros: number, act: () => void): void => {
    world.control(micros, kept.acts.push(act) - 1);
  };
  const now = (act: () => void): void => at(world.now, act);
  const offer = (server: number, input: number, from: number, body: unknown): void =>
    now(() => {
      const process = world.processes[server]!;
      if (process.status === 'running') {
        world.offer(process, input, 0, from, body, ErrorCause.none);
      }
    });
  const { connections, power, network } = world;
  return {
    at,
    propose: (server, digest) => {
      const tag = kept.digests.push(digest) - 1;
      offer(server, APPLY, 0, commandProposal({ digest }, tag));
      return tag;
    },
    change: (server, command, target) => {
      const tag = kept.digests.push(-1) - 1;
      offer(server, CHANGE, 0, { command, server: target, previousIndex: 0, tag });
      return tag;
    },
    transfer: (server, target) => {
      const tag = kept.digests.push(-1) - 1;
      offer(server, TRANSFER, tag, target);
      return tag;
    },
    crash: (server, how = 'kill') => now(() => power.crash(world.processes[server]!, how)),
    restart: (server) => now(() => power.start(world.processes[server]!)),
    isolate: (servers, those) =>
      now(() => {
        const all = world.hosts.map(({ index }) => index);
        const others = those ?? all.filter((index) => !servers.includes(index));
        const scope = betweenScope(all.length, servers, others, true);
        const draws = world.streams.stream('test/cut');
        const action = { kind: 'drop', probability: 1 } as const;
        const rule = { fault: -1, scope, transport: Transport.all, classes: null, action, draws };
        kept.cuts.push(network.rules.add(rule));
        connections.onNetworkChanged();
      }),
    heal: () =>
      now(() => {
        for (const id of kept.cuts.splice(0)) network.rules.remove(id);
        connections.onNetworkChanged();
      }),
    run: (micros) => world.runUntil(world.now + micros),
  };
}
