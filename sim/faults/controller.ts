/**
 * Whoever makes things go wrong in a run. Everything it does is an event of the world before all
 * others of its microsecond, so that the same fault in a file and by hand gives the same run; all its
 * randomness comes from the streams `swarm` and `fault/<number>`.
 */
import type { Controller } from '../core/world.ts';
import type { FaultAction, FaultItem, FaultSpec } from '../../scenarios/scenario.ts';
import { Conditions } from './conditions.ts';
import type { ConditionsState } from './conditions.ts';
import type { FaultContext } from './context.ts';
import type { Occurrence } from './occurrence.ts';
import { Occurrences } from './occurrences.ts';
import { appended, editOf, makePlan } from './plan.ts';
import type { Plan } from './plan.ts';
import { describeRestart } from './restart.ts';
import { ACT_NAMES, Act, actOf, indexOf, tagOf } from './tags.ts';

export type { FaultContext } from './context.ts';

/** One occurrence as reports show it; a fault that never began has one too, inert. */
export interface FaultReport {
  readonly name: string;
  /** Seconds; for one that found nobody, since when it looked and when it gave up. */
  readonly begin: number;
  readonly end: number;
  /** Messages, writes, processes or clocks that it touched. */
  readonly affected: number;
  readonly inert: boolean;
}

/** What one fault of the plan touched in all its occurrences: `fault.effect{number}`. */
export interface FaultEffect {
  readonly number: number;
  readonly label: string;
  readonly occurrences: number;
  readonly affected: number;
}

export interface FaultInForce {
  /** With its progress where it has one: `restart s1..s3: step 2 of 3, s2 waits for a leader`. */
  readonly label: string;
  /** Seconds. */
  readonly since: number;
}

interface FaultsState {
  readonly plan: Plan;
  readonly conditions: ConditionsState;
  readonly occurrences: readonly Occurrence[];
  readonly advanced: readonly number[];
  readonly closed: number;
}

const SECOND_MICROS = 1_000_000;

export class Faults implements Controller {
  private made: Plan;
  private readonly context: FaultContext;
  private readonly conditions: Conditions;
  private readonly occurrences: Occurrences;
  /** Steps of sequences after which the next one has been set off. */
  private advanced = new Set<number>();
  /** Faults below this place of the plan do not begin any more. */
  private closed = 0;

  /** Draws the swarm, if there is one. */
  constructor(context: FaultContext) {
    this.context = context;
    this.made = makePlan(context.scenario, context.world);
    const specOf = (fault: number): FaultSpec => this.made.specs[fault];
    this.occurrences = new Occurrences(context, specOf, (fault) => this.maybeGoOn(fault));
    this.conditions = new Conditions(
      context,
      specOf,
      (fault, afterMicros) => this.schedule(fault, context.world.now + afterMicros),
      () => this.lookAgain(),
    );
  }

  /** Schedules everything; call it once, before the first event. */
  start(): void {
    const { specs, next } = this.made;
    if (specs.length === 0) return;
    this.conditions.listen(specs);
    const later = new Set(next);
    specs.forEach((_, fault) => {
      if (!later.has(fault)) this.setOff(fault);
    });
  }

  /** The trigger of a fault begins to count: at once, or as its sequence comes to it. */
  private setOff(fault: number): void {
    const { now } = this.context.world;
    const { trigger } = this.made.specs[fault];
    switch (trigger.kind) {
      case 'at':
        this.schedule(fault, Math.max(now, trigger.atMicros));
        return;
      case 'every':
        this.scheduleNext(fault, Math.max(now, trigger.sinceMicros));
        return;
      case 'when':
        this.conditions.watch(fault);
        return;
      case 'next':
        this.schedule(fault, now + trigger.afterMicros);
    }
  }

  private schedule(fault: number, micros: number): void {
    this.context.world.control(micros, tagOf(Act.begin, fault));
  }

  /** The next of a fault that comes again and again, one period after `fromMicros`. */
  private scheduleNext(fault: number, fromMicros: number): void {
    const { trigger } = this.made.specs[fault];
    if (trigger.kind !== 'every') return;
    const micros = fromMicros + this.occurrences.drawPeriod(fault, trigger.period);
    if (micros <= trigger.untilMicros) this.schedule(fault, micros);
  }

  private begin(fault: number): void {
    if (fault < this.closed) return;
    this.scheduleNext(fault, this.context.world.now);
    this.occurrences.begin(fault);
  }

  /** Sets off the next step once this one has ended. */
  private maybeGoOn(fault: number): void {
    const next = this.made.next[fault];
    if (next < 0 || this.advanced.has(fault) || fault < this.closed) return;
    if (!this.occurrences.hasEnded(fault)) return;
    this.advanced.add(fault);
    this.setOff(next);
  }

  private lookAgain(): void {
    const { world } = this.context;
    for (const { id, phase } of this.occurrences.active()) {
      if (phase === 'waiting') world.control(world.now, tagOf(Act.retry, id));
    }
  }

  onControl(tag: number): void {
    const index = indexOf(tag);
    switch (actOf(tag)) {
      case Act.begin:
        this.begin(index);
        break;
      case Act.retry:
        this.occurrences.retry(index);
        break;
      case Act.end:
        this.occurrences.finish(index);
        break;
      case Act.advance:
        this.occurrences.advance(index);
        break;
      case Act.giveUp:
        this.occurrences.giveUp(index);
    }
    this.occurrences.afterAct();
  }

  onCrashPoint(process: number, tag: number): void {
    this.occurrences.strike(process, tag);
  }

  /**
   * The end of `duration`: nothing begins any more, every fault in force ends, and what is down comes
   * back, except servers that were never started. Call it inside an event; again is harmless.
   */
  healAll(): void {
    this.closed = this.made.specs.length;
    this.conditions.forgetAll();
    this.occurrences.giveUpAll();
    this.occurrences.afterAct();
    this.occurrences.endAll(-1);
    this.occurrences.startDown();
    this.occurrences.afterAct();
  }

  /**
   * An edit made by hand: an action at a time (now, if left out) and for so long (null: until a heal),
   * or a fault with a trigger of its own. The same fault at the end of the file gives the same run.
   */
  inject(
    edit: FaultAction | FaultSpec,
    atMicros: number = this.context.world.now,
    lastsMicros: number | null = null,
  ): FaultSpec {
    const spec = edit.kind === 'fault' ? edit : editOf(edit, this.made, atMicros, lastsMicros);
    this.made = appended(this.made, spec);
    this.conditions.listen([spec]);
    this.setOff(this.made.specs.length - 1);
    return spec;
  }

  /** Every fault of the run in order: the file's, what swarms have drawn, edits. */
  plan(): readonly FaultSpec[] {
    return this.made.specs;
  }

  /** The plan as items of a scenario, swarms replaced by what they have become. */
  items(): readonly FaultItem[] {
    return this.made.items;
  }

  /** Every occurrence in the order in which they were due, then the faults that never were. */
  results(): FaultReport[] {
    const { now } = this.context.world;
    const seen = new Set<number>();
    const reports = this.occurrences.all.map(({ id, fault, label, beginMicros, endMicros }) => {
      seen.add(fault);
      const end = endMicros < 0 ? now : endMicros;
      return report(label, beginMicros, end, this.occurrences.affected(id));
    });
    this.made.specs.forEach(({ label }, fault) => {
      if (!seen.has(fault)) reports.push(report(label, now, now, 0));
    });
    return reports;
  }

  /** In the order of the plan. */
  effects(): FaultEffect[] {
    const effects = this.made.specs.map(({ number, label }) => ({
      number,
      label,
      occurrences: 0,
      affected: 0,
    }));
    for (const { id, fault, happened } of this.occurrences.all) {
      if (!happened) continue;
      effects[fault].occurrences++;
      effects[fault].affected += this.occurrences.affected(id);
    }
    return effects;
  }

  inForce(): FaultInForce[] {
    return this.occurrences
      .active()
      .filter(({ phase }) => phase === 'in force')
      .map(({ label, beginMicros, held }) => ({
        label:
          held?.kind === 'restart'
            ? `${label}: ${describeRestart(held, this.context.world)}`
            : label,
        since: beginMicros / SECOND_MICROS,
      }));
  }

  /** When the last fault that happened was over; 0 before. */
  get lastEndMicros(): number {
    let last = 0;
    for (const { happened, endMicros } of this.occurrences.all) {
      if (happened) last = Math.max(last, endMicros);
    }
    return last;
  }

  /** What a control event does, for people who read a trace: `end crash s1`. */
  describe(tag: number): string {
    const index = indexOf(tag);
    const act = actOf(tag);
    const named = act === Act.begin ? this.made.specs[index] : this.occurrences.all[index];
    return `${ACT_NAMES[act]} ${named?.label ?? 'a fault'}`;
  }

  save(): FaultsState {
    return {
      plan: this.made,
      conditions: this.conditions.save(),
      occurrences: this.occurrences.save(),
      advanced: [...this.advanced],
      closed: this.closed,
    };
  }

  restore(saved: unknown): void {
    const state = saved as FaultsState;
    this.made = state.plan;
    this.conditions.restore(state.conditions);
    this.occurrences.restore(state.occurrences);
    this.advanced = new Set(state.advanced);
    this.closed = state.closed;
  }
}

function report(
  name: string,
  beginMicros: number,
  endMicros: number,
  affected: number,
): FaultReport {
  return {
    name,
    begin: beginMicros / SECOND_MICROS,
    end: endMicros / SECOND_MICROS,
    affected,
    inert: affected === 0,
  };
}
