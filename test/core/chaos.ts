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

const rule = (actions: readonly RuleAction[]): Fault => ({
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
      action: draws.pick(actions),
      draws: world.streams.stream('chaos/rule'),
    });
    world.connections.onNetworkChanged();
    return id;
  },
  end: (world, _, id) => {
    world.network.rules.remove(id);
    world.connections.onNetworkChanged();
  },
});

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
  rule: rule(ACTIONS),
  cut: rule([{ kind: 'drop', probability: 1 }]),
  hold: rule([{ kind: 'hold' }]),
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
    (world, { disk }) => disk.restoreSpeed(world, 3),
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

export const FAULT_NAMES: readonly string[] = Object.keys(FAULTS);

/** Begins faults and ends them, at random or as told. */
class Chaos implements Controller {
  private active: Lasting[] = [];
  private readonly world: World;
  private readonly draws: Draws;
  private readonly plan: Plan;

  constructor(world: World, plan: Plan) {
    this.world = world;
    this.plan = plan;
    this.draws = world.streams.stream('chaos');
  }

  onControl(tag: number): void {
    const { world, plan } = this;
    if (tag === Tag.start) {
      for (const process of world.processes) world.power.start(process);
      world.control(plan.from, plan.only === null ? Tag.act : Tag.begin);
      world.control(plan.until, Tag.mend);
    } else if (tag === Tag.begin) {
      this.begin(plan.only!, world.processes[1]!);
    } else if (tag === Tag.mend) {
      this.mend();
    } else if (world.now < plan.until) {
      this.act();
      world.control(world.now + this.draws.between(1, 20 * MS), Tag.act);
    }
  }

  private act(): void {
    const { active, draws, world } = this;
    // Somebody restarts what has crashed by itself.
    if (draws.below(3) === 0) world.power.start(draws.pick(world.processes));
    if (active.length > 0 && (active.length > 4 || draws.below(2) === 0)) {
      const [fault] = active.splice(draws.below(active.length), 1);
      this.end(fault!);
    } else {
      this.begin(draws.pick(FAULT_NAMES), draws.pick(world.processes));
    }
  }

  private begin(kind: string, process: Process): void {
    this.plan.done.set(kind, (this.plan.done.get(kind) ?? 0) + 1);
    const argument = FAULTS[kind]!.begin(this.world, process, this.draws);
    this.active.push({ kind, process: process.index, argument });
  }

  private end({ kind, process, argument }: Lasting): void {
    FAULTS[kind]!.end(this.world, this.world.processes[process]!, argument);
  }

  private mend(): void {
    for (const fault of this.active.splice(0)) this.end(fault);
    for (const process of this.world.processes) {
      process.crashPoint = null;
      this.world.power.start(process);
    }
  }

  onCrashPoint(): void {
    const { done } = this.plan;
    done.set('struck', (done.get('struck') ?? 0) + 1);
  }

  save(): ChaosState {
    return { active: this.active.slice() };
  }

  restore(state: unknown): void {
    this.active = (state as ChaosState).active.slice();
  }
}

const Tag = { start: 0, act: 1, begin: 2, mend: 3 };

export interface Plan {
  /** When the first fault begins, and when all is mended for good. */
  readonly from: number;
  readonly until: number;
  /** One fault on the second process instead of many at random. */
  readonly only: string | null;
  /** Counts what all runs together have done. */
  readonly done: Map<string, number>;
}

/** Makes this the world's controller; it also starts the programs. */
export function unleash(world: World, plan: Plan): void {
  world.controller = new Chaos(world, plan);
  world.control(0, Tag.start);
}
