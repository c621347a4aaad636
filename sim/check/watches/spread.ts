/**
 * `watch.spread`: watchers that a change has woken together come back one by one, over the time that they
 * say (reference: agents §8.2 B10). Otherwise one commit is as many new queries at once.
 */
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import type { WatchAnswer } from './answers.ts';

/** Waits that are looked at together; all in the first quarter happens once in 10^12 times by chance. */
const WAITS = 20;
const QUARTER = 4;

interface Group {
  readonly waits: number;
  readonly longestMicros: number;
}

class Spread implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Waits of watchers that spread their queries. */
  exercised = 0;
  /** By spread. */
  private groups = new Map<number, Group>();
  /** When each watcher got its last answer, by its own clock. */
  private answered = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.watches.listen((answer) => this.onAnswer(answer));
    context.watches.listenToFailures((process) => this.answered.delete(process));
  }

  onNote(): void {}

  private onAnswer({ process, watch, micros }: WatchAnswer): void {
    const { askedMicros, config } = watch;
    if (config.spreadMicros === 0) return;
    const since = this.answered.get(process);
    this.answered.set(process, askedMicros + micros);
    if (since !== undefined && askedMicros >= since) {
      this.onWait(config.spreadMicros, askedMicros - since);
    }
  }

  private onWait(spreadMicros: number, waitMicros: number): void {
    this.exercised++;
    const group = this.groups.get(spreadMicros) ?? { waits: 0, longestMicros: 0 };
    const longestMicros = Math.max(group.longestMicros, waitMicros);
    const waits = group.waits + 1;
    this.groups.set(spreadMicros, waits < WAITS ? { waits, longestMicros } : NOTHING);
    if (waits < WAITS || longestMicros * QUARTER >= spreadMicros) return;
    const message = `${WAITS} watchers in a row asked again within ${inSeconds(longestMicros)}, not spread over ${inSeconds(spreadMicros)}`;
    this.context.report(message, []);
  }

  save(): unknown {
    const { exercised, groups, answered } = this;
    return { exercised, groups: new Map(groups), answered: new Map(answered) };
  }

  restore(state: unknown): void {
    const saved = state as {
      exercised: number;
      groups: Map<number, Group>;
      answered: Map<ProcessIndex, number>;
    };
    this.exercised = saved.exercised;
    this.groups = new Map(saved.groups);
    this.answered = new Map(saved.answered);
  }
}

const NOTHING: Group = { waits: 0, longestMicros: 0 };

export const spread: Invariant = {
  name: 'watch.spread',
  expectation: 'always',
  occasional: true,
  statement: 'Watchers spread their next queries over the time that the scenario gives them.',
  source: 'consul-helm#650; consul:lib/cluster.go (RandomStagger)',
  create: (context) => new Spread(context),
};
