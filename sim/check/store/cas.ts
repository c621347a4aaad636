/**
 * `kv.cas`: what clients are told of their writes is what the entries do at their places in the log. A
 * compare-and-set held exactly where its index was still there, a transaction saw what was there, and
 * what was reported as failed is nowhere.
 */
import type { Operation } from '../../client/operation.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { nameOf, wrongAnswer } from './answers.ts';
import type { Applied } from './replay.ts';
import type { Ending } from './told.ts';

const WRITES: readonly string[] = ['put', 'cas', 'delete', 'txn'];

interface State {
  readonly exercised: number;
  readonly failed: ReadonlyMap<number, string>;
}

class Cas implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Answers whose entries are known. */
  exercised = 0;
  /** By digest: writes that failed, and must not be committed later. */
  private failed = new Map<number, string>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.told.listen((process, operation, ending) => this.onTold(process, operation, ending));
    context.replay.start((applied) => this.onApplied(applied));
  }

  onNote(): void {}

  private onTold(process: ProcessIndex, operation: Operation, ending: Ending): void {
    const { f, digest } = operation;
    if (!WRITES.includes(f)) return;
    const { report, replay } = this.context;
    const wrong = wrongAnswer(replay, operation, ending);
    if (wrong === null && ending === 'failed' && f !== 'txn') {
      this.failed.set(digest, nameOf(operation));
    }
    if (wrong === null) return;
    this.exercised++;
    if (wrong !== undefined) report(wrong, [process]);
  }

  private onApplied({ command, index, leader }: Applied): void {
    const name = this.failed.get(command.digest);
    if (name === undefined) return;
    this.failed.delete(command.digest);
    const wrong = `${name} had been reported as failed, and took effect at index ${index}`;
    this.context.report(wrong, [leader]);
  }

  save(): unknown {
    const { exercised, failed } = this;
    return { exercised, failed: new Map(failed) } satisfies State;
  }

  restore(state: unknown): void {
    const { exercised, failed } = state as State;
    this.exercised = exercised;
    this.failed = new Map(failed);
  }
}

export const cas: Invariant = {
  name: 'kv.cas',
  expectation: 'always',
  occasional: true,
  statement:
    'A write is told what its entry does at its place in the log: a compare-and-set holds exactly ' +
    'where its index is still there, and what has failed is not in the log.',
  source: 'consul:agent/consul/state/kvs.go (KVSSetCAS, KVSDeleteCAS), txn.go (TxnRW)',
  create: (context) => new Cas(context),
};
