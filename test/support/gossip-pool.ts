/**
 * A world of memberlist members for tests, without a scenario: n hosts of one zone, each with one
 * member of the pool. Member i is host i and process i, named a1, a2, ...
 *
 * What a test does to it is an event of the world, at the current time or at the time given to `at`,
 * and so survives `world.save()` and `world.restore()`.
 */
import { compileSampler } from '../../sim/core/distribution.ts';
import type { DistributionSpec } from '../../sim/core/distribution.ts';
import { ErrorCause } from '../../sim/core/machine.ts';
import type { Machine } from '../../sim/core/machine.ts';
import { Metrics } from '../../sim/core/metrics.ts';
import type { Observer } from '../../sim/core/observer.ts';
import type { CrashKind } from '../../sim/core/process.ts';
import { Transport, betweenScope } from '../../sim/core/rules.ts';
import type { TransportMask } from '../../sim/core/rules.ts';
import type { TraceMode } from '../../sim/core/trace.ts';
import { World } from '../../sim/core/world.ts';
import type { WorldLimits } from '../../sim/core/world-build.ts';
import { Coordinates } from '../../sim/protocol/coordinate/coordinates.ts';
import { CONSUL_LAN } from '../../sim/protocol/gossip/config.ts';
import type { MemberlistConfig } from '../../sim/protocol/gossip/config.ts';
import type { Delegate } from '../../sim/protocol/gossip/delegate.ts';
import { gossipMachine } from '../../sim/protocol/gossip/machine.ts';
import type { Member } from '../../sim/protocol/gossip/member.ts';
import { STATE_NAMES, stateOf } from '../../sim/protocol/gossip/messages.ts';
import { GossipPool } from '../../sim/protocol/gossip/pool.ts';
import { CONSUL_SERF } from '../../sim/protocol/serf/config.ts';
import type { SerfConfig } from '../../sim/protocol/serf/config.ts';
import { serfDelegate } from '../../sim/protocol/serf/delegate.ts';
import { serfMachine } from '../../sim/protocol/serf/machine.ts';
import type { SerfMachineConfig } from '../../sim/protocol/serf/state.ts';
import { SerfNote } from '../../sim/protocol/serf/vocabulary.ts';
import { GOSSIP_MACHINE, GossipNote } from '../../sim/protocol/gossip/vocabulary.ts';

export const GOSSIP_CLASSES = ['gossip.probe', 'gossip.gossip', 'gossip.push-pull', 'gossip.query'];
export const SECOND = 1_000_000;
export const MS = 1_000;

export interface PoolOptions {
  readonly members: number;
  readonly seed?: string | number;
  /** Over Consul's LAN. */
  readonly config?: Partial<MemberlistConfig>;
  /** All have joined long ago; left out: yes. */
  readonly formed?: boolean;
  /** Whom a member joins at a start that is not formed; left out: the first. */
  readonly join?: readonly number[];
  readonly latency?: DistributionSpec;
  readonly loss?: number;
  readonly metaBytes?: number;
  readonly delegate?: Delegate;
  /** Members are these machines instead of memberlist's. */
  readonly machine?: typeof gossipMachine;
  /** Acks carry coordinates; left out: no. */
  readonly coordinates?: boolean;
  /** Over Consul's serf; left out: memberlist alone. */
  readonly serf?: Partial<SerfConfig>;
  /** Members that bear the name of another. */
  readonly nameOf?: Readonly<Record<number, number>>;
  readonly trace?: TraceMode;
  readonly limits?: Partial<WorldLimits>;
  /** False: nobody runs until `restart`. */
  readonly start?: boolean;
}

/** One note: who made it, when, what. */
export interface PoolNote {
  readonly time: number;
  readonly member: number;
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

const TCP = {
  retransmitMicros: 200_000,
  retransmitMicrosMax: 120_000_000,
  synMicros: 1_000_000,
  ideal: false,
};

export interface Pool {
  readonly world: World;
  readonly pool: GossipPool;
  /** Live memory of a member; its last one while it is down. */
  member(index: number): Member;
  /** What a member holds of a node: `alive 1`, or `unknown`. */
  view(member: number, node: number): string;
  /** Distinct views that those who run have of a node. */
  views(node: number): string[];
  at(micros: number, act: () => void): void;
  crash(member: number, how?: CrashKind): void;
  restart(member: number): void;
  /** Cuts these off from those, or from all others, until the returned function is called. */
  cut(members: readonly number[], those?: readonly number[], options?: CutOptions): () => void;
  /** Gives a member's machine an input. */
  tell(member: number, input: number, from?: number, body?: unknown): void;
  run(micros: number): void;
  /** Notes of these kinds from now on, in order. */
  notes(...kinds: number[]): PoolNote[];
}

export interface CutOptions {
  readonly both?: boolean;
  readonly transport?: TransportMask;
}

function createWorld(options: PoolOptions, pool: GossipPool, config: MemberlistConfig): World {
  const machine = options.machine ?? (options.serf === undefined ? gossipMachine : serfMachine);
  const { members } = options;
  const latency = compileSampler(options.latency ?? { kind: 'uniform', micros: [200, 800] });
  const fsync = compileSampler({ kind: 'constant', micros: 1000 });
  const indexes = Array.from({ length: members }, (_, index) => index);
  const join = options.join ?? [0];
  return new World({
    seed: options.seed ?? 1,
    hosts: indexes.map((index) => ({
      name: `a${index + 1}`,
      zone: 'a',
      datacenter: 'dc1',
      fsync,
      driftPpm: 0,
      wallOffsetMicros: 0,
    })),
    processes: indexes.map((member) => ({
      name: 'consul',
      host: member,
      cpu: null,
      machines: [
        {
          machine: machine as unknown as Machine<never, never>,
          config: {
            pool,
            member,
            memberlist: config,
            join,
            serf: { ...CONSUL_SERF, ...options.serf },
          } satisfies SerfMachineConfig,
        },
      ],
    })),
    shared: [pool],
    network: {
      hosts: members,
      linkOf: () => 0,
      links: [{ latency, loss: options.loss ?? 0 }],
      tcp: TCP,
    },
    classes: GOSSIP_CLASSES,
    limits: { events: 1e9, queue: 4_000_000, traceBytes: 2 ** 25, ...options.limits },
    traceMode: options.trace ?? 'ring',
    metrics: new Metrics(),
  });
}

export function gossipPool(options: PoolOptions): Pool {
  const config = { ...CONSUL_LAN, ...options.config };
  const specs = Array.from({ length: options.members }, (_, process) => {
    const nameOf = options.nameOf?.[process];
    const named = nameOf === undefined ? {} : { nameOf };
    return { process, name: `a${process + 1}`, metaBytes: options.metaBytes ?? 118, ...named };
  });
  const coordinates = options.coordinates === true ? new Coordinates(specs.length) : null;
  const delegate = options.serf === undefined ? options.delegate : serfDelegate;
  const pool = new GossipPool(specs, [config], delegate, coordinates);
  if (options.formed !== false) pool.form(specs.map(({ process }) => process));
  const world = createWorld(options, pool, config);
  const acts: (() => void)[] = [];
  world.controller = {
    onControl: (tag) => acts[tag]!(),
    onCrashPoint: () => {},
    save: () => null,
    restore: () => {},
  };
  if (options.start !== false) {
    for (const process of world.processes) world.power.start(process);
    if (world.lanes.hasRunnable) world.lanes.drain();
  }
  return handleOf(world, pool, acts);
}

function handleOf(world: World, pool: GossipPool, acts: (() => void)[]): Pool {
  const at = (micros: number, act: () => void): void => {
    world.control(micros, acts.push(act) - 1);
  };
  const now = (act: () => void): void => at(world.now, act);
  const view = (member: number, node: number): string => {
    const held = pool.views.get(member, node);
    return held === 0 ? 'unknown' : `${STATE_NAMES[stateOf(held)]} ${held >>> 3}`;
  };
  return {
    world,
    pool,
    member: (index) =>
      world.processes[index]!.slotByNumber[GOSSIP_MACHINE]!.state as unknown as Member,
    view,
    views: (node) => {
      const running = world.processes.filter(({ status }) => status !== 'down');
      return [...new Set(running.map(({ index }) => view(index, node)))];
    },
    at,
    crash: (member, how = 'power') => now(() => world.power.crash(world.processes[member]!, how)),
    restart: (member) => now(() => world.power.start(world.processes[member]!)),
    cut: (members, those, options) => cut(world, members, those, options ?? {}),
    tell: (member, input, from = 0, body) =>
      now(() => {
        world.offer(world.processes[member]!, input, 0, from, body, ErrorCause.none);
      }),
    run: (micros) => world.runUntil(world.now + micros),
    notes: (...kinds) => record(world, kinds),
  };
}

function cut(
  world: World,
  members: readonly number[],
  those: readonly number[] | undefined,
  { both = true, transport = Transport.all }: CutOptions,
): () => void {
  const all = world.hosts.map(({ index }) => index);
  const others = those ?? all.filter((index) => !members.includes(index));
  const scope = betweenScope(all.length, members, others, both);
  const draws = world.streams.stream('test/cut');
  const action = { kind: 'drop', probability: 1 } as const;
  const id = world.network.rules.add({
    fault: -1,
    scope,
    transport,
    classes: null,
    action,
    draws,
  });
  world.connections.onNetworkChanged();
  return () => {
    world.network.rules.remove(id);
    world.connections.onNetworkChanged();
  };
}

function record(world: World, kinds: readonly number[]): PoolNote[] {
  const seen: PoolNote[] = [];
  const observer: Observer = {
    wants: kinds.length > 0 ? kinds : [...Object.values(GossipNote), ...Object.values(SerfNote)],
    onNote: (kind, member, a, b, c) => void seen.push({ time: world.now, member, kind, a, b, c }),
  };
  world.observe(observer);
  return seen;
}
