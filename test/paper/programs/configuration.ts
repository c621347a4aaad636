/** Programs that keep their configuration as the store has it, through their agents (steps B5 to B11). */
import type { KvLoadState } from '../../../sim/client/kv-load.ts';
import { LOAD_MACHINE, LoadNote } from '../../../sim/client/operation.ts';
import { WatchNote } from '../../../sim/client/watch.ts';
import type { WatchState } from '../../../sim/client/watch.ts';
import { getKey } from '../../../sim/consul/state/kv-queries.ts';
import type { KvEntry } from '../../../sim/consul/state/rows.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import type { NoteKind, ProcessIndex } from '../../../sim/core/machine.ts';
import { KernelNote } from '../../../sim/core/observer.ts';
import type { Observer } from '../../../sim/core/observer.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';
import { RaftNote } from '../../../sim/protocol/raft/vocabulary.ts';
import { Execution } from '../../../sim/run/execution.ts';
import { advance, parse } from '../../run/kit.ts';
import { CONFIGURATION_STEPS, HERD } from './configuration-steps.ts';
import type { ConfigurationStep } from './configuration-steps.ts';
import { newSamples } from './steps.ts';
import type { Samples } from './steps.ts';

const SECOND = 1_000_000;
const CRASH_MICROS = 60 * SECOND;
const LEADER_MICROS = 110 * SECOND;
const LEADERLESS_MICROS = 150 * SECOND;
const END_MICROS = 275 * SECOND;
/** Two writes that lie that far apart are told one by one. */
const APART_MICROS = SECOND / 2;
const WAIT_MICROS = 20 * SECOND;

const SCENARIO = parse(`
duration: 280s
settle: 1s
known_issues: fix
cluster: { datacenters: { dc1: { servers: 3 } } }
load:
  single: { kind: watch, via: agent, clients: 3, keys: 3, watch: key, prefix: app/, writes: 12/m, deletes: 40%, wait: 20s }
  herd: { kind: watch, via: agent, clients: ${HERD}, keys: 4, prefix: config/, writes: 12/m, wait: 20s }
  calm: { kind: watch, via: agent, clients: 2, keys: 4, prefix: calm/, spread: 8s, writes: 60/m, wait: 20s }
  counters: { kind: kv, via: agent, clients: 2, keys: 1, think: exp 400ms, mix: { increment: 100% }, timeout: 10s }
faults:
  - { at: 60s, for: 20s, crash: s1, how: kill }
  - { at: 110s, for: 20s, crash: leader, how: kill }
  - { at: 150s, for: 125s, partition: { groups: [s1, s2, s3] }, only: raft }
limits: { trace: 16MiB }
`);

class Programs implements Observer {
  readonly wants: readonly NoteKind[] = [
    ...Object.values(WatchNote),
    LoadNote.succeeded,
    RaftNote.applied,
    KernelNote.crashed,
  ];
  readonly samples: Samples<ConfigurationStep> = newSamples(CONFIGURATION_STEPS);
  private readonly execution: Execution;
  /** When each entry was first applied. */
  private readonly appliedAt: number[] = [];
  /** Index and configuration of each program, as it was told last. */
  private readonly known = new Map<ProcessIndex, { index: number; text: string }>();
  private readonly answers = new Map<number, number>();
  private readonly calm = { changes: new Set<number>(), answers: 0 };
  private isSpurious = false;
  private isDeleted = false;
  private wentBack = false;
  private lostConfiguration = false;
  private increments = 0;
  /** Of the server that dies first: whether it led, and whether somebody noticed. */
  private followerDied = false;
  private noticed = false;

  constructor(execution: Execution) {
    this.execution = execution;
    execution.world.observe(this);
  }

  private watchOf(process: ProcessIndex): WatchState {
    const { state } = this.execution.world.processes[process].slotByNumber[LOAD_MACHINE]!;
    return (state as KvLoadState).watch!;
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, index: number, asked: number): void {
    const { world, simulation } = this.execution;
    switch (kind) {
      case WatchNote.answered:
        this.onAnswered(process, a, index, asked);
        break;
      case WatchNote.failed:
        this.onFailed(process);
        break;
      case LoadNote.succeeded:
        this.onSucceeded(process, a);
        break;
      case RaftNote.applied:
        this.appliedAt[a] ??= world.now;
        break;
      case KernelNote.crashed:
        if (world.now === CRASH_MICROS) {
          this.followerDied = simulation.servers.some(
            (one) => one.process !== process && simulation.raft(one.process)?.role === Role.leader,
          );
        }
    }
  }

  private onAnswered(process: ProcessIndex, micros: number, index: number, asked: number): void {
    const { world } = this.execution;
    const watch = this.watchOf(process);
    const { name } = world.processes[process];
    const before = this.known.get(process);
    const text = JSON.stringify(watch.held);
    this.known.set(process, { index: watch.heldIndex, text });
    if (before === undefined) {
      if (name.startsWith('single')) {
        this.samples.absent.push(index >= 1 && watch.index === index ? 1 : 0);
      }
      return;
    }
    if (watch.heldIndex < before.index) this.wentBack = true;
    if (name.startsWith('single')) {
      // Where nothing is, the index is that of all keys, which the first look after a timeout finds moved.
      const isWoken = asked > 0 && micros < WAIT_MICROS;
      if (isWoken && text !== '[]' && text === before.text) this.isSpurious = true;
      if (text === '[]' && before.text !== '[]') this.isDeleted = true;
    }
    if (world.now >= CRASH_MICROS) return;
    if (index === asked) this.samples.timedOut.push(micros / SECOND);
    if (text !== before.text) this.onTold(name, index, world.now);
  }

  /** While nothing is wrong. */
  private onTold(name: string, index: number, now: number): void {
    if (name.startsWith('calm')) {
      this.calm.answers++;
      return;
    }
    this.samples.pushed.push((now - this.appliedAt[index]) / SECOND);
    if (name.startsWith('herd')) this.answers.set(index, (this.answers.get(index) ?? 0) + 1);
  }

  private onFailed(process: ProcessIndex): void {
    const { world } = this.execution;
    const { askedMicros, held, config } = this.watchOf(process);
    const { now } = world;
    if (held === null) this.lostConfiguration = true;
    // Who has no query under way finds a dead connection with the next one.
    const always = config.spreadMicros === 0;
    if (always && now > CRASH_MICROS && now < CRASH_MICROS + 20 * SECOND) this.noticed = true;
    if (askedMicros < LEADER_MICROS && now >= LEADER_MICROS && now < LEADER_MICROS + 10 * SECOND) {
      this.samples.leaderLost.push((now - LEADER_MICROS) / SECOND);
    }
    // By then every server has given the leader up; patience for a plain query is the agent's own.
    const waited = this.known.has(process) && config.whole === 'prefix';
    if (waited && askedMicros > LEADERLESS_MICROS + 10 * SECOND && this.wasWaiting(process)) {
      this.samples.leaderless.push((now - askedMicros) / SECOND);
    }
  }

  /** The first failure in a row is of a query that had an index. */
  private wasWaiting(process: ProcessIndex): boolean {
    return this.watchOf(process).failures === 1;
  }

  private onSucceeded(process: ProcessIndex, slot: number): void {
    const { world } = this.execution;
    const { config, operations } = world.processes[process].slotByNumber[LOAD_MACHINE]!
      .state as KvLoadState;
    const { f, answer } = operations[slot]!;
    if (config.load === 'counters' && f === 'cas' && answer!.applied) this.increments++;
    if (config.load === 'calm' && world.now < CRASH_MICROS) {
      this.calm.changes.add(answer!.logIndex);
    }
  }

  finish(): void {
    const { samples } = this;
    const fact = (name: ConfigurationStep, holds: boolean): void => {
      samples[name].push(holds ? 1 : 0);
    };
    fact('spurious', !this.isSpurious);
    fact('deleted', this.isDeleted);
    fact('ordered', !this.wentBack);
    fact('kept', !this.lostConfiguration);
    if (this.followerDied) fact('unnoticed', !this.noticed);
    fact('increments', this.count() >= this.increments);
    // Each change is told to two.
    if (this.calm.answers > 0) {
      samples.coalesced.push((2 * this.calm.changes.size) / this.calm.answers);
    }
    const indexes = [...this.answers.keys()].sort((left, right) => left - right);
    indexes.forEach((index, at) => {
      const time = this.appliedAt[index];
      const isApart = [indexes[at - 1], indexes[at + 1]].every(
        (other) => other === undefined || Math.abs(this.appliedAt[other] - time) > APART_MICROS,
      );
      const isEarly = time < CRASH_MICROS - SECOND;
      if (isApart && isEarly) samples.herd.push(this.answers.get(index)!);
    });
  }

  /** What the counter shows at the server that has applied most. */
  private count(): number {
    const { simulation } = this.execution;
    const counts = simulation.servers.map(({ process }) => {
      const store = simulation.raft(process)!.fsm as Store;
      const entry: KvEntry | null | undefined = getKey(store, 'k0', null).entry;
      return Number.parseInt(entry?.value ?? '0', 10);
    });
    return Math.max(...counts);
  }
}

export function measureConfiguration(seed: number): Samples<ConfigurationStep> {
  const execution = new Execution(SCENARIO, seed, { trace: 'off', observers: false });
  const programs = new Programs(execution);
  execution.start();
  advance(execution, END_MICROS);
  programs.finish();
  return programs.samples;
}
