/**
 * `watch.paced`: a watcher to whom nothing is new does not ask again and again (reference: agents §8.2).
 * Whoever waits for a change asks again when there was one, when the time is up, or after an error.
 */
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import type { WatchAnswer } from './answers.ts';

const WINDOW_MICROS = 1_000_000;
/** Answers with the same index in a window. */
const ANSWERS_MAX = 10;

interface Watched {
  readonly index: number;
  readonly sinceMicros: number;
  readonly answers: number;
}

class Paced implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Answers that brought nothing new. */
  exercised = 0;
  private watched = new Map<ProcessIndex, Watched>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.watches.listen((answer) => this.onAnswer(answer));
  }

  onNote(): void {}

  private onAnswer({ process, index }: WatchAnswer): void {
    const { now, processes } = this.context.world;
    const known = this.watched.get(process);
    const isSame = known !== undefined && known.index === index;
    if (isSame) this.exercised++;
    if (!isSame || now - known.sinceMicros >= WINDOW_MICROS) {
      this.watched.set(process, { index, sinceMicros: now, answers: 1 });
      return;
    }
    const answers = known.answers + 1;
    this.watched.set(process, { ...known, answers });
    if (answers !== ANSWERS_MAX + 1) return;
    const { name } = processes[process];
    const message = `The watcher ${name} asks without end: ${answers} answers of index ${index} within a second`;
    this.context.report(message, []);
  }

  save(): unknown {
    return { watched: new Map(this.watched), exercised: this.exercised };
  }

  restore(state: unknown): void {
    const saved = state as { watched: Map<ProcessIndex, Watched>; exercised: number };
    this.watched = new Map(saved.watched);
    this.exercised = saved.exercised;
  }
}

export const paced: Invariant = {
  name: 'watch.paced',
  expectation: 'always',
  occasional: true,
  statement: 'A watcher to whom nothing is new gets no more than ten answers a second.',
  source: 'node-consul#72; consul#3742',
  create: (context) => new Paced(context),
};
