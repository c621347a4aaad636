/**
 * One run under way: the simulation with everything that drives it (faults) and looks at it
 * (invariants, measures, history). `run.ts` takes it to its end; a session steps through it.
 */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { NamedDecisions } from '../core/named-decisions.ts';
import type { Observer } from '../core/observer.ts';
import type { TraceMode } from '../core/trace.ts';
import type { Controller, World } from '../core/world.ts';
import { AllChecks } from '../check/all-checks.ts';
import type { ClientHistory } from '../check/client-history.ts';
import { poolsOf } from '../check/gossip/members.ts';
import { INVARIANTS } from '../check/registry.ts';
import { within } from '../check/within.ts';
import { History } from '../client/history.ts';
import { Faults } from '../faults/controller.ts';
import { CallMeasure } from '../measure/calls.ts';
import { LoadMeasure } from '../measure/load.ts';
import type { MeasuredPart } from '../measure/load.ts';
import { CheckMeasure } from '../measure/checks.ts';
import { DrainMeasure } from '../measure/drains.ts';
import { LockMeasure } from '../measure/locks.ts';
import { MeshMeasure } from '../measure/mesh.ts';
import { WatchMeasure } from '../measure/watches.ts';
import { GossipMeasure } from '../measure/gossip.ts';
import { RaftMeasure } from '../measure/raft.ts';
import { RequestMeasure } from '../measure/requests.ts';
import { measureNetwork } from '../measure/network.ts';
import { TaggedMeasure } from '../measure/tagged.ts';
import type { Tagged } from '../measure/tagged.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import { AcknowledgementFeed } from './acknowledgement-feed.ts';
import { ClientFeed } from './client-feed.ts';
import { buildSimulation } from './build.ts';
import type { Simulation } from './build.ts';
import { decisionsOf } from './decisions.ts';
import { HistoryPart } from './history-part.ts';
import { targetsOf } from './homes.ts';
import { initialHistory } from './initial-history.ts';

/** Control tag of the end of `duration`; the faults' own tags are not negative. */
const HEAL = -1;

/** Looking can be switched off to see that it changes nothing. */
export interface ExecutionOptions {
  readonly trace: TraceMode;
  readonly observers: boolean;
  /** False: nobody will ask for the operation history. */
  readonly history?: boolean;
  /** False: nothing is judged. */
  readonly invariants?: boolean;
  /** False: nothing is measured. */
  readonly measures?: boolean;
}

export class Execution {
  readonly scenario: Scenario;
  readonly simulation: Simulation;
  readonly world: World;
  readonly faults: Faults;
  readonly checks: AllChecks | null;
  readonly history: History;
  /** Those of the scenario; null where it has none. */
  readonly decisions: NamedDecisions | null;
  /** The run is over at this time. */
  readonly endMicros: number;
  private readonly loads: LoadMeasure;
  /** Null where nobody calls a service. */
  private readonly calls: CallMeasure | null;
  private readonly tagged: TaggedMeasure;
  /** One for each datacenter. */
  private readonly raft: readonly RaftMeasure[];
  private readonly requests: RequestMeasure;
  /** Null where there is no pool. */
  private readonly gossip: GossipMeasure | null;
  private readonly mesh: MeshMeasure | null;
  private readonly agents: CheckMeasure | null;
  /** Null where there are no services. */
  private readonly drains: DrainMeasure | null;
  /** Null where nobody takes locks. */
  private readonly locks: LockMeasure | null;
  /** Null where nobody watches the store. */
  private readonly watches: WatchMeasure | null;
  private readonly within: WithinTimes;

  constructor(scenario: Scenario, seed: number, options: ExecutionOptions) {
    this.scenario = scenario;
    this.simulation = buildSimulation(scenario, seed, options.trace);
    const { world, servers, clients, clusters } = this.simulation;
    this.world = world;
    this.decisions = decisionsOf(scenario);
    world.decisions = this.decisions;
    this.endMicros = scenario.durationMicros + scenario.settleMicros;
    this.faults = new Faults({
      world,
      scenario,
      servers,
      ...targetsOf(scenario, world),
      raft: (process) => this.simulation.raft(process),
    });
    world.controller = new RunController(this.faults);
    const part = { fromMicros: scenario.warmupMicros, untilMicros: scenario.durationMicros };
    const calls = scenario.calls.map(({ name }) => name);
    const loads = [...scenario.loads.map(({ name }) => name), ...calls];
    this.loads = new LoadMeasure(world, loads, part);
    this.calls = calls.length === 0 ? null : new CallMeasure(world, calls, part);
    this.tagged = new TaggedMeasure(world, taggedOf(scenario), part);
    this.raft = clusters.map((cluster) => new RaftMeasure(world, cluster, part));
    this.requests = new RequestMeasure(world);
    const pools = poolsOf(world).map(({ processOf }) => Array.from(processOf));
    this.gossip = pools.length === 0 ? null : new GossipMeasure(world, pools, part);
    this.mesh = scenario.mesh === null ? null : new MeshMeasure(world);
    const checked = scenario.services.some(({ checks }) => checks.length > 0);
    this.agents = checked ? new CheckMeasure(world, part) : null;
    this.drains = scenario.services.length > 0 ? new DrainMeasure(world, part) : null;
    const locking = scenario.loads.some(({ kind }) => kind === 'lock');
    this.locks = locking ? new LockMeasure(world, part) : null;
    const watching = scenario.loads.some(({ kind }) => kind === 'watch');
    this.watches = watching ? new WatchMeasure(world, part) : null;
    this.history = new History(world, clients);
    const judged = options.observers && options.invariants !== false;
    this.checks = judged ? this.createChecks() : null;
    this.within = new WithinTimes(this.checks, this.faults, world, scenario);
    if (options.observers) this.observe(options);
  }

  private createChecks(): AllChecks {
    const { scenario, world } = this;
    const { durationMicros, settleMicros } = scenario;
    return new AllChecks({
      world,
      invariants: scenario.invariants.map(({ name }) => INVARIANTS[name]),
      clusters: this.simulation.clusters,
      settle: {
        fromMicros: durationMicros,
        loadUntilMicros: durationMicros + Math.floor(settleMicros / 2),
      },
    });
  }

  private observe({ history, measures }: ExecutionOptions): void {
    const { checks, world } = this;
    const clusters = checks?.clusters ?? [];
    clusters.forEach((one, at) => {
      const asked = this.askedOf(at);
      for (const feed of [new AcknowledgementFeed(world, one), new ClientFeed(world, one, asked)]) {
        world.observe(clusters.length === 1 ? feed : within(feed, asked));
      }
    });
    if (history !== false) {
      clusters.forEach((one, at) => this.judgeHistory(one.history, at));
      world.observe(this.history);
    }
    if (measures !== false) {
      world.observe(this.loads);
      if (this.calls !== null) world.observe(this.calls);
      if (taggedOf(this.scenario).length > 0) world.observe(this.tagged);
      for (const raft of this.raft) world.observe(raft);
      world.observe(this.requests);
      if (this.gossip !== null) world.observe(this.gossip);
      if (this.mesh !== null) world.observe(this.mesh);
      if (this.agents !== null) world.observe(this.agents);
      if (this.drains !== null) world.observe(this.drains);
      if (this.locks !== null) world.observe(this.locks);
      if (this.watches !== null) world.observe(this.watches);
    }
    world.observe(this.within);
  }

  /** Clients whose operations concern the store of a datacenter, by its place. */
  private askedOf(at: number): (process: ProcessIndex) => boolean {
    const { scenario, world } = this;
    const { name } = scenario.datacenters[at];
    const elsewhere = new Map(scenario.loads.map((load) => [load.name, load.asks]));
    return (process) => {
      const host = scenario.hosts.at(process);
      const asks = host?.kind === 'client' ? elsewhere.get(host.load) : null;
      return (asks ?? world.processes[process].host.datacenter) === name;
    };
  }

  private judgeHistory(judged: ClientHistory, at: number): void {
    const { scenario, history, world, simulation } = this;
    for (const record of initialHistory(scenario)) judged.append(record);
    if (simulation.clusters.length === 1) {
      judged.continueFrom((place) => history.record(place));
      history.listen((record) => judged.tell(record));
      return;
    }
    const asked = this.askedOf(at);
    const clients = new Set(
      [...simulation.clients].filter(([process]) => asked(process)).map(([, client]) => client),
    );
    const part = new HistoryPart(history, ({ process }) => clients.has(process));
    judged.continueFrom((place) => part.record(place));
    history.listen((record) => {
      if (part.take(record)) judged.tell(record);
    });
    world.observe(part);
  }

  /** Powers on what the scenario does not leave down, and schedules what goes wrong. */
  start(): void {
    const { scenario, world } = this;
    world.control(scenario.durationMicros, HEAL);
    this.faults.start();
    world.processes.forEach((process) => {
      const host = scenario.hosts[process.host.index];
      if (host.kind === 'server' && host.initial?.down === true) process.host.up = false;
      else world.power.start(process);
    });
    // What the starts have set in motion happens now, and not within the first event.
    if (world.lanes.hasRunnable) world.lanes.drain();
  }

  get ended(): boolean {
    return this.world.deadlines.nextEventTime() > this.endMicros;
  }

  /** Handles one event; false when the run is over. */
  step(): boolean {
    return this.world.step(this.endMicros);
  }

  /**
   * Writes the figures that only the end knows and, if the run got there, judges what had to come
   * true by then.
   */
  finish(complete: boolean): void {
    this.checks?.judgeHistories();
    if (complete) this.checks?.judgeEventual();
    for (const raft of this.raft) raft.finish();
    this.requests.finish();
    this.tagged.finish();
    this.calls?.finish();
    this.gossip?.finish();
    this.mesh?.finish();
    measureNetwork(this.world);
    const results = this.faults.results();
    this.loads.finish(results.map(({ begin }) => Math.round(begin * 1e6)));
    const { metrics } = this.world;
    for (const { number, affected } of this.faults.effects()) {
      metrics.set(metrics.id(`fault.effect{${number}}`, 'counter'), affected);
    }
  }
}

const OF_OPERATIONS: readonly string[] = ['latency', 'error-latency', 'availability'];

/** What thresholds ask of one kind of operation alone. */
function taggedOf({ thresholds }: Scenario): Tagged[] {
  return thresholds.flatMap(({ load, name, label }) =>
    load === null || label === null || !OF_OPERATIONS.includes(name)
      ? []
      : [{ load, name, operation: label }],
  );
}

/** The end of `duration` heals everything; all other acts are the faults'. */
class RunController implements Controller {
  private readonly faults: Faults;

  constructor(faults: Faults) {
    this.faults = faults;
  }

  onControl(tag: number): void {
    if (tag === HEAL) this.faults.healAll();
    else this.faults.onControl(tag);
  }

  onCrashPoint(process: number, tag: number): void {
    this.faults.onCrashPoint(process, tag);
  }

  save(): unknown {
    return this.faults.save();
  }

  restore(state: unknown): void {
    this.faults.restore(state);
  }
}

/** Invariants with `within:` must have come true that long after the last fault has ended. */
class WithinTimes implements Observer {
  readonly wants: readonly NoteKind[] = [];
  private judged: readonly InvariantName[] = [];
  private readonly checks: AllChecks | null;
  private readonly faults: Faults;
  private readonly world: World;
  private readonly scenario: Scenario;

  constructor(checks: AllChecks | null, faults: Faults, world: World, scenario: Scenario) {
    this.checks = checks;
    this.faults = faults;
    this.world = world;
    this.scenario = scenario;
  }

  onNote(): void {}

  /** Only after `duration` is it known that no fault follows, and only its own event ends the last. */
  onSecond(): void {
    const { scenario, world } = this;
    if (world.now <= scenario.durationMicros) return;
    for (const { name, withinMicros } of scenario.invariants) {
      if (withinMicros === null || this.judged.includes(name)) continue;
      if (world.now < this.faults.lastEndMicros + withinMicros) continue;
      this.judged = [...this.judged, name];
      this.checks?.judgeEventual(name);
    }
  }

  save(): unknown {
    return this.judged;
  }

  restore(state: unknown): void {
    this.judged = state as readonly InvariantName[];
  }
}

export type { MeasuredPart };
