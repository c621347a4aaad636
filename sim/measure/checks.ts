/** Metrics of health checks (design §11): how soon agents find out, and when they remove. */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import { KernelNote } from '../core/observer.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { AGENT_MACHINE } from '../consul/agent/inputs.ts';
import { CHECK_STATUSES } from '../consul/agent/definitions.ts';
import { AgentNote } from '../consul/agent/specs.ts';
import type { AgentState } from '../consul/agent/state.ts';
import { INSTANCE_MACHINE } from '../service/vocabulary.ts';
import type { MeasuredPart } from './load.ts';

const CRITICAL = CHECK_STATUSES.indexOf('critical');

interface Saved {
  readonly crashed: readonly (readonly [process: number, atMicros: number])[];
  readonly critical: readonly (readonly [check: string, atMicros: number])[];
}

export class CheckMeasure implements Observer {
  readonly wants: readonly NoteKind[] = [
    KernelNote.crashed,
    KernelNote.started,
    AgentNote.checked,
    AgentNote.reaped,
  ];
  /** Crashes of instances that no agent has found out, by process. */
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
    const check = `${process}/${a}`;
    switch (kind) {
      case KernelNote.crashed:
        if (this.isInstance(process)) this.crashed.set(process, this.world.now);
        return;
      case KernelNote.started:
        this.crashed.delete(process);
        return;
      case AgentNote.checked:
        if (b === CRITICAL) this.onCritical(process, a, check);
        else this.critical.delete(check);
        return;
      case AgentNote.reaped:
        this.record(this.deregistration, this.critical.get(check));
        this.critical.delete(check);
    }
  }

  private isInstance(process: ProcessIndex): boolean {
    return this.world.processes[process].slotByNumber[INSTANCE_MACHINE] !== undefined;
  }

  private onCritical(agent: ProcessIndex, number: number, check: string): void {
    this.critical.set(check, this.world.now);
    const { state } = this.world.processes[agent].slotByNumber[AGENT_MACHINE]!;
    const { runners, checkIds } = state as AgentState;
    const checked = runners.get(checkIds[number])?.definition.target ?? -1;
    this.record(this.detection, this.crashed.get(checked));
    this.crashed.delete(checked);
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
