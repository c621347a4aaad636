/**
 * Small worlds for tests of the kernel: one host per process unless told otherwise, constant latency,
 * and programs written as a few functions. Nothing here draws, so all times are exact.
 */
import { compileSampler } from '../../sim/core/distribution.ts';
import type { DistributionSpec } from '../../sim/core/distribution.ts';
import { CONNECTION_LANE, ERROR_NAMES } from '../../sim/core/machine.ts';
import type { LaneSpec, Machine, Outbox, PoolKind, SharedStore } from '../../sim/core/machine.ts';
import { Metrics } from '../../sim/core/metrics.ts';
import type { TcpOptions } from '../../sim/core/network.ts';
import type { Process } from '../../sim/core/process.ts';
import { Transport, betweenScope } from '../../sim/core/rules.ts';
import type { RuleAction, Scope, TransportMask } from '../../sim/core/rules.ts';
import { World } from '../../sim/core/world.ts';
import type { WorldLimits } from '../../sim/core/world-build.ts';

export const MS = 1_000;
export const SECOND = 1_000_000;

export const CLASSES = ['ask', 'bulk', 'packet'];

export const MAIN = 0;
export const SIDE = 1;
export const KEYED = 2;

export const LANES: readonly LaneSpec[] = [
  {
    name: 'main',
    channels: [
      { name: 'requests', capacity: 0 },
      { name: 'timers', capacity: 0 },
      { name: 'packets', capacity: 0 },
      { name: 'posts', capacity: 2 },
    ],
  },
  { name: 'side', channels: [{ name: 'inputs', capacity: 0 }] },
  { name: 'keyed', keyed: true, channels: [{ name: 'inputs', capacity: 0 }] },
];

/** What a program of these tests may be given. */
export const Input = {
  ask: 0x101,
  /** Like `ask`, over a multiplexed session. */
  session: 0x102,
  /** Like `ask`, on the goroutine of its connection. */
  own: 0x103,
  packet: 0x104,
  tick: 0x105,
  answer: 0x106,
  post: 0x107,
  side: 0x108,
  sideTick: 0x109,
  keyed: 0x10a,
  keyedTick: 0x10b,
  /** Like `ask`, of another class. */
  bulk: 0x10c,
  /** Like `ask`, over a stream of its own. */
  fresh: 0x10d,
} as const;

const request = (name: string, messageClass: string, pool: PoolKind = 'pooled') => ({
  name,
  lane: MAIN,
  channel: 0,
  messageClass,
  pool,
  size: () => 100,
  answerSize: () => 10,
});

export const INPUTS: Machine['inputs'] = [
  undefined,
  request('ask', 'ask'),
  request('session', 'ask', 'multiplexed'),
  { ...request('own', 'ask'), lane: CONNECTION_LANE },
  { name: 'packet', lane: MAIN, channel: 2, messageClass: 'packet', size: () => 30 },
  { name: 'tick', lane: MAIN, channel: 1 },
  { name: 'answer', lane: MAIN, channel: 0 },
  { name: 'post', lane: MAIN, channel: 3 },
  { name: 'side', lane: SIDE, channel: 0 },
  { name: 'side-tick', lane: SIDE, channel: 0 },
  { name: 'keyed', lane: KEYED, channel: 0 },
  { name: 'keyed-tick', lane: KEYED, channel: 0 },
  request('bulk', 'bulk'),
  request('fresh', 'ask', 'fresh'),
];

/** What a write of these tests appends to. */
export interface Shelf {
  written: string[];
}

export interface Put {
  readonly put: string;
  readonly bytes?: number;
  readonly access?: 'buffered' | 'read';
  readonly log?: true;
}

/** A program: what it does with its inputs. What is left out does nothing. */
export interface Program {
  start?(out: Outbox): void;
  input?(out: Outbox, input: number, from: number, body: unknown): void;
  resume?(out: Outbox, step: number, argument: number, body: unknown): void;
}

/** The program is the state: these tests keep what they see in closures. */
function machineOf(program: Program): Machine<Program, Shelf> {
  return {
    name: 'toy',
    number: 1,
    lanes: LANES,
    inputs: INPUTS,
    notes: [undefined, { name: 'seen' }],
    create: () => program,
    onStart: (_, out) => program.start?.(out),
    onInput: (_, input, from, body, out) => program.input?.(out, input, from, body),
    onResume: (_, step, argument, body, out) => program.resume?.(out, step, argument, body),
    createDurable: () => ({ written: [] }),
    applyWrite: (shelf, write) => void shelf.written.push((write as Put).put),
    losePower: (shelf) => {
      shelf.written = shelf.written.filter((one) => !one.startsWith('unsynced'));
    },
    view: () => ({}),
    save: (state) => state,
    saveDurable: (shelf) => ({ written: shelf.written.slice() }),
  };
}

export interface BenchOptions {
  readonly seed?: string | number;
  /** Host of each program, by index; one each when left out. */
  readonly hostOf?: readonly number[];
  readonly latency?: DistributionSpec;
  readonly loss?: number;
  readonly bytesPerSecond?: number;
  readonly tcp?: Partial<TcpOptions>;
  readonly fsync?: DistributionSpec;
  readonly driftPpm?: readonly number[];
  /** Service time of one message. */
  readonly cpu?: DistributionSpec;
  readonly limits?: Partial<WorldLimits>;
  readonly shared?: readonly SharedStore[];
}

const constant = (micros: number): DistributionSpec => ({ kind: 'constant', micros });

/** Latency of every link unless told otherwise. */
export const LATENCY = 1 * MS;
/** Time of every write unless told otherwise. */
export const FSYNC = 10 * MS;

/** A world with one process for each machine, named p0, p1, ..., and hosts h0, h1, ... */
export function createWorld<State, Durable>(
  machines: readonly Machine<State, Durable>[],
  options: BenchOptions,
): World {
  const hostOf = options.hostOf ?? machines.map((_, index) => index);
  const hosts = Math.max(...hostOf) + 1;
  const fsync = compileSampler(options.fsync ?? constant(FSYNC));
  const latency = compileSampler(options.latency ?? constant(LATENCY));
  const cpu = options.cpu === undefined ? null : compileSampler(options.cpu);
  return new World({
    seed: options.seed ?? 1,
    hosts: Array.from({ length: hosts }, (_, index) => ({
      name: `h${index}`,
      zone: 'a',
      datacenter: 'dc1',
      fsync,
      driftPpm: options.driftPpm?.[index] ?? 0,
      wallOffsetMicros: 0,
    })),
    processes: machines.map((machine, index) => ({
      name: `p${index}`,
      host: hostOf[index]!,
      machines: [{ machine: machine as unknown as Machine<never, never>, config: {} }],
      cpu,
    })),
    shared: options.shared ?? [],
    network: {
      hosts,
      linkOf: () => 0,
      links: [{ latency, loss: options.loss ?? 0, bytesPerSecond: options.bytesPerSecond }],
      tcp: {
        retransmitMicros: 200 * MS,
        retransmitMicrosMax: 120 * SECOND,
        synMicros: 1 * SECOND,
        ideal: false,
        ...options.tcp,
      },
    },
    classes: CLASSES,
    limits: { events: 1_000_000, queue: 100_000, traceBytes: 2 ** 28, ...options.limits },
    traceMode: 'full',
    metrics: new Metrics(),
  });
}

/** A world of programs with acts: functions that run at a given time, before everything else of it. */
export class Bench {
  readonly world: World;
  private readonly acts: (() => void)[] = [];

  constructor(programs: readonly Program[], options: BenchOptions = {}) {
    this.world = createWorld(programs.map(machineOf), options);
    this.world.controller = {
      onControl: (tag) => this.acts[tag]!(),
      onCrashPoint: () => {},
      save: () => null,
      restore: () => {},
    };
    for (const { index } of this.world.processes) this.at(0, () => this.start(index));
  }

  process(index: number): Process {
    return this.world.processes[index]!;
  }

  /** Does something at an absolute time in microseconds. */
  at(micros: number, act: () => void): void {
    this.world.control(micros, this.acts.push(act) - 1);
  }

  start(index: number): void {
    this.world.power.start(this.process(index));
  }

  /** What its disk holds. */
  shelf(index: number): readonly string[] {
    return (this.process(index).slots[0]!.durable as Shelf).written;
  }

  /** Puts something between hosts; `act` undoes it. */
  rule(
    scope: Scope,
    action: RuleAction,
    transport: TransportMask = Transport.all,
    classes: readonly string[] | null = null,
  ): () => void {
    const { world } = this;
    const concerned = classes === null ? null : new Uint8Array(world.classes.length);
    for (const name of classes ?? []) concerned![world.classes.indexOf(name)] = 1;
    const draws = world.streams.stream('test/rule');
    const rule = { fault: -1, scope, transport, classes: concerned, action, draws };
    const id = world.network.rules.add(rule);
    world.connections.onNetworkChanged();
    return () => {
      world.network.rules.remove(id);
      world.connections.onNetworkChanged();
    };
  }

  /** Cuts the first host from the second, and back when `both`. */
  cut(source: number, target: number, both = true): () => void {
    const scope = betweenScope(this.world.network.hosts, [source], [target], both);
    return this.rule(scope, { kind: 'drop', probability: 1 });
  }

  run(until: number): void {
    this.world.runUntil(until);
  }
}

/** `ok`, or the name of the error that the answer or resumption at hand brings. */
export function outcome(out: Outbox): string {
  return out.error === 0 ? 'ok' : ERROR_NAMES[out.error];
}

/** Seconds with as many decimals as needed. */
export function seconds(micros: number): string {
  return String(micros / SECOND);
}

/** Lines of `12.5 what`, milliseconds first: what programs say and when. */
export class Journal {
  readonly lines: string[] = [];
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  readonly say = (what: string): void => {
    this.lines.push(`${this.now() / MS} ${what}`);
  };
}
