/**
 * `call.recovers`: some time after all that went wrong is gone, calls succeed as they did before. If
 * not, the overload keeps itself up: a metastable failure, mostly fed by retries of calls whose
 * answers come too late. Judged for loads that once did well, in the part of the run in which they go
 * at their full rate.
 */
import { CallNote } from '../../service/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { instancesOf, isWell, loadAt } from './callers.ts';

const WINDOW_SECONDS = 10;
/** Time that a backlog is given to drain. */
const GRACE_SECONDS = 60;
const CALLS_MIN = 50;
/** Share of calls that succeed, to say that a load does well. */
const WELL = 0.9;

interface Tally {
  calls: number;
  attempts: number;
  successes: number;
  ended: number;
  didWell: boolean;
}

class Recovers implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [CallNote.attempted, CallNote.succeeded, CallNote.failed];
  /** Windows with everything well for long enough, after something was not. */
  exercised = 0;
  private seconds = 0;
  private wellSeconds = 0;
  private wasIll = false;
  private tallies = new Map<string, Tally>();
  private readonly context: CheckContext;
  private readonly instances: readonly ProcessIndex[];

  constructor(context: CheckContext) {
    this.context = context;
    this.instances = instancesOf(context.world);
  }

  onNote(kind: NoteKind, process: ProcessIndex, _a: number, _b: number, c: number): void {
    const load = loadAt(this.context.world, process);
    if (load === undefined) return;
    let tally = this.tallies.get(load);
    if (tally === undefined) {
      tally = { calls: 0, attempts: 0, successes: 0, ended: 0, didWell: false };
      this.tallies.set(load, tally);
    }
    if (kind === CallNote.attempted) {
      tally.attempts++;
      tally.calls += c;
    } else {
      tally.ended++;
      if (kind === CallNote.succeeded) tally.successes++;
    }
  }

  onSecond(): void {
    const { world } = this.context;
    this.seconds++;
    const isQuiet = world.network.calm && this.instances.every((process) => isWell(world, process));
    this.wellSeconds = isQuiet ? this.wellSeconds + 1 : 0;
    if (!isQuiet) this.wasIll = true;
    if (this.seconds % WINDOW_SECONDS !== 0) return;
    for (const [load, tally] of this.tallies) {
      if (tally.ended >= CALLS_MIN) this.judgeWindow(load, tally);
      Object.assign(tally, { calls: 0, attempts: 0, successes: 0, ended: 0 });
    }
  }

  private judgeWindow(load: string, tally: Tally): void {
    const { world, settle, report } = this.context;
    const part = tally.successes / tally.ended;
    if (part >= WELL) tally.didWell = true;
    const isDue = this.wasIll && this.wellSeconds >= GRACE_SECONDS + WINDOW_SECONDS;
    if (!isDue || world.now > settle.fromMicros || !tally.didWell) return;
    this.exercised++;
    if (part >= WELL) return;
    const percent = `${(part * 100).toFixed(0)}%`;
    const times = (tally.attempts / Math.max(1, tally.calls)).toFixed(1);
    report(
      `${percent} of the calls of ${load} succeed, with ${times} attempts each, ${this.wellSeconds} s after everything is well again`,
      [],
    );
  }

  save(): unknown {
    const { exercised, seconds, wellSeconds, wasIll, tallies } = this;
    return { exercised, seconds, wellSeconds, wasIll, tallies: copy(tallies) };
  }

  restore(state: unknown): void {
    const saved = state as Pick<Recovers, 'exercised'> & {
      seconds: number;
      wellSeconds: number;
      wasIll: boolean;
      tallies: Map<string, Tally>;
    };
    this.exercised = saved.exercised;
    this.seconds = saved.seconds;
    this.wellSeconds = saved.wellSeconds;
    this.wasIll = saved.wasIll;
    this.tallies = copy(saved.tallies);
  }
}

function copy(tallies: Map<string, Tally>): Map<string, Tally> {
  return new Map([...tallies].map(([load, tally]) => [load, { ...tally }]));
}

export const recovers: Invariant = {
  name: 'call.recovers',
  expectation: 'always',
  statement:
    'A minute after everything that went wrong is gone, calls succeed as they did before it.',
  source: 'Bronson et al., Metastable Failures in Distributed Systems (HotOS 2021)',
  occasional: true,
  create: (context) => new Recovers(context),
};
