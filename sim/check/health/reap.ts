/**
 * `check.reap`: an agent removes a service when a check of it has been critical for longer than
 * `deregister_critical_service_after`, a minute at least, and no later than its next look.
 */
import { AgentNote } from '../../consul/agent/specs.ts';
import { KernelNote } from '../../core/observer.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import { agentAt } from '../catalog/agents.ts';
import { statusAt } from './results.ts';

const { checked, reaped, registered, result } = AgentNote;
const MICROS_MIN = 60_000_000;
/** check_reap_interval. */
const LOOK_MICROS = 30_000_000;
/** Clocks drift, and the lock of the local state may be taken. */
const SLACK_MICROS = 2_000_000;
const SHARE = 0.99;

class Reap implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [
    KernelNote.started,
    KernelNote.resumed,
    checked,
    reaped,
    registered,
    result,
  ];
  /** Services removed. */
  exercised = 0;
  /** Since when a check has been critical, by agent and number. */
  private since = new Map<string, number>();
  /** When an agent that stood still, or whose state was locked, could go on. */
  private freeSince = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number): void {
    const { world } = this.context;
    switch (kind) {
      case KernelNote.started:
        this.forget(process, () => true);
        return;
      case KernelNote.resumed:
        this.freeSince.set(process, world.now);
        return;
      case registered: {
        const agent = agentAt(world, process)!;
        const id = agent.serviceIds[a];
        this.forget(process, (number) => {
          return agent.local.checks.get(agent.checkIds[number])?.check?.serviceId === id;
        });
        return;
      }
      case reaped:
        this.weigh(process, a);
        return;
      default:
        this.onStatus(process, a, b, kind === checked);
    }
  }

  /** A result that thresholds hold back reports nothing. */
  private onStatus(process: ProcessIndex, number: number, status: number, reported: boolean): void {
    const key = `${process}/${number}`;
    const isCritical = statusAt(status) === 'critical';
    if (reported && !isCritical) this.since.delete(key);
    const agent = agentAt(this.context.world, process)!;
    const stays = agent.local.checks.get(agent.checkIds[number])?.check?.status === 'critical';
    if (isCritical && (reported || stays) && !this.since.has(key)) {
      this.since.set(key, this.context.world.now);
    }
  }

  private forget(process: ProcessIndex, which: (number: number) => boolean): void {
    for (const key of this.since.keys()) {
      const [agent, number] = key.split('/').map(Number);
      if (agent === process && which(number)) this.since.delete(key);
    }
  }

  private weigh(process: ProcessIndex, number: number): void {
    const { world, report } = this.context;
    const agent = agentAt(world, process)!;
    const id = agent.checkIds[number];
    const after = agent.runners.get(id)?.definition.deregisterAfterMicros ?? 0;
    const key = `${process}/${number}`;
    const since = this.since.get(key);
    this.since.delete(key);
    this.exercised++;
    if (since === undefined || after === 0) {
      report(`a service is removed because of ${id}, which gives no reason to`, [process]);
      return;
    }
    const lasted = world.now - since;
    if (lasted < Math.max(after, MICROS_MIN) * SHARE) {
      report(`a service is removed after ${id} was critical for ${inSeconds(lasted)}`, [process]);
    }
  }

  onSecond(): void {
    const { world, report } = this.context;
    for (const [key, since] of this.since) {
      const [process, number] = key.split('/').map(Number);
      const agent = agentAt(world, process);
      if (agent === undefined || agent.lock.heldBy !== 0) {
        this.freeSince.set(process, world.now);
        continue;
      }
      const id = agent.checkIds[number];
      const entry = agent.local.checks.get(id);
      const after = agent.runners.get(id)?.definition.deregisterAfterMicros ?? 0;
      const ofService = (entry?.check?.serviceId ?? '') !== '' && entry?.deleted === false;
      if (!ofService || after === 0) continue;
      const due = (Math.max(after, MICROS_MIN) + LOOK_MICROS) / SHARE + SLACK_MICROS;
      const free = this.freeSince.get(process) ?? 0;
      if (world.now - since <= due || world.now - free <= LOOK_MICROS + SLACK_MICROS) continue;
      report(`${id} has been critical for ${inSeconds(due)}, and its service is still there`, [
        process,
      ]);
    }
  }

  save(): unknown {
    const { exercised, since, freeSince } = this;
    return { exercised, since: [...since], freeSince: [...freeSince] };
  }

  restore(state: unknown): void {
    const { exercised, since, freeSince } = state as {
      exercised: number;
      since: readonly (readonly [string, number])[];
      freeSince: readonly (readonly [ProcessIndex, number])[];
    };
    this.exercised = exercised;
    this.since = new Map(since);
    this.freeSince = new Map(freeSince);
  }
}

export const reap: Invariant = {
  name: 'check.reap',
  expectation: 'always',
  occasional: true,
  statement:
    'A service is removed when a check of it has been critical for its time, a minute at least, and ' +
    'within 30 s from then.',
  source: 'hashicorp/consul:agent/agent.go (reapServicesInternal, addCheck)',
  create: (context) => new Reap(context),
};
