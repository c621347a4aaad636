/**
 * `watch.monotonic`: the law of blocking queries (reference: consul §2.5, agents I6). An answer has an
 * index above the one that was waited for, or the time was up, or the store was restored; and it is
 * never 0.
 */
import { RaftNote } from '../../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import type { WatchAnswer } from './answers.ts';

/** Clocks of two hosts may differ by a hundredth. */
const CLOCK_SHARE = 100;
/** What a query waits that does not say (`default_query_time`) is not known here: it must say. */
const UNKNOWN_WAIT = 0;

interface State {
  readonly restored: readonly (readonly [ProcessIndex, number])[];
  readonly exercised: number;
}

class WatchMonotonic implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.restored];
  /** Answers to queries that waited for an index. */
  exercised = 0;
  private restored = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.watches.listen((answer) => this.onAnswer(answer));
  }

  onNote(_kind: NoteKind, process: ProcessIndex): void {
    this.restored.set(process, this.context.world.now);
  }

  private onAnswer({ process, watch, micros, index, asked }: WatchAnswer): void {
    const { world } = this.context;
    if (index < 1) this.report(process, 'was answered index 0');
    if (asked === 0) return;
    this.exercised++;
    if (index > asked) return;
    const { config, answer } = watch;
    if (config.waitMicros === UNKNOWN_WAIT) return;
    const wait = config.waitMicros - Math.floor(config.waitMicros / CLOCK_SHARE);
    if (micros >= wait) return;
    const restored = this.restored.get(answer!.server) ?? -1;
    if (restored >= world.now - micros) return;
    const after = `after ${inSeconds(micros)} of ${inSeconds(config.waitMicros)}`;
    this.report(process, `was answered index ${index}, not above ${asked}, ${after}`);
  }

  private report(process: ProcessIndex, what: string): void {
    const { context } = this;
    context.report(`The watcher ${context.world.processes[process].name} ${what}`, []);
  }

  save(): unknown {
    return { restored: [...this.restored], exercised: this.exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { restored, exercised } = state as State;
    this.restored = new Map(restored);
    this.exercised = exercised;
  }
}

export const watchMonotonic: Invariant = {
  name: 'watch.monotonic',
  expectation: 'always',
  occasional: true,
  statement:
    'A blocking query is answered with an index above the one it waits for, or when its time is up.',
  source: 'consul:agent/blockingquery/blockingquery.go (Query)',
  create: (context) => new WatchMonotonic(context),
};
