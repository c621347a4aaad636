/** A seeded controller that breaks and mends a world in every way the kernel knows; plain data. */
import { compileSampler } from '../../sim/core/distribution.ts';
import type { Draws } from '../../sim/core/draws.ts';
import type { Host, Process } from '../../sim/core/process.ts';
import { betweenScope } from '../../sim/core/rules.ts';
import type { RuleAction, TransportMask } from '../../sim/core/rules.ts';
import type { Controller, World } from '../../sim/core/world.ts';
import { MS } from './kit.ts';

/** A fault that lasts: what ends it, as data. */
interface Lasting {
  readonly kind: string;
  readonly process: number;
  readonly argument: number;
}

interface ChaosState {
  readonly active: readonly Lasting[];
}

/** How a fault begins (its argument comes back) and ends. */
interface Fault {
  begin(world: World, process: Process, draws: Draws): number;
  end(world: World, process: Process, argument: number): void;
}

const sampler = compileSampler({ kind: 'uniform', micros: [0, 40 * MS] });
const ACTIONS: readonly RuleAction[] = [
  { kind: 'drop', probability: 1 },
  { kind: 'drop', probability: 0.4 },
  { kind: 'hold' },
  { kind: 'delay', sampler },
  { kind: 'reorder', sampler },
  { kind: 'duplicate', probability: 0.5 },
];

const rule: Fault = {
  begin: (world, { host }, draws) => {
    const { length } = world.hosts;
    const others = world.hosts.filter((other) => other !== host).map(({ index }) => index);
    const both = draws.below(2) === 0;
    const sources = both || draws.below(2) === 0 ? [host.index] : others;
    const targets = sources === others ? [host.index] : others;
    const id = world.network.rules.add({
      fault: -1,
      scope: betweenScope(length, sources, targets, both),
      transport: (1 + draws.below(3)) as TransportMask,
      classes: draws.below(3) === 0 ? Uint8Array.of(0, 1, 0, 0) : null,
      action: draws.pick(ACTIONS),
      draws: world.streams.stream('chaos/rule'),
    });
    world.connections.onNetworkChanged();
    return id;
  },
  end: (world, _, id) => {
    world.network.rules.remove(id);
    world.connections.onNetworkChanged();
  },
};

const pause = (kind: 'stop' | 'suspend' | 'io'): Fault => ({
  begin: ({ power }, process) => {
    power.pause(process, kind);
    return process.generation;
  },
  end: ({ power }, process, generation) => {
    if (process.generation === generation) power.resume(process, kind);
  },
});

const crash = (how: 'kill' | 'power' | 'exit'): Fault => ({
  begin: ({ power }, process) => {
    power.crash(process, how);
    return 0;
  },
  end: ({ power }, process) => power.start(process),
});

const onHost = (
  begin: (world: World, host: Host) => void,
  end: (world: World, host: Host) => void,
): Fault => ({
  begin: (world, { host }) => {
    begin(world, host);
    return 0;
  },
  end: (world, { host }) => end(world, host),
});

const FAULTS: Readonly<Record<string, Fault>> = {
  rule,
  cut: rule,
  stop: pause('stop'),
  suspend: pause('suspend'),
  io: pause('io'),
  kill: crash('kill'),
  power: crash('power'),
  exit: crash('exit'),
  crashPoint: {
    begin: (_, process, draws) => {
      const how = draws.pick(['kill', 'power', 'exit'] as const);
      if (process.status !== 'down') process.crashPoint = { write: draws.below(4), how, tag: 0 };
      return 0;
    },
    end: ({ power }, process) => power.start(process),
  },
  stall: onHost(
    (world, { disk }) => disk.stall(world),
    (world, { disk }) => disk.unstall(world),
  ),
  errors: onHost(
    (_, { disk }) => disk.failWrites(1),
    (_, { disk }) => disk.failWrites(-1),
  ),
  full: onHost(
    (_, { disk }) => disk.fill(1),
    (_, { disk }) => disk.fill(-1),
  ),
  slowDisk: onHost(
    (_, { disk }) => disk.slowDown(3),
    (_, { disk }) => disk.restoreSpeed(3),
  ),
  slowLink: onHost(
    ({ network }, { index }) => network.slowDown(index, 4),
    ({ network }, { index }) => network.restoreSpeed(index, 4),
  ),
  skew: {
    begin: ({ timers }, { host }, draws) => {
      timers.changeRate(host, draws.between(-200_000, 200_000));
      return 0;
    },
    end: ({ timers }, { host }) => timers.changeRate(host, 0),
  },
  jump: {
    begin: (_, { host }, draws) => {
      host.clock.jump(draws.between(-1000 * MS, 1000 * MS));
      return 0;
    },
    end: () => {},
  },
};

const NAMES = Object.keys(FAULTS);
export const FAULT_NAMES: readonly string[] = NAMES;

/** `doing` counts what has been done by all runs together; `calmAt` is when all is mended for good. */
export class Chaos implements Controller {
  private active: Lasting[] = [];
  private readonly world: World;
  private readonly draws: Draws;
  private readonly doing: Map<string, number>;
  private readonly calmAt: number;

  constructor(world: World, doing: Map<string, number>, calmAt: number) {
    this.world = world;
    this.doing = doing;
    this.calmAt = calmAt;
    this.draws = world.streams.stream('chaos');
    world.controller = this;
    world.control(0, 0);
  }

  onControl(tag: number): void {
    const { world, draws } = this;
    if (tag === 0) {
      for (const process of world.processes) world.power.start(process);
      world.control(this.calmAt, 2);
    }
    if (tag === 2) {
      for (const fault of this.active.splice(0)) this.end(fault);
      for (const process of world.processes) {
        process.crashPoint = null;
        world.power.start(process);
      }
    }
    if (world.now >= this.calmAt) return;
    if (tag === 1) this.act();
    world.control(world.now + draws.between(1, 20 * MS), 1);
  }

  private act(): void {
    const { active, draws, world } = this;
    // Somebody restarts what has crashed by itself.
    if (draws.below(3) === 0) world.power.start(draws.pick(world.processes));
    if (active.length > 0 && (active.length > 4 || draws.below(2) === 0)) {
      const [fault] = active.splice(draws.below(active.length), 1);
      this.end(fault!);
      return;
    }
    const kind = draws.pick(NAMES);
    const process = draws.pick(world.processes);
    this.doing.set(kind, (this.doing.get(kind) ?? 0) + 1);
    const argument = FAULTS[kind]!.begin(world, process, draws);
    active.push({ kind, process: process.index, argument });
  }

  private end({ kind, process, argument }: Lasting): void {
    FAULTS[kind]!.end(this.world, this.world.processes[process]!, argument);
  }

  onCrashPoint(): void {
    this.doing.set('struck', (this.doing.get('struck') ?? 0) + 1);
  }

  save(): ChaosState {
    return { active: this.active.slice() };
  }

  restore(state: unknown): void {
    this.active = (state as ChaosState).active.slice();
  }
}
