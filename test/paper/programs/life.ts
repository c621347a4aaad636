/** Lives of instances in the catalog: registered, checked, dead, removed, back (steps A1 to A3, A8, B1 to B4). */
import type { NoteKind, ProcessIndex } from '../../../sim/core/machine.ts';
import { KernelNote } from '../../../sim/core/observer.ts';
import type { Observer } from '../../../sim/core/observer.ts';
import { ProgramNote } from '../../../sim/client/program.ts';
import { CHECK_STATUSES } from '../../../sim/consul/agent/definitions.ts';
import { AgentNote } from '../../../sim/consul/agent/specs.ts';
import { Execution } from '../../../sim/run/execution.ts';
import { advance, parse } from '../../run/kit.ts';
import { observeCatalog } from './catalog-changes.ts';
import type { CatalogChanges, Registered } from './catalog-changes.ts';
import { COMMIT_SECONDS, newSamples } from './steps.ts';
import type { Samples, Step } from './steps.ts';

const SECOND = 1_000_000;
const END_MICROS = 240 * SECOND;
const FACT = { unit: '1', window: [1, 1] } as const;
/** An answer of an instance, and its way. */
const CHECK_SECONDS = 0.1;

export const LIFE_STEPS = {
  registered: {
    step: 'A1',
    what: 'start of a program to its entry in the catalog',
    unit: 's',
    window: [0.001, COMMIT_SECONDS],
    rule: 'one commit',
  },
  together: {
    step: 'A1',
    what: 'service and check come with one entry of the log, the check critical, its output empty',
    ...FACT,
    rule: '1',
  },
  firstCheck: {
    step: 'A2',
    what: 'entry in the catalog to passing',
    unit: 's',
    window: [0, 10 + CHECK_SECONDS + COMMIT_SECONDS],
    uniform: [0, 10],
    rule: 'U[0, 10 s), a check, a commit',
  },
  period: {
    step: 'A3',
    what: 'from one check of a healthy instance to the next',
    unit: 's',
    window: [10, 10 + CHECK_SECONDS],
    rule: '10 s and its duration',
  },
  slowPeriod: {
    step: 'A3',
    what: 'from one check of a hung instance to the next',
    unit: 's',
    window: [12, 12.01],
    rule: '10 s and the timeout of 2 s',
  },
  stays: {
    step: 'A8',
    what: 'a dead instance without deregister_critical_service_after is in the catalog at the end, critical',
    ...FACT,
    rule: '1',
  },
  detected: {
    step: 'B2',
    what: 'death of an instance to critical in the catalog',
    unit: 's',
    window: [0, 10 + CHECK_SECONDS + COMMIT_SECONDS],
    uniform: [0, 10],
    rule: 'U[0, 10 s) and a commit',
  },
  hungDetected: {
    step: 'B2',
    what: 'hang of an instance to critical in the catalog',
    unit: 's',
    window: [2, 12 + CHECK_SECONDS + COMMIT_SECONDS],
    uniform: [2, 12],
    rule: 'U[0, 10 s), 2 s and a commit',
  },
  removed: {
    step: 'B1, B2',
    what: 'critical to removed from the catalog, with 10s in the registration',
    unit: 's',
    window: [60, 90 + COMMIT_SECONDS],
    uniform: [60, 90],
    rule: 'clamped to 60 s; looked at every 30 s',
  },
  buried: {
    step: 'B2',
    what: 'death to removed from the catalog',
    unit: 's',
    window: [60, 102],
    rule: '60 to 102 s',
  },
  recovered: {
    step: 'B3',
    what: 'return within the minute to passing',
    unit: 's',
    window: [0, 10 + CHECK_SECONDS + COMMIT_SECONDS],
    rule: 'U[0, 10 s), a check, a commit',
  },
  kept: { step: 'B3', what: 'who returns within the minute is never removed', ...FACT, rule: '1' },
  lookedAfter: {
    step: 'B3',
    what: 'removed, then registered again by a program that looks every 7 s',
    unit: 's',
    window: [0, 7 + COMMIT_SECONDS],
    rule: 'one look and a commit',
  },
  forgotten: {
    step: 'B3',
    what: 'who recovers after its removal and does not look is not in the catalog at the end',
    ...FACT,
    rule: '1',
  },
  flapping: {
    step: 'B4',
    what: 'who is well for 11 s of each minute is never removed',
    ...FACT,
    rule: '1',
  },
} as const satisfies Readonly<Record<string, Step>>;
type LifeStep = keyof typeof LIFE_STEPS;

/** The fault falls anywhere between two looks of the agents at what they have to remove. */
function faultMicrosOf(seed: number): number {
  return 20 * SECOND + ((seed * 7_919_000) % (30 * SECOND));
}

const scenarioOf = (faultMicros: number): string => `
duration: ${END_MICROS}us
settle: 1s
known_issues: fix
cluster: { datacenters: { dc1: { servers: 3 } } }
services:
  web:
    instances: 3
    service_time: 5ms
    register: {}
    check: { http: /health, interval: 10s, timeout: 2s, deregister_critical_service_after: 10s }
    behaviour: { web-3: { flapping: { up: 11s, down: 49s }, at: ${faultMicros}us } }
  looking:
    service_time: 5ms
    register: { look: 7s }
    check: { http: /health, interval: 10s, timeout: 2s, deregister_critical_service_after: 10s }
    behaviour: { looking-1: { refusing: true, at: ${faultMicros}us, for: 110s } }
  blind:
    service_time: 5ms
    register: {}
    check: { http: /health, interval: 10s, timeout: 2s, deregister_critical_service_after: 10s }
    behaviour: { blind-1: { refusing: true, at: ${faultMicros}us, for: 110s } }
  left:
    service_time: 5ms
    check: { http: /health, interval: 10s, timeout: 2s }
  hung:
    service_time: 5ms
    check: { http: /health, interval: 10s, timeout: 2s }
    behaviour: { hung-1: { hung: true, at: ${faultMicros}us } }
faults:
  - { at: ${faultMicros}us, for: 130s, crash: web-1, how: kill }
  - { at: ${faultMicros}us, for: 45s, crash: web-2, how: kill }
  - { at: ${faultMicros}us, crash: left-1, how: kill }
limits: { trace: 16MiB }
`;
const INSTANCES = ['web-1', 'web-2', 'web-3', 'looking-1', 'blind-1', 'left-1', 'hung-1'];
const CRITICAL = CHECK_STATUSES.indexOf('critical');

class Lives implements Observer {
  readonly wants: readonly NoteKind[] = [KernelNote.started, AgentNote.result, ProgramNote.missed];
  readonly samples: Samples<LifeStep> = newSamples(LIFE_STEPS);
  private readonly changes: CatalogChanges;
  private readonly execution: Execution;
  private readonly faultMicros: number;
  /** Since when, by instance. */
  private readonly startedAt = new Map<string, number>();
  private readonly criticalAt = new Map<string, number>();
  private readonly removedAt = new Map<string, number>();
  private readonly appearedAt = new Map<string, number>();
  private readonly checkedAt = new Map<string, number>();

  constructor(execution: Execution, faultMicros: number) {
    this.execution = execution;
    this.faultMicros = faultMicros;
    execution.world.observe(this);
    this.changes = observeCatalog(execution, INSTANCES, (id, now, before) =>
      this.onChange(id, now, before),
    );
  }

  private take(name: LifeStep, since: number | undefined): void {
    if (since === undefined) return;
    this.samples[name].push((this.execution.world.now - since) / SECOND);
  }

  private takeFact(name: LifeStep, holds: boolean): void {
    this.samples[name].push(holds ? 1 : 0);
  }

  onNote(kind: NoteKind, process: ProcessIndex, _check: number, status: number): void {
    const { world } = this.execution;
    const { name } = world.processes[process].host;
    if (kind === KernelNote.started) {
      if (world.processes[process].name === name) this.startedAt.set(name, world.now);
      return;
    }
    if (kind !== AgentNote.result) return;
    const last = this.checkedAt.get(name);
    this.checkedAt.set(name, world.now);
    const since = last !== undefined && last > this.faultMicros ? last : undefined;
    if (name === 'hung-1' && status === CRITICAL) this.take('slowPeriod', since);
    if (name === 'web-2' && status !== CRITICAL && this.startedAt.get(name)! > this.faultMicros) {
      this.take(
        'period',
        last !== undefined && last > this.startedAt.get(name)! ? last : undefined,
      );
    }
  }

  private onChange(id: string, now: Registered | undefined, before: Registered | undefined): void {
    const { now: micros } = this.execution.world;
    if (micros < this.faultMicros) return;
    if (now === undefined) this.onRemoved(id, micros);
    else if (before === undefined) this.onAppeared(id, now, micros);
    else if (now.check?.status !== before.check?.status) this.onStatus(id, now, micros);
  }

  private onRemoved(id: string, micros: number): void {
    this.take('removed', this.criticalAt.get(id));
    if (id === 'web-1') this.take('buried', this.faultMicros);
    this.removedAt.set(id, micros);
    this.criticalAt.delete(id);
  }

  private onAppeared(id: string, { service, check }: Registered, micros: number): void {
    this.appearedAt.set(id, micros);
    if (id === 'looking-1') this.take('lookedAfter', this.removedAt.get(id));
    if (id !== 'web-1') return;
    this.take('registered', this.startedAt.get(id));
    const isNew = check?.status === 'critical' && check.output === '';
    this.takeFact('together', isNew && check.createIndex === service.createIndex);
  }

  private onStatus(id: string, { check }: Registered, micros: number): void {
    if (check!.status === 'critical') {
      this.criticalAt.set(id, micros);
      if (id === 'web-1' || id === 'left-1') this.take('detected', this.faultMicros);
      if (id === 'hung-1') this.take('hungDetected', this.faultMicros);
    } else if (check!.status === 'passing') {
      this.criticalAt.delete(id);
      if (id === 'web-1') this.take('firstCheck', this.appearedAt.get(id));
      if (id === 'web-2') this.take('recovered', this.startedAt.get(id));
    }
  }

  finish(): void {
    const { rows } = this.changes;
    const statusOf = (id: string): string => rows.get(id)?.check?.status ?? 'absent';
    this.takeFact('stays', statusOf('left-1') === 'critical');
    this.takeFact('kept', statusOf('web-2') === 'passing' && !this.removedAt.has('web-2'));
    this.takeFact('forgotten', statusOf('blind-1') === 'absent');
    this.takeFact('flapping', rows.has('web-3') && !this.removedAt.has('web-3'));
  }
}

export function measureLives(seed: number): Samples<LifeStep> {
  const faultMicros = faultMicrosOf(seed);
  const options = { trace: 'off', observers: false } as const;
  const execution = new Execution(parse(scenarioOf(faultMicros)), seed, options);
  const lives = new Lives(execution, faultMicros);
  execution.start();
  // Then everything is healed.
  advance(execution, END_MICROS - 1);
  lives.finish();
  return lives.samples;
}
