/**
 * Lets time pass between keys: turns of the controller short enough for keys to come between them,
 * and frames no more often than anybody can see.
 */
import type { Controller } from './controller.ts';
import type { Key } from './keys.ts';
import { Pacing } from './pacing.ts';

/** Seconds that one turn may take. */
const TURN_SECONDS = 0.008;
const IDLE_MILLIS = 1000;
const PLAYING_MILLIS = 16;

export interface LoopOptions {
  readonly controller: Controller;
  /** Seconds of wall time. */
  readonly now: () => number;
  /** Draws a frame now. */
  readonly draw: () => void;
  readonly onQuit: () => void;
  /** Leaves the screen to the shell, and comes back. */
  readonly onSuspend: () => void;
  /** Something went wrong that nobody can go on from. */
  readonly onError: (error: unknown) => void;
}

export class Loop {
  private readonly options: LoopOptions;
  private readonly pacing: Pacing;
  private dirty = true;
  private keyed = false;
  private stopped = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private immediate: ReturnType<typeof setImmediate> | null = null;

  constructor(options: LoopOptions) {
    this.options = options;
    this.pacing = new Pacing(options.now);
  }

  start(): void {
    this.schedule(0);
  }

  stop(): void {
    this.stopped = true;
    this.clear();
  }

  /** The screen has another size, or something else of it has changed. */
  redraw(): void {
    this.dirty = this.keyed = true;
    this.guard(() => this.maybeDraw());
    this.scheduleNext();
  }

  onKeys(keys: readonly Key[]): void {
    const { controller, onQuit, onSuspend } = this.options;
    this.guard(() => keys.forEach((key) => controller.press(key)));
    if (controller.quitting) {
      this.stop();
      onQuit();
      return;
    }
    if (controller.suspending) {
      controller.suspending = false;
      onSuspend();
    }
    this.redraw();
  }

  private onTurn(): void {
    const { controller, now } = this.options;
    this.guard(() => {
      if (controller.busy) {
        controller.turn(now, TURN_SECONDS);
        this.dirty = true;
      }
      this.maybeDraw();
    });
    this.scheduleNext();
  }

  private maybeDraw(): void {
    if (!this.dirty || this.stopped || this.pacing.wait(this.keyed) > 0) return;
    this.pacing.drawn();
    this.dirty = this.keyed = false;
    this.options.draw();
  }

  private scheduleNext(): void {
    if (this.stopped) return;
    const { controller } = this.options;
    const drawing = this.dirty ? this.pacing.wait(this.keyed) * 1000 : IDLE_MILLIS;
    const playing = controller.eager ? 0 : controller.busy ? PLAYING_MILLIS : IDLE_MILLIS;
    if (!controller.busy && !this.dirty) return this.clear();
    this.schedule(Math.min(drawing, playing));
  }

  private schedule(millis: number): void {
    this.clear();
    // An immediate lets what has come from the keyboard go first.
    if (millis <= 0) this.immediate = setImmediate(() => this.onTurn());
    else this.timer = setTimeout(() => this.onTurn(), millis);
  }

  private clear(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.immediate !== null) clearImmediate(this.immediate);
    this.timer = this.immediate = null;
  }

  private guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.stop();
      this.options.onError(error);
    }
  }
}
