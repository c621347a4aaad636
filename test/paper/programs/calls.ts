/** Clients that discover instances through their agents and call them (steps A4 to A6). */
import type { HealthDiscoveryState } from '../../../sim/client/health-discovery.ts';
import { READS_MACHINE } from '../../../sim/consul/agent/reads/vocabulary.ts';
import type { ReadsState } from '../../../sim/consul/agent/reads/state.ts';
import type { NoteKind, ProcessIndex } from '../../../sim/core/machine.ts';
import { KernelNote } from '../../../sim/core/observer.ts';
import type { Observer } from '../../../sim/core/observer.ts';
import { Execution } from '../../../sim/run/execution.ts';
import { CALL_ERRORS, CallNote, DISCOVERY_MACHINE } from '../../../sim/service/vocabulary.ts';
import { DiscoveryNote } from '../../../sim/service/vocabulary.ts';
import { advance, parse } from '../../run/kit.ts';
import { CALL_STEPS } from './call-steps.ts';
import type { CallStep } from './call-steps.ts';
import { newSamples } from './steps.ts';
import type { Samples } from './steps.ts';

const SECOND = 1_000_000;
/** By then nothing has gone wrong, and lists are known. */
const QUIET = [10 * SECOND, 40 * SECOND] as const;
const CRASH_MICROS = 40 * SECOND;
const HANG_MICROS = 80 * SECOND;
const POWER_MICROS = 140 * SECOND;
const MAINTENANCE_MICROS = 220 * SECOND;
const LEADER_MICROS = 245 * SECOND;
const LEADERLESS_MICROS = 300 * SECOND;
const END_MICROS = 355 * SECOND;
const POLL_MICROS = SECOND / 2;

const SCENARIO = parse(`
duration: 360s
settle: 1s
known_issues: fix
cluster: { datacenters: { dc1: { servers: 3 } } }
services:
  web:
    instances: 4
    workers: 4
    service_time: exp 5ms
    weights: { web-1: 5 }
    check: { http: /health, interval: 10s, timeout: 2s }
    behaviour: { web-3: { hung: true, at: 80s, for: 40s } }
load:
  turns: { kind: call, service: web, clients: 2, rate: 12/s, timeout: 1s, discover: { by: health }, balance: round-robin }
  any: { kind: call, service: web, rate: 12/s, timeout: 1s, discover: { by: health }, balance: random }
  weighted: { kind: call, service: web, rate: 12/s, timeout: 1s, discover: { by: health }, balance: smooth-weighted }
  polling: { kind: call, service: web, clients: 2, think: 10m, timeout: 1s, discover: { by: health, refresh: 500ms } }
faults:
  - { at: 40s, for: 30s, crash: web-2, how: kill }
  - { at: 140s, for: 60s, crash: web-4, how: power }
  - { at: 220s, for: 10s, maintenance: service:web }
  - { at: 245s, for: 40s, crash: leader, how: kill }
  - { at: 300s, for: 50s, partition: { groups: [s1, s2, s3] }, only: raft }
limits: { trace: 16MiB }
`);

const within = (time: number, from: number, seconds: number): boolean =>
  time >= from && time < from + seconds * SECOND;

class Callers implements Observer {
  readonly wants: readonly NoteKind[] = [
    CallNote.attempted,
    CallNote.answered,
    DiscoveryNote.learnt,
    DiscoveryNote.failed,
    KernelNote.crashed,
  ];
  readonly samples: Samples<CallStep> = newSamples(CALL_STEPS);
  private readonly execution: Execution;
  /** Instances in the order in which each client has picked them while all was quiet. */
  private readonly picks = new Map<string, string[]>();
  /** Last failed or last sent attempt after a fault. */
  private readonly last = new Map<string, number>();
  /** When a polling client asked what it waits for. */
  private readonly askedAt = new Map<ProcessIndex, number>();
  /** Lists of polling clients by the index that they came with. */
  private readonly lists = new Map<number, string>();
  private isOrdered = true;
  private emptied = false;
  /** Watching clients, and whether their stream came from the leader that was lost. */
  private readonly streams = new Map<ProcessIndex, boolean>();
  private readonly broken = new Map<ProcessIndex, number>();

  constructor(execution: Execution) {
    this.execution = execution;
    execution.world.observe(this);
  }

  onNote(kind: NoteKind, process: ProcessIndex, _a: number, b: number, c: number): void {
    const { now, processes } = this.execution.world;
    const { name } = processes[process];
    const isPolling = name.startsWith('polling');
    switch (kind) {
      case CallNote.attempted:
        this.onAttempt(name, processes[b].name, now);
        break;
      case CallNote.answered:
        if (c !== 0 && processes[b].name === 'web-2' && within(now, CRASH_MICROS, 30)) {
          if (CALL_ERRORS[c] === 'refused') this.last.set('refused', now);
        }
        break;
      case DiscoveryNote.learnt:
        if (isPolling) this.onPolled(process, c, now);
        if (b === 0 && within(now, MAINTENANCE_MICROS, 10) && !isPolling && !this.emptied) {
          this.emptied = true;
          this.take('empty', MAINTENANCE_MICROS);
        }
        break;
      case DiscoveryNote.failed:
        if (isPolling) this.onPollFailed(process, c, now);
        else if (!this.broken.has(process)) this.broken.set(process, now);
        break;
      case KernelNote.crashed:
        if (now === LEADER_MICROS) this.lookAtStreams(process);
    }
  }

  private take(name: CallStep, since: number | undefined, now = this.execution.world.now): void {
    if (since !== undefined) this.samples[name].push((now - since) / SECOND);
  }

  /** Where the next check came at once there is none. */
  private takeLast(name: CallStep, since: number): void {
    const at = this.last.get(name);
    if (at !== undefined) this.take(name, since, at);
  }

  private takeFact(name: CallStep, holds: boolean): void {
    this.samples[name].push(holds ? 1 : 0);
  }

  private onAttempt(client: string, instance: string, now: number): void {
    if (now >= QUIET[0] && now < QUIET[1]) {
      this.picks.set(client, [...(this.picks.get(client) ?? []), instance]);
    }
    if (instance === 'web-3' && within(now, HANG_MICROS, 30)) this.last.set('hung', now);
    if (instance === 'web-4' && within(now, POWER_MICROS, 60)) this.last.set('dark', now);
  }

  /** The same index, the same list in the same order. */
  private onPolled(process: ProcessIndex, index: number, now: number): void {
    this.askedAt.set(process, now + POLL_MICROS);
    const { slotByNumber } = this.execution.world.processes[process];
    const { watched } = slotByNumber[DISCOVERY_MACHINE]!.state as HealthDiscoveryState;
    const list = watched[0].instances.map(({ name }) => name).join(' ');
    if ((this.lists.get(index) ?? list) !== list) this.isOrdered = false;
    this.lists.set(index, list);
  }

  private onPollFailed(process: ProcessIndex, wait: number, now: number): void {
    const asked = this.askedAt.get(process)!;
    if (within(asked, LEADER_MICROS, 1)) this.take('refusedAtOnce', asked);
    // By then every server has given the leader up.
    if (asked > LEADERLESS_MICROS + 10 * SECOND) this.take('held', asked);
    this.askedAt.set(process, now + wait);
  }

  /** The leader has just died: from whom do watching clients have their streams? */
  private lookAtStreams(leader: ProcessIndex): void {
    const { processes } = this.execution.world;
    this.broken.clear();
    for (const { index, name, host } of processes) {
      if (!/^(turns|any|weighted)#\d$/.test(name)) continue;
      const agent = host.processes.find(({ slotByNumber }) => slotByNumber[READS_MACHINE])!;
      const { views } = agent.slotByNumber[READS_MACHINE]!.state as ReadsState;
      this.streams.set(
        index,
        [...views.values()].some(({ server }) => server === leader),
      );
    }
  }

  finish(): void {
    this.takeLast('refused', CRASH_MICROS);
    this.takeLast('hung', HANG_MICROS);
    this.takeLast('dark', POWER_MICROS);
    this.takeFact('ordered', this.isOrdered);
    for (const [process, wasPinned] of this.streams) {
      const at = this.broken.get(process);
      if (wasPinned) this.take('streamLost', LEADER_MICROS, at ?? Number.MAX_SAFE_INTEGER);
      else this.takeFact('streamKept', at === undefined || at > LEADER_MICROS + 15 * SECOND);
    }
    for (const client of ['turns#1', 'turns#2']) {
      const counts = countsOf(this.picks.get(client)!);
      this.samples.turns.push(Math.max(...counts) - Math.min(...counts));
    }
    this.samples.random.push(chiSquare(countsOf(this.picks.get('any#1')!)));
    this.takeFact('weighted', isSmooth(this.picks.get('weighted#1')!));
  }
}

const INSTANCES = ['web-1', 'web-2', 'web-3', 'web-4'];

function countsOf(picks: readonly string[]): number[] {
  return INSTANCES.map((name) => picks.filter((pick) => pick === name).length);
}

function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Weights 5, 1, 1, 1: any eight picks in a row are five of the first and one of each other. */
function isSmooth(picks: readonly string[]): boolean {
  for (let at = 0; at + 8 <= picks.length; at++) {
    if (countsOf(picks.slice(at, at + 8)).join() !== '5,1,1,1') return false;
  }
  return picks.length >= 8;
}

export function measureCalls(seed: number): Samples<CallStep> {
  const execution = new Execution(SCENARIO, seed, { trace: 'off', observers: false });
  const callers = new Callers(execution);
  execution.start();
  advance(execution, END_MICROS);
  callers.finish();
  return callers.samples;
}
