/**
 * One run under way: the simulation with everything that drives it (faults) and looks at it
 * (invariants, measures, history). `run.ts` takes it to its end; a session steps through it.
 */
import { AGENT_MACHINE } from '../consul/agent/inputs.ts';
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { NamedDecisions } from '../core/named-decisions.ts';
import type { NoteHandler, Observer } from '../core/observer.ts';
import type { TraceMode } from '../core/trace.ts';
import type { Controller, World } from '../core/world.ts';
import { Checks } from '../check/checks.ts';
import type { ClientHistory } from '../check/client-history.ts';
import { memberProcesses } from '../check/gossip/members.ts';
import { INVARIANTS } from '../check/registry.ts';
import { History } from '../client/history.ts';
import type { KvLoadState } from '../client/kv-load.ts';
import { LOAD_MACHINE, LoadNote, changesNothing } from '../client/operation.ts';
import type { Operation } from '../client/operation.ts';
import { createdDigest } from '../consul/requests/session-endpoints.ts';
import { Faults } from '../faults/controller.ts';
import { CallMeasure } from '../measure/calls.ts';
import { LoadMeasure } from '../measure/load.ts';
import type { MeasuredPart } from '../measure/load.ts';
import { CheckMeasure } from '../measure/checks.ts';
import { LockMeasure } from '../measure/locks.ts';
import { GossipMeasure } from '../measure/gossip.ts';
import { RaftMeasure } from '../measure/raft.ts';
import { RequestMeasure } from '../measure/requests.ts';
import { measureNetwork } from '../measure/network.ts';
import { TaggedMeasure } from '../measure/tagged.ts';
import type { Tagged } from '../measure/tagged.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import { ClientFeed } from './client-feed.ts';
import { buildSimulation } from './build.ts';
import type { Simulation } from './build.ts';
import { decisionsOf } from './decisions.ts';
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
  readonly checks: Checks | null;
  readonly history: History;
  /** Those of the scenario; null where it has none. */
  readonly decisions: NamedDecisions | null;
  /** The run is over at this time. */
  readonly endMicros: number;
  private readonly loads: LoadMeasure;
  /** Null where nobody calls a service. */
  private readonly calls: CallMeasure | null;
  private readonly tagged: TaggedMeasure;
  private readonly raft: RaftMeasure;
  private readonly requests: RequestMeasure;
  /** Null where there is no pool. */
  private readonly gossip: GossipMeasure | null;
  private readonly agents: CheckMeasure | null;
  /** Null where nobody takes locks. */
  private readonly locks: LockMeasure | null;
  private readonly within: WithinTimes;

  constructor(scenario: Scenario, seed: number, options: ExecutionOptions) {
    this.scenario = scenario;
    this.simulation = buildSimulation(scenario, seed, options.trace);
    const { world, servers, clients } = this.simulation;
    this.world = world;
    this.decisions = decisionsOf(scenario);
    world.decisions = this.decisions;
    this.endMicros = scenario.durationMicros + scenario.settleMicros;
    this.faults = new Faults({
      world,
      scenario,
      servers,
      hostIndex: (name) => world.hosts.findIndex((host) => host.name === name),
      processesOf: (host) => world.hosts[host].processes.map(({ index }) => index),
      programsOf: (host) => world.hosts[host].processes.slice(0, 1).map(({ index }) => index),
      agentsOf: (host) =>
        world.hosts[host].processes
          .filter(({ slotByNumber }) => slotByNumber[AGENT_MACHINE] !== undefined)
          .map(({ index }) => index),
      raft: (process) => this.simulation.raft(process),
    });
    world.controller = new RunController(this.faults);
    const part = { fromMicros: scenario.warmupMicros, untilMicros: scenario.durationMicros };
    const calls = scenario.calls.map(({ name }) => name);
    const loads = [...scenario.loads.map(({ name }) => name), ...calls];
    this.loads = new LoadMeasure(world, loads, part);
    this.calls = calls.length === 0 ? null : new CallMeasure(world, calls, part);
    this.tagged = new TaggedMeasure(world, taggedOf(scenario), part);
    this.raft = new RaftMeasure(world, servers, part);
    this.requests = new RequestMeasure(world);
    const members = memberProcesses(world);
    this.gossip = members.length === 0 ? null : new GossipMeasure(world, members, part);
    const checked = scenario.services.some(({ checks }) => checks.length > 0);
    this.agents = checked ? new CheckMeasure(world, part) : null;
    const locking = scenario.loads.some(({ kind }) => kind === 'lock');
    this.locks = locking ? new LockMeasure(world, part) : null;
    this.history = new History(world, clients);
    const judged = options.observers && options.invariants !== false;
    this.checks = judged ? this.createChecks() : null;
    this.within = new WithinTimes(this.checks, this.faults, world, scenario);
    if (options.observers) this.observe(options);
  }

  private createChecks(): Checks {
    const { scenario, world } = this;
    const { durationMicros, settleMicros } = scenario;
    return new Checks({
      world,
      invariants: scenario.invariants.map(({ name }) => INVARIANTS[name]),
      servers: this.simulation.servers,
      settle: {
        fromMicros: durationMicros,
        loadUntilMicros: durationMicros + Math.floor(settleMicros / 2),
      },
    });
  }

  private observe({ history, measures }: ExecutionOptions): void {
    const { checks, world } = this;
    if (checks !== null) {
      world.observe(new AcknowledgementFeed(world, checks));
      world.observe(new ClientFeed(world, checks));
    }
    if (history !== false) {
      if (checks !== null) this.judgeHistory(checks.history);
      world.observe(this.history);
    }
    if (measures !== false) {
      world.observe(this.loads);
      if (this.calls !== null) world.observe(this.calls);
      if (taggedOf(this.scenario).length > 0) world.observe(this.tagged);
      world.observe(this.raft);
      world.observe(this.requests);
      if (this.gossip !== null) world.observe(this.gossip);
      if (this.agents !== null) world.observe(this.agents);
      if (this.locks !== null) world.observe(this.locks);
    }
    world.observe(this.within);
  }

  private judgeHistory(judged: ClientHistory): void {
    for (const record of initialHistory(this.scenario)) judged.append(record);
    judged.continueFrom((at) => this.history.record(at));
    this.history.listen((record) => judged.tell(record));
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
    this.raft.finish();
    this.requests.finish();
    this.tagged.finish();
    this.calls?.finish();
    this.gossip?.finish();
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

/** Tells the invariants what clients were told. */
class AcknowledgementFeed implements Observer {
  readonly wants: readonly NoteKind[] = [LoadNote.invoked, LoadNote.succeeded];
  private readonly world: World;
  private readonly checks: Checks;

  constructor(world: World, checks: Checks) {
    this.world = world;
    this.checks = checks;
  }

  onNote(kind: NoteKind, process: ProcessIndex, slot: number): void {
    this.handlerOf(kind)(process, slot, 0, 0);
  }

  handlerOf(kind: NoteKind): NoteHandler {
    return kind === LoadNote.invoked
      ? (process, slot) => this.onInvoked(process, slot)
      : (process, slot) => this.onSucceeded(process, slot);
  }

  private operation(process: ProcessIndex, slot: number): Operation {
    const { state } = this.world.processes[process].slotByNumber[LOAD_MACHINE]!;
    return (state as KvLoadState).operations[slot]!;
  }

  private onInvoked(process: ProcessIndex, slot: number): void {
    const operation = this.operation(process, slot);
    if (changesNothing(operation)) return;
    this.checks.acknowledged.attempt(operation.server, operation.digest);
  }

  private onSucceeded(process: ProcessIndex, slot: number): void {
    const operation = this.operation(process, slot);
    const { logIndex: index } = operation.answer!;
    if (changesNothing(operation)) return;
    // What the leader refuses by itself, as within a lock-delay, is in no log.
    if (index === 0) {
      this.checks.acknowledged.withdraw(operation.digest);
      return;
    }
    this.checks.acknowledged.acknowledge({ index, digest: writtenDigest(operation), process });
  }
}

/** The id of a session, and so the digest of its entry, is the leader's. */
function writtenDigest({ f, digest, answer }: Operation): number {
  return f === 'session-create' ? createdDigest(answer!.value as string) : digest;
}

/** Invariants with `within:` must have come true that long after the last fault has ended. */
class WithinTimes implements Observer {
  readonly wants: readonly NoteKind[] = [];
  private judged: readonly InvariantName[] = [];
  private readonly checks: Checks | null;
  private readonly faults: Faults;
  private readonly world: World;
  private readonly scenario: Scenario;

  constructor(checks: Checks | null, faults: Faults, world: World, scenario: Scenario) {
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
