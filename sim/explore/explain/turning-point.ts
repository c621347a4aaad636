/**
 * The point of no return: how likely the violation is from each moment of the run on, if chance is
 * dealt anew. Checkpoints of the failing run are continued with fresh draws; where the share of
 * continuations that fail jumps, the interval is halved until one event is left.
 */
import type { Scenario } from '../../../scenarios/scenario.ts';
import { EVENT_NAMES } from '../../core/events.ts';
import { Transcript } from '../../core/transcript.ts';
import type { WorldState } from '../../core/world-save.ts';
import { Execution } from '../../run/execution.ts';

export interface TurningOptions {
  /** Moments at which futures are dealt first. */
  readonly checkpoints: number;
  /** Futures of each moment. */
  readonly futures: number;
}

export const TURNING: TurningOptions = { checkpoints: 10, futures: 16 };

/** How likely the violation is from the moment after this event on. */
export interface Odds {
  readonly event: number;
  /** Seconds. */
  readonly time: number;
  readonly share: number;
}

export interface TurningPoint {
  /** By event, those between which the jump was looked for included. */
  readonly curve: readonly Odds[];
  /** Just before and just after the event at which the share jumps. */
  readonly before: Odds;
  readonly after: Odds;
  /** That event, as a transcript tells it. */
  readonly what: string;
}

/** Shares that differ by less than this are no jump. */
const JUMP_MIN = 0.2;
/** Halvings of one interval: more than any run has. */
const HALVINGS_MAX = 40;

interface Moment extends Odds {
  readonly state: WorldState;
}

/** Null where the violation does not show, or no moment stands out. */
export function turningPoint(
  scenario: Scenario,
  seed: number,
  invariant: string,
  lastEvent: number,
  options: TurningOptions = TURNING,
): TurningPoint | null {
  return new Futures(scenario, seed, invariant, options).search(lastEvent);
}

class Futures {
  private readonly execution: Execution;
  private readonly invariant: string;
  private readonly options: TurningOptions;
  /** It is only known at the end whether it came true. */
  private readonly late: boolean;

  constructor(scenario: Scenario, seed: number, invariant: string, options: TurningOptions) {
    this.execution = new Execution(scenario, seed, { trace: 'full', observers: true });
    this.execution.start();
    this.invariant = invariant;
    this.options = options;
    const found = this.execution.checks?.summaries().find(({ name }) => name === invariant);
    this.late = found?.expectation === 'eventually';
  }

  search(lastEvent: number): TurningPoint | null {
    const { checkpoints } = this.options;
    const wanted = Array.from({ length: checkpoints + 1 }, (_, at) =>
      Math.floor((lastEvent * at) / checkpoints),
    );
    const moments = this.momentsAt([...new Set(wanted)]);
    for (let halvings = 0; halvings < HALVINGS_MAX; halvings++) {
      const at = jumpOf(moments);
      if (at < 0) return null;
      const [before, after] = [moments[at]!, moments[at + 1]!];
      if (after.event - before.event <= 1) return this.toldOf(moments, before, after);
      moments.splice(at + 1, 0, this.between(before, after.event));
    }
    return null;
  }

  /** Ascending. The state is saved before its futures are tried, and taken up again after them. */
  private momentsAt(events: readonly number[]): Moment[] {
    return events.map((event) => {
      this.runTo(event);
      return this.momentHere();
    });
  }

  private between(before: Moment, after: number): Moment {
    this.execution.world.restore(before.state);
    this.runTo(Math.floor((before.event + after) / 2));
    return this.momentHere();
  }

  private runTo(event: number): void {
    while (this.execution.world.event < event && this.execution.step());
  }

  private momentHere(): Moment {
    const { world } = this.execution;
    const state = world.save();
    const { event, now } = world;
    const { futures } = this.options;
    let failed = 0;
    for (let future = 0; future < futures; future++) {
      world.restore(state);
      world.streams.refresh(`future ${future}`);
      if (this.fails()) failed++;
    }
    world.restore(state);
    return { event, time: now / 1e6, share: failed / futures, state };
  }

  /** Runs on to the end, or until the violation is there. */
  private fails(): boolean {
    const { execution } = this;
    const checks = execution.checks!;
    for (let steps = 1; execution.step(); steps++) {
      if (!this.late && steps % 256 === 0 && this.isViolated()) return true;
    }
    checks.judgeHistories();
    checks.judgeEventual();
    return this.isViolated();
  }

  private isViolated(): boolean {
    return this.execution
      .checks!.violations()
      .some(({ invariant, status }) => invariant === this.invariant && status !== 'allowed');
  }

  private toldOf(moments: readonly Moment[], before: Moment, after: Moment): TurningPoint {
    const { world } = this.execution;
    world.restore(after.state);
    const lines = new Transcript(world).lines({ detail: 1 });
    const told = lines.findLast((line) => line.endsWith(`<- #${after.event}`));
    const kind = EVENT_NAMES[world.trace.kind(after.event)] ?? 'event';
    const { name } = world.processes[world.trace.process(after.event)]!;
    const what = told ?? `${after.time.toFixed(6)}s  ${kind} at ${name}`;
    const plain = ({ event, time, share }: Moment): Odds => ({ event, time, share });
    return { curve: moments.map(plain), before: plain(before), after: plain(after), what };
  }
}

/** Place of the moment before the largest rise; -1 where there is none worth the name. */
function jumpOf(moments: readonly Moment[]): number {
  let best = -1;
  let most = JUMP_MIN;
  for (let at = 0; at + 1 < moments.length; at++) {
    const rise = moments[at + 1]!.share - moments[at]!.share;
    if (rise < most) continue;
    most = rise;
    best = at;
  }
  return best;
}
