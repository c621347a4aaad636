/** Metrics of health checks (design §11): how soon agents find out, and when they remove. */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import { KernelNote } from '../core/observer.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { CHECK_STATUSES } from '../consul/agent/definitions.ts';
import { AgentNote } from '../consul/agent/specs.ts';
import type { MeasuredPart } from './load.ts';

const CRITICAL = CHECK_STATUSES.indexOf('critical');

interface Saved {
  readonly crashed: readonly (readonly [host: number, atMicros: number])[];
  readonly critical: readonly (readonly [check: string, atMicros: number])[];
}

export class CheckMeasure implements Observer {
  readonly wants: readonly NoteKind[] = [
    KernelNote.crashed,
    KernelNote.started,
    AgentNote.checked,
    AgentNote.reaped,
  ];
  /** Crashes of instances that no agent has found out, by host. */
  private crashed = new Map<number, number>();
  /** Since when a check has been critical, by agent and number. */
  private critical = new Map<string, number>();
  private readonly world: World;
  private readonly part: MeasuredPart;
  private readonly detection: number;
  private readonly deregistration: number;

  constructor(world: World, part: MeasuredPart) {
    this.world = world;
    this.part = part;
    this.detection = world.metrics.id('check.detection', 'time');
    this.deregistration = world.metrics.id('check.deregistration', 'time');
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number): void {
    const { host } = this.world.processes[process];
    // The program of a host is its first process, the agent beside it is not.
    const isProgram = host.processes[0].index === process;
    const check = `${process}/${a}`;
    switch (kind) {
      case KernelNote.crashed:
        if (isProgram) this.crashed.set(host.index, this.world.now);
        return;
      case KernelNote.started:
        if (isProgram) this.crashed.delete(host.index);
        return;
      case AgentNote.checked:
        if (b === CRITICAL) this.onCritical(host.index, check);
        else this.critical.delete(check);
        return;
      case AgentNote.reaped:
        this.record(this.deregistration, this.critical.get(check));
        this.critical.delete(check);
    }
  }

  private onCritical(host: number, check: string): void {
    this.critical.set(check, this.world.now);
    this.record(this.detection, this.crashed.get(host));
    this.crashed.delete(host);
  }

  private record(metric: number, since: number | undefined): void {
    const { now, metrics } = this.world;
    const { fromMicros, untilMicros } = this.part;
    if (since === undefined || now < fromMicros || now >= untilMicros) return;
    metrics.record(metric, now - since);
  }

  save(): unknown {
    return { crashed: [...this.crashed], critical: [...this.critical] } satisfies Saved;
  }

  restore(state: unknown): void {
    const { crashed, critical } = state as Saved;
    this.crashed = new Map(crashed);
    this.critical = new Map(critical);
  }
}
