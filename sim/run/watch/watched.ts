/**
 * A run that somebody watches: a session, the landmarks that have been found, what the last event
 * changed, and the future that the last edit has put an end to. Everything is handed out as plain
 * data, so that a screen never touches the world.
 */
import type { Config } from '../../../scenarios/load.ts';
import type { FaultAction, Scenario } from '../../../scenarios/scenario.ts';
import { storyOf } from '../../explore/story.ts';
import type { CheckSummary } from '../../check/checks.ts';
import type { Violation } from '../result.ts';
import { Session } from '../session.ts';
import type { Edit, SessionOptions } from '../session.ts';
import { changesBetween, pictureOf } from './changes.ts';
import type { Change } from './changes.ts';
import { parseFault } from './commands.ts';
import type { Typed } from './commands.ts';
import { happeningAt } from './happenings.ts';
import type { Happening } from './happenings.ts';
import { Landmarks } from './landmarks.ts';
import { touchNext } from './next-message.ts';
import type { NextMessage } from './next-message.ts';
import { savedRun } from './saved.ts';
import { Sights } from './sights.ts';

export interface WatchSource {
  readonly scenario: Scenario;
  /** The same in the language, for what is saved. */
  readonly config: Config;
  readonly seed: number;
  readonly options?: Partial<SessionOptions>;
}

/** Where a run stands. */
export interface Moment {
  readonly scenario: string;
  readonly seed: number;
  readonly nowMicros: number;
  readonly event: number;
  readonly ended: boolean;
  readonly durationMicros: number;
  readonly endMicros: number;
  readonly fingerprint: string;
  /** Of those that count: allowed anomalies do not. */
  readonly violations: readonly Violation[];
}

/** The run as it would have gone on without the last edit. */
export interface OtherFuture {
  readonly session: Session;
  readonly landmarks: Landmarks;
  readonly sights: Sights;
  /** Where the two part. */
  readonly fromMicros: number;
  readonly fromEvent: number;
  /** What was done, in words. */
  readonly edit: string;
}

export class Watched {
  readonly source: WatchSource;
  readonly session: Session;
  readonly landmarks: Landmarks;
  readonly sights: Sights;
  /** What the last event changed; null where the run came here in a leap. */
  changes: readonly Change[] | null = null;
  other: OtherFuture | null = null;
  private judgedAt = -1;

  constructor(source: WatchSource) {
    this.source = source;
    this.session = new Session(source.scenario, source.seed, source.options);
    this.landmarks = new Landmarks(this.session.run);
    this.sights = new Sights(this.session.run, this.landmarks);
  }

  get moment(): Moment {
    const { session } = this;
    const { scenario, run } = session;
    return {
      scenario: scenario.name,
      seed: session.seed,
      nowMicros: session.nowMicros,
      event: session.event,
      ended: session.ended,
      durationMicros: scenario.durationMicros,
      endMicros: run.endMicros,
      fingerprint: session.fingerprint,
      violations: run.checks!.violations().filter(({ status }) => status !== 'allowed'),
    };
  }

  /** One event forward; what it changed can be asked for. False at the end. */
  stepForward(): boolean {
    const { world } = this.session.run;
    const servers = this.session.run.simulation.servers.map(({ process }) => process);
    const before = pictureOf(world, servers);
    const more = this.session.step();
    if (more) this.changes = changesBetween(world, before, pictureOf(world, servers));
    this.arrived();
    return more;
  }

  stepBack(): void {
    this.goBackTo(this.session.event - 1);
  }

  /** Back to the moment after this event; going forward is done by `advance`, in slices. */
  goBackTo(event: number): void {
    if (event >= this.session.event) return;
    this.session.seekEvent(Math.max(0, event - 1));
    this.changes = null;
    if (event > 0) this.stepForward();
  }

  /** Back to the last event at or before this time. */
  goBackToTime(micros: number): void {
    this.session.seekTime(micros);
    this.goBackTo(this.session.event);
    this.changes = null;
  }

  /** So many events forward at most, none of them after `untilMicros`; returns how many. */
  advance(untilMicros: number, events: number): number {
    const before = this.session.event;
    this.session.runUntil(untilMicros, events);
    if (this.session.event > before) this.changes = null;
    this.arrived();
    return this.session.event - before;
  }

  private arrived(): void {
    const { session } = this;
    if (session.ended && this.judgedAt !== session.event) {
      this.judgedAt = session.event;
      session.run.checks!.judgeHistories();
      session.run.checks!.judgeEventual();
      this.landmarks.lookAtViolations();
    }
    this.landmarks.look();
  }

  /** Faults made by hand have no effect behind the end of `duration`, where everything is healed. */
  get refusal(): string | null {
    const { nowMicros, scenario } = this.session;
    if (nowMicros + 1 < scenario.durationMicros) return null;
    return (
      'Cannot break anything now: the run is past its duration, where everything is healed. ' +
      'Go back first.'
    );
  }

  /** True where an edit would put an end to a future that is known. */
  get inPast(): boolean {
    return this.landmarks.knownTo > this.session.event;
  }

  /** At a time before the next event, or at once. */
  inject(action: FaultAction, lastsMicros: number | null, atMicros?: number): Edit {
    const before = this.session.edits.slice();
    const edit = this.session.inject(action, lastsMicros, atMicros);
    this.onEdited(edit.fault.label, before);
    return edit;
  }

  /** Loses or delays the next message on one link; null where none comes. */
  touchNext(message: NextMessage, atMicros: number): number | null {
    const before = this.session.edits.slice();
    const lasts = touchNext(this.session, message, atMicros);
    const { from, to, lateMicros } = message;
    const what = lateMicros === null ? 'drop' : 'hold';
    if (lasts !== null) this.onEdited(`${what} the next message from ${from} to ${to}`, before);
    return lasts;
  }

  /** Nobody has seen what comes after this event, though the search for a landmark has been there. */
  forgetAfter(event: number): void {
    this.landmarks.forgetAfter(event);
  }

  /** What the scenario language calls this text, if it is a fault. */
  parse(text: string): Typed {
    return parseFault(this.source.config, text, this.session.nowMicros + 1);
  }

  /** Takes the last edit back; what it was, or null. */
  undo(): string | null {
    const last = this.session.edits.at(-1);
    if (last === undefined) return null;
    const { label } = last.fault;
    const before = this.session.edits.slice();
    this.session.undo();
    this.changes = null;
    this.onEdited(`undo ${label}`, before);
    return label;
  }

  /** `before` are the edits of the future that will not be. */
  private onEdited(label: string, before: readonly Edit[]): void {
    const { source, session } = this;
    this.landmarks.forgetAfter(session.event);
    const other = new Session(source.scenario, source.seed, source.options, before);
    const landmarks = new Landmarks(other.run);
    this.other = {
      session: other,
      landmarks,
      sights: new Sights(other.run, landmarks),
      fromMicros: session.nowMicros,
      fromEvent: session.event,
      edit: label,
    };
  }

  /** The other future has events up to this time that it has not had yet. */
  otherIsBehind(micros: number): boolean {
    const { other } = this;
    if (other === null || other.session.ended) return false;
    return other.session.run.world.deadlines.nextEventTime() <= micros;
  }

  /** Takes the other future to this time, or some events nearer to it. */
  catchUp(micros: number, events: number): void {
    const { other } = this;
    if (other === null) return;
    if (other.session.nowMicros > micros) other.session.seekTime(micros);
    other.session.runUntil(micros, events);
    other.landmarks.look();
  }

  /** Of an event of the past. */
  timeOf(event: number): number {
    return this.session.run.world.trace.time(event);
  }

  happening(event: number): Happening {
    return happeningAt(this.session.run, event);
  }

  /** The causes of an event, itself first. */
  why(event: number, steps: number): Happening[] {
    return this.session.why(event, steps).map((reason) => this.happening(reason.event));
  }

  /** How the first violation came about, as in reports. */
  story(): string[] {
    const { world, checks } = this.session.run;
    return storyOf(world, { violations: this.moment.violations, invariants: checks!.summaries() });
  }

  invariants(): CheckSummary[] {
    return this.session.run.checks!.summaries();
  }

  /** Names of invariants and what they still wait for. */
  pendingInvariants(): readonly (readonly [string, string])[] {
    return this.session.run.checks!.pending();
  }

  /** The run with its edits as the text of a scenario file. */
  saved(name: string, file: string): string {
    return savedRun({ config: this.source.config, session: this.session, name, file });
  }
}
