/** Metrics of the LAN pools (design §11): how soon deaths are found, and how often wrongly. */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import { KernelNote } from '../core/observer.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { GossipNote } from '../protocol/gossip/vocabulary.ts';
import type { MeasuredPart } from './load.ts';

/** A crash that not everybody has found out yet. */
interface Crash {
  readonly atMicros: number;
  readonly found: boolean;
  /** Members that ran then and have run since, and still have to find it out. */
  readonly waiting: ReadonlySet<ProcessIndex>;
}

interface Saved {
  readonly crashes: readonly (readonly [ProcessIndex, Crash])[];
  readonly touched: readonly ProcessIndex[];
  readonly health: number;
  readonly mourned: readonly (readonly [number, number])[];
  readonly reachable: readonly (readonly [ProcessIndex, number])[];
}

const PAIR = 2 ** 16;

export class GossipMeasure implements Observer {
  readonly wants: readonly NoteKind[];
  private crashes = new Map<ProcessIndex, Crash>();
  /** Members that were paused at some time. */
  private touched = new Set<ProcessIndex>();
  private health = 0;
  /** When a member was taken for dead, by pair (`viewer * 2^16 + node`). */
  private mourned = new Map<number, number>();
  /** Since when a member runs again. */
  private reachable = new Map<ProcessIndex, number>();
  private readonly world: World;
  /** Processes of the members of each pool. */
  private readonly pools: readonly (readonly ProcessIndex[])[];
  private readonly part: MeasuredPart;
  private readonly first: number;
  private readonly all: number;
  private readonly mistakes: number;
  private readonly healthyMistakes: number;
  private readonly returned: number;

  constructor(world: World, pools: readonly (readonly ProcessIndex[])[], part: MeasuredPart) {
    this.world = world;
    this.pools = pools;
    this.part = part;
    const { metrics } = world;
    this.first = metrics.id('gossip.detection-first', 'time');
    this.all = metrics.id('gossip.detection-all', 'time');
    this.mistakes = metrics.id('gossip.false-positives', 'counter');
    this.healthyMistakes = metrics.id('gossip.false-positives-healthy', 'counter');
    this.returned = metrics.id('gossip.return', 'time');
    const { crashed, started, paused, resumed } = KernelNote;
    const { died, health, joined } = GossipNote;
    this.wants = [crashed, started, paused, resumed, died, health, joined];
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number): void {
    switch (kind) {
      case KernelNote.crashed:
        this.onCrash(process);
        return;
      case KernelNote.started:
        this.crashes.delete(process);
        this.reachable.set(process, this.world.now);
        return;
      case KernelNote.resumed:
        this.reachable.set(process, this.world.now);
        return;
      case KernelNote.paused:
        this.touched.add(process);
        return;
      case GossipNote.health:
        this.health = Math.max(this.health, a);
        return;
      case GossipNote.joined:
        this.onReturn(process, a);
        return;
      case GossipNote.died:
        this.mourned.set(PAIR * process + a, this.world.now);
        this.onDeath(process, a);
    }
  }

  private onCrash(process: ProcessIndex): void {
    const members = this.pools.find((pool) => pool.includes(process));
    if (members === undefined) return;
    const { now, processes } = this.world;
    const runs = (one: ProcessIndex): boolean =>
      one !== process && processes[one].status === 'running';
    for (const [down, crash] of this.crashes) this.found(down, crash, process);
    const waiting = new Set(members.filter(runs));
    this.crashes.set(process, { atMicros: now, found: false, waiting });
  }

  private onDeath(by: ProcessIndex, node: ProcessIndex): void {
    const crash = this.crashes.get(node);
    if (crash !== undefined) {
      if (!crash.found) this.record(this.first, crash);
      this.found(node, { ...crash, found: true }, by);
      return;
    }
    const { status, ioPaused } = this.world.processes[node];
    if (status !== 'running' || ioPaused || !this.isMeasured()) return;
    const { metrics } = this.world;
    metrics.add(this.mistakes, 1);
    if (!this.touched.has(by)) metrics.add(this.healthyMistakes, 1);
  }

  /** A member is alive again to one that took it for dead. */
  private onReturn(by: ProcessIndex, node: ProcessIndex): void {
    const since = this.mourned.get(PAIR * by + node);
    if (since === undefined) return;
    this.mourned.delete(PAIR * by + node);
    const { now, metrics } = this.world;
    if (!this.isMeasured()) return;
    metrics.record(this.returned, now - Math.max(since, this.reachable.get(node) ?? 0));
  }

  /** One member fewer has to find out that another is down. */
  private found(down: ProcessIndex, crash: Crash, by: ProcessIndex): void {
    const waiting = new Set(crash.waiting);
    const counted = waiting.delete(by);
    if (counted && crash.found && waiting.size === 0) this.record(this.all, crash);
    this.crashes.set(down, { ...crash, waiting });
  }

  private record(metric: number, { atMicros }: Crash): void {
    if (this.isMeasured()) this.world.metrics.record(metric, this.world.now - atMicros);
  }

  private isMeasured(): boolean {
    const { now } = this.world;
    return now >= this.part.fromMicros && now < this.part.untilMicros;
  }

  /** Writes what only the end of a run tells. */
  finish(): void {
    const { metrics, classes, messageCounts, messageBytes } = this.world;
    const sum = (counts: Float64Array): number =>
      classes.reduce((all, name, at) => (name.startsWith('gossip.') ? all + counts[at] : all), 0);
    metrics.set(metrics.id('gossip.messages', 'counter'), sum(messageCounts));
    metrics.set(metrics.id('gossip.bytes', 'counter', 'By'), sum(messageBytes));
    metrics.set(metrics.id('gossip.health-score', 'counter'), this.health);
  }

  save(): unknown {
    const { crashes, touched, health, mourned, reachable } = this;
    return {
      crashes: [...crashes],
      touched: [...touched],
      health,
      mourned: [...mourned],
      reachable: [...reachable],
    } satisfies Saved;
  }

  restore(state: unknown): void {
    const { crashes, touched, health, mourned, reachable } = state as Saved;
    this.crashes = new Map(crashes);
    this.touched = new Set(touched);
    this.health = health;
    this.mourned = new Map(mourned);
    this.reachable = new Map(reachable);
  }
}
