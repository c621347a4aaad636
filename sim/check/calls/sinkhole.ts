/**
 * `balance.no-sinkhole`: an instance that answers with errors gets no more than its share. Load that is
 * measured by requests under way or by latency attracts traffic to whoever fails fast; for policies
 * that have no remedy that is how they are, for the others it is a bug. Where other instances are not
 * well, what is whose share is an open question, and the window is left out.
 */
import { CallNote, FIRST_ANSWERED, FIRST_LOCAL } from '../../service/vocabulary.ts';
import type { BalanceSpec, PolicyName } from '../../../scenarios/services.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { callerAt, instancesOf, isWell, loadAt } from './callers.ts';

const WINDOW_SECONDS = 10;
const ATTEMPTS_MIN = 200;
/** Of its attempts, to be called failing; of the fair share, to be called a sinkhole. */
const FAILING = 0.5;
const TIMES_FAIR = 2;
const BY_LOAD: readonly PolicyName[] = ['least-outstanding', 'least-request', 'p2c', 'aperture'];
const KNOWN = 'linkerd2-proxy#4537';

interface Tally {
  readonly balance: BalanceSpec;
  readonly instances: readonly ProcessIndex[];
  total: number;
  readonly answered: Map<ProcessIndex, number>;
  readonly failed: Map<ProcessIndex, number>;
}

class Sinkhole implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [CallNote.answered];
  /** Windows in which an instance failed that often. */
  exercised = 0;
  private seconds = 0;
  private tallies = new Map<string, Tally>();
  /** Instances that were not well at some second of the window. */
  private ill = new Set<ProcessIndex>();
  /** No message was held up in the window. */
  private calm = true;
  private readonly context: CheckContext;
  private readonly instances: readonly ProcessIndex[];

  constructor(context: CheckContext) {
    this.context = context;
    this.instances = instancesOf(context.world);
  }

  onNote(_kind: NoteKind, process: ProcessIndex, _slot: number, at: number, error: number): void {
    const { world } = this.context;
    const load = loadAt(world, process);
    if (load === undefined) return;
    let tally = this.tallies.get(load);
    if (tally === undefined) {
      const { config, endpoints } = callerAt(world, process).upstreams[0];
      tally = {
        balance: config.settings.balance,
        instances: endpoints.map((one) => one.process),
        total: 0,
        answered: new Map(),
        failed: new Map(),
      };
      this.tallies.set(load, tally);
    }
    tally.total++;
    tally.answered.set(at, (tally.answered.get(at) ?? 0) + 1);
    if (error < FIRST_ANSWERED || error >= FIRST_LOCAL) return;
    tally.failed.set(at, (tally.failed.get(at) ?? 0) + 1);
  }

  onSecond(): void {
    const { world } = this.context;
    for (const process of this.instances) if (!isWell(world, process)) this.ill.add(process);
    if (!world.network.calm) this.calm = false;
    if (++this.seconds % WINDOW_SECONDS !== 0) return;
    for (const [load, tally] of this.tallies) if (this.calm) this.judgeWindow(load, tally);
    this.tallies.clear();
    this.ill.clear();
    this.calm = true;
  }

  private judgeWindow(load: string, { balance, instances, total, answered, failed }: Tally): void {
    if (total < ATTEMPTS_MIN) return;
    // Where most fail, somebody who fails has to get more.
    const failing = [...failed].filter(([at, count]) => count >= FAILING * answered.get(at)!);
    if (failing.length === 0 || failing.length * 2 >= instances.length) return;
    const who = failing.map(([at]) => at);
    if (instances.some((one) => this.ill.has(one) && !who.includes(one))) return;
    this.exercised++;
    for (const [at] of failing) {
      const part = answered.get(at)! / total;
      if (part <= TIMES_FAIR / instances.length) continue;
      const { name } = this.context.world.processes[at];
      const percent = (value: number): string => `${(value * 100).toFixed(0)}%`;
      const message = `${name} fails and got ${percent(part)} of the attempts of ${load}, a fair share is ${percent(1 / instances.length)}`;
      const isKnown = BY_LOAD.includes(balance.policy) || isBlind(balance);
      this.context.report(message, [at], isKnown ? { status: 'allowed', reference: KNOWN } : {});
    }
  }

  save(): unknown {
    const { exercised, seconds } = this;
    return { exercised, seconds, ill: [...this.ill], calm: this.calm, tallies: this.copy() };
  }

  private copy(tallies = this.tallies): Map<string, Tally> {
    return new Map(
      [...tallies].map(([load, tally]) => [
        load,
        { ...tally, answered: new Map(tally.answered), failed: new Map(tally.failed) },
      ]),
    );
  }

  restore(state: unknown): void {
    const saved = state as {
      exercised: number;
      seconds: number;
      ill: readonly ProcessIndex[];
      calm: boolean;
      tallies: Map<string, Tally>;
    };
    this.ill = new Set(saved.ill);
    this.calm = saved.calm;
    this.exercised = saved.exercised;
    this.seconds = saved.seconds;
    this.tallies = this.copy(saved.tallies);
  }
}

/** Takes errors for what they took, by its settings. */
function isBlind({ policy, errorMicros }: BalanceSpec): boolean {
  return policy === 'peak-ewma' && errorMicros === null;
}

export const sinkhole: Invariant = {
  name: 'balance.no-sinkhole',
  expectation: 'always',
  statement: 'An instance that answers with errors gets no more than twice its fair share.',
  source: 'Site Reliability Engineering, chapter 20; linkerd2-proxy#4537',
  occasional: true,
  create: (context) => new Sinkhole(context),
};
