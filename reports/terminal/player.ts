/**
 * Moves a watched run through time: at a speed, or to a goal, in slices short enough that keys are
 * answered between them.
 */
import type { Landmark } from '../../sim/run/watch/landmarks.ts';
import type { Watched } from '../../sim/run/watch/watched.ts';

/** Simulated seconds per second; the last is as fast as it goes. */
export const SPEEDS = [
  0.001,
  0.003,
  0.01,
  0.03,
  0.1,
  0.3,
  1,
  3,
  10,
  30,
  100,
  1000,
  Infinity,
] as const;
export const REAL_TIME = SPEEDS.indexOf(1);

/** Where a run forward stops by itself. */
export type Goal =
  | { readonly kind: 'event'; readonly event: number }
  | { readonly kind: 'time'; readonly micros: number }
  /** The next of all landmarks, or the next violation. */
  | { readonly kind: 'landmark' | 'violation'; readonly after: number };

const SLICE_EVENTS = 256;
/** A pause of the program itself is not made up for. */
const GAP_SECONDS_MAX = 0.25;

export class Player {
  running = false;
  goal: Goal | null = null;
  speed: number = REAL_TIME;
  /** The moment that is shown; it may lie between two events. */
  shownMicros = 0;
  private readonly watched: Watched;
  private last = -1;

  constructor(watched: Watched) {
    this.watched = watched;
  }

  /** Something is to be done at the next turn. */
  get busy(): boolean {
    return this.running || this.goal !== null;
  }

  /** Work is waiting, so that the next turn should come at once. */
  get eager(): boolean {
    return this.goal !== null || (this.running && SPEEDS[this.speed] === Infinity);
  }

  toggle(): void {
    if (this.goal !== null) this.goal = null;
    else this.running = !this.running && !this.watched.session.ended;
    this.last = -1;
  }

  stop(): void {
    this.running = false;
    this.goal = null;
    this.last = -1;
  }

  setSpeed(speed: number): void {
    this.speed = Math.max(0, Math.min(SPEEDS.length - 1, speed));
  }

  /** Stands where the session stands. */
  arrive(): void {
    this.shownMicros = this.watched.session.nowMicros;
  }

  stepForward(): boolean {
    this.stop();
    const more = this.watched.stepForward();
    this.arrive();
    return more;
  }

  stepBack(): void {
    this.stop();
    this.watched.stepBack();
    this.arrive();
  }

  /** Back at once, forward in slices. */
  go(goal: Goal): void {
    this.stop();
    const { session } = this.watched;
    const place = this.placeOf(goal);
    const known: Goal = place === undefined ? goal : { kind: 'event', event: place.event };
    if (known.kind === 'event' && known.event <= session.event) {
      this.watched.goBackTo(known.event);
    } else if (known.kind === 'time' && known.micros < session.nowMicros) {
      this.watched.goBackToTime(known.micros);
      this.shownMicros = known.micros;
      return;
    } else {
      this.goal = known;
      return;
    }
    this.arrive();
  }

  /** To the landmark before this event; false where there is none. */
  goToPrevious(): boolean {
    const { session, landmarks } = this.watched;
    const place = landmarks.before(session.event);
    if (place === undefined) return false;
    this.go({ kind: 'event', event: place.event });
    return true;
  }

  /** One turn: works for at most `budget` seconds of the clock that `now` reads. */
  turn(now: () => number, budget: number): void {
    const begin = now();
    if (this.goal !== null) this.pursue(this.goal, () => now() - begin < budget);
    else if (this.running) this.play(begin, () => now() - begin < budget);
    if (this.watched.session.ended) {
      this.running = false;
      if (this.goal !== null) this.goal = null;
      this.arrive();
    }
  }

  private placeOf(goal: Goal): Landmark | undefined {
    const { all } = this.watched.landmarks;
    if (goal.kind !== 'landmark' && goal.kind !== 'violation') return undefined;
    return all.find(
      ({ event, kind }) => event > goal.after && (goal.kind === 'landmark' || kind === 'violation'),
    );
  }

  private play(now: number, inTime: () => boolean): void {
    const { watched } = this;
    const speed = SPEEDS[this.speed]!;
    const { endMicros } = watched.moment;
    const passed = this.last < 0 ? 0 : Math.min(GAP_SECONDS_MAX, now - this.last);
    this.last = now;
    const until = speed === Infinity ? endMicros : this.shownMicros + passed * 1e6 * speed;
    let there = false;
    do there = watched.advance(until, SLICE_EVENTS) < SLICE_EVENTS;
    while (!there && inTime());
    if (there) this.shownMicros = Math.min(until, endMicros);
    else this.arrive();
  }

  private pursue(goal: Goal, inTime: () => boolean): void {
    const { watched } = this;
    const { session } = watched;
    do {
      if (goal.kind === 'event') {
        const left = goal.event - 1 - session.event;
        const went = left > 0 ? watched.advance(Infinity, Math.min(left, SLICE_EVENTS)) : 0;
        // The last event is a step, so that what it changed can be shown.
        if (session.event >= goal.event - 1 || went === 0) return this.reach(true);
      } else if (goal.kind === 'time') {
        if (watched.advance(goal.micros, SLICE_EVENTS) < SLICE_EVENTS) return this.reach(false);
      } else {
        const went = watched.advance(Infinity, SLICE_EVENTS);
        const place = this.placeOf(goal);
        if (place !== undefined) {
          watched.goBackTo(place.event);
          watched.forgetAfter(place.event);
          return this.reach(false);
        }
        if (went < SLICE_EVENTS) return this.reach(false);
      }
    } while (inTime());
    this.arrive();
  }

  private reach(step: boolean): void {
    if (step) this.watched.stepForward();
    const { goal, watched } = this;
    this.goal = null;
    this.arrive();
    if (goal?.kind === 'time' && !watched.session.ended) {
      this.shownMicros = Math.max(
        this.shownMicros,
        Math.min(goal.micros, watched.moment.endMicros),
      );
    }
  }
}
