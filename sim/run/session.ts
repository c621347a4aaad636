/**
 * A run that can be walked through in both directions: step, back, seek, edit, fork. Going back
 * restores the nearest checkpoint and runs forward again, which is exact because a run is a function
 * of scenario, seed and edits. Checkpoints form a ladder whose rungs lie close together near the
 * present and ever farther apart before it, so that a step back re-runs few events however long the
 * run has become.
 */
import type { FaultAction, FaultSpec, Scenario } from '../../scenarios/scenario.ts';
import type { View } from '../core/machine.ts';
import type { WorldState } from '../core/world-save.ts';
import { describeAction } from '../faults/label.ts';
import { Execution } from './execution.ts';

/** A fault made by hand, as an item of a scenario that does the same. */
export interface Edit {
  readonly fault: FaultSpec;
  /** It was made when this event was the last one. */
  readonly afterEvent: number;
}

interface Checkpoint {
  readonly event: number;
  readonly state: WorldState;
  /** How many edits had been applied. */
  readonly edits: number;
}

export interface SessionOptions {
  /** Checkpoints that are kept at most, 3 at least. */
  readonly checkpointsMax: number;
  /** Events between two checkpoints as the run goes forward. */
  readonly checkpointEvents: number;
}

/** Of few processes; of many, whose checkpoints are large, fewer are kept. */
const CHECKPOINTS_MAX = 64;
const CHECKPOINTS_LEAST = 12;
/** A checkpoint holds something of each process, and is worth some events of each. */
const CHECKPOINT_EVENTS = 4_000;
const CHECKPOINT_EVENTS_MAX = 12_000;
const EVENTS_OF_PROCESS = 12;

/** On the way back to an event a checkpoint is left so many events before it, for the next step. */
const REST_EVENTS = 200;

/** A large world's checkpoints are rare and few: copying them costs time, and so does keeping them. */
function optionsFor(processes: number): SessionOptions {
  const events = Math.max(CHECKPOINT_EVENTS, EVENTS_OF_PROCESS * processes);
  const checkpointEvents = Math.min(CHECKPOINT_EVENTS_MAX, events);
  const kept = Math.round((CHECKPOINTS_MAX * CHECKPOINT_EVENTS) / events);
  return { checkpointEvents, checkpointsMax: Math.max(CHECKPOINTS_LEAST, kept) };
}

/** What one process shows of itself. */
export interface ProcessView {
  readonly name: string;
  readonly status: string;
  readonly machines: readonly { readonly machine: string; readonly view: View }[];
}

/** One step of a causal chain, latest first. */
export interface Reason {
  readonly event: number;
  readonly time: number;
  /** The event whose input the lane handled late, at this one; 0 for none. */
  readonly woken: number;
}

export class Session {
  readonly scenario: Scenario;
  readonly seed: number;
  private readonly execution: Execution;
  private readonly options: SessionOptions;
  private checkpoints: Checkpoint[] = [];
  private madeEdits: Edit[] = [];
  private applied = 0;

  /** Stands at the beginning; `edits` are made on the way. */
  constructor(
    scenario: Scenario,
    seed: number,
    options: Partial<SessionOptions> = {},
    edits: readonly Edit[] = [],
  ) {
    this.scenario = scenario;
    this.seed = seed;
    this.madeEdits = edits.slice();
    this.execution = new Execution(scenario, seed, { trace: 'full', observers: true });
    this.options = { ...optionsFor(this.execution.world.processes.length), ...options };
    this.execution.start();
    this.keepCheckpoint();
    this.applyEdits();
  }

  get nowMicros(): number {
    return this.execution.world.now;
  }

  /** Number of the last event that has happened. */
  get event(): number {
    return this.execution.world.event;
  }

  get ended(): boolean {
    return this.execution.ended;
  }

  get fingerprint(): string {
    return this.execution.world.fingerprint.hex();
  }

  get edits(): readonly Edit[] {
    return this.madeEdits;
  }

  /** So many of the edits lie before this moment. */
  get editsApplied(): number {
    return this.applied;
  }

  /** The run itself, to look at; what changes it must go through this session. */
  get run(): Execution {
    return this.execution;
  }

  /** One event forward; false at the end of the run. */
  step(): boolean {
    const { world } = this.execution;
    const more = this.execution.step();
    if (!more) return false;
    if (world.event % this.options.checkpointEvents === 0) this.keepCheckpoint();
    this.applyEdits();
    return true;
  }

  /** Forward until this time, or at most so many events. */
  runUntil(micros: number, events = Infinity): void {
    for (let i = 0; i < events; i++) {
      if (this.execution.world.deadlines.nextEventTime() > micros || !this.step()) return;
    }
  }

  /** So many events back; the beginning is as far as it goes. */
  back(events = 1): void {
    this.seekEvent(Math.max(0, this.event - events));
  }

  /** To the moment after this event, forward or back. */
  seekEvent(event: number): void {
    if (event < this.event) {
      this.restoreBefore((checkpoint) => checkpoint.event <= event);
      const rest = event - REST_EVENTS;
      if (this.event < rest) {
        while (this.event < rest && this.step());
        this.keepCheckpoint();
      }
    }
    while (this.event < event && this.step());
  }

  /** To the moment after the last event at or before this time. */
  seekTime(micros: number): void {
    if (micros < this.nowMicros) {
      this.restoreBefore((checkpoint) => checkpoint.state.now <= micros);
    }
    this.runUntil(micros);
  }

  /**
   * Does something to the cluster now, or at a time before the next event. What had been done later
   * is forgotten: the future is new.
   */
  inject(
    action: FaultAction,
    lastsMicros: number | null = null,
    atMicros = this.nowMicros + 1,
  ): Edit {
    this.discardFuture();
    const fault = this.faultOf(action, lastsMicros, Math.max(atMicros, this.nowMicros + 1));
    const edit: Edit = { fault, afterEvent: this.event };
    this.madeEdits.push(edit);
    this.applyEdits();
    return edit;
  }

  /** It begins before everything else of its microsecond: so would the item in a file. */
  private faultOf(action: FaultAction, lastsMicros: number | null, atMicros: number): FaultSpec {
    const numbers = this.execution.faults.plan().map(({ number }) => number);
    return {
      kind: 'fault',
      label: describeAction(action),
      number: Math.max(0, ...numbers) + 1,
      origin: 'edit',
      trigger: { kind: 'at', atMicros },
      lasts: lastsMicros === null ? null : { kind: 'constant', micros: lastsMicros },
      patienceMicros: 0,
      action,
    };
  }

  /** Edits and checkpoints behind this moment belong to a future that will not happen. */
  private discardFuture(): void {
    const { event } = this;
    this.madeEdits = this.madeEdits.slice(0, this.applied);
    this.checkpoints = this.checkpoints.filter((checkpoint) => checkpoint.event <= event);
  }

  /** Takes the last edit back, and with it the future: the session stands where it was made. */
  undo(): Edit | undefined {
    const edit = this.madeEdits.at(-1);
    if (edit === undefined) return undefined;
    const { afterEvent } = edit;
    this.madeEdits = this.madeEdits.slice(0, -1);
    this.checkpoints = this.checkpoints.filter(
      ({ event, edits }) => event <= afterEvent && edits <= this.madeEdits.length,
    );
    this.restoreBefore(({ event }) => event <= afterEvent);
    while (this.event < afterEvent && this.step());
    return edit;
  }

  /** An independent session at the same moment with the same past. */
  fork(): Session {
    const edits = this.madeEdits.slice(0, this.applied);
    const copy = new Session(this.scenario, this.seed, this.options, edits);
    copy.seekEvent(this.event);
    return copy;
  }

  /** What is edited after an event is in force as soon as the session stands there. */
  private applyEdits(): void {
    while (this.applied < this.madeEdits.length) {
      const edit = this.madeEdits[this.applied];
      if (edit.afterEvent !== this.event) return;
      this.applied++;
      this.execution.faults.inject(edit.fault);
    }
  }

  private keepCheckpoint(): void {
    const { event } = this;
    const at = this.checkpoints.findLastIndex((checkpoint) => checkpoint.event <= event) + 1;
    if (at > 0 && this.checkpoints[at - 1].event === event) return;
    const state = this.execution.world.save();
    this.checkpoints.splice(at, 0, { event, state, edits: this.applied });
    if (this.checkpoints.length > this.options.checkpointsMax) this.dropCheckpoint();
  }

  /** The one whose absence leaves the smallest gap for how far away it is; never the first or last. */
  private dropCheckpoint(): void {
    const { checkpoints, event } = this;
    let least = Infinity;
    let drop = 1;
    for (let at = 1; at < checkpoints.length - 1; at++) {
      const gap = checkpoints[at + 1].event - checkpoints[at - 1].event;
      const distance = Math.abs(event - checkpoints[at].event) + 1;
      if (gap / distance >= least) continue;
      least = gap / distance;
      drop = at;
    }
    checkpoints.splice(drop, 1);
  }

  private restoreBefore(fits: (checkpoint: Checkpoint) => boolean): void {
    const checkpoint = this.checkpoints.findLast(fits) ?? this.checkpoints[0];
    this.execution.world.restore(checkpoint.state);
    this.applied = checkpoint.edits;
    this.applyEdits();
  }

  views(): ProcessView[] {
    return this.execution.world.processes.map((process) => ({
      name: process.name,
      status: process.status,
      machines: process.slots.map(({ machine, state }) => ({
        machine: machine.name,
        view: state === undefined ? {} : machine.view(state),
      })),
    }));
  }

  /** The causes of an event, back to the start of the run or for so many steps. */
  why(event: number, steps = 50): Reason[] {
    const { trace } = this.execution.world;
    const reasons: Reason[] = [];
    let at = event;
    while (trace.has(at) && reasons.length < steps) {
      reasons.push({ event: at, time: trace.time(at), woken: trace.woken(at) });
      at = trace.cause(at);
    }
    return reasons;
  }
}
