/**
 * `kv.increments`: no increment of a counter undoes another one (reference: agents §8.2 B7). A client adds
 * one to what it has read; `?cas` makes sure that this is still there when it writes.
 */
import type { KvWriteResult } from '../../consul/state/kv.ts';
import type { KvCommand } from '../../consul/state/commands.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { Applied } from './replay.ts';

/** The count, and behind it what tells one increment from another. */
const COUNTER = /^(\d+):/;

interface State {
  readonly exercised: number;
  readonly counts: ReadonlyMap<string, number>;
}

class Increments implements InvariantCheck {
  readonly wants: readonly never[] = [];
  /** Increments of counters whose values were known. */
  exercised = 0;
  /** What an increment has to start from, by key. */
  private counts = new Map<string, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.replay.start((applied) => this.onApplied(applied));
  }

  onNote(): void {}

  private onApplied(applied: Applied): void {
    const { command, result } = applied;
    switch (command.op) {
      case 'put':
      case 'cas':
        if ((result as KvWriteResult).applied) this.onWritten(command as KvCommand, applied);
        return;
      case 'delete':
      case 'delete-cas':
        if ((result as KvWriteResult).applied) this.counts.set((command as KvCommand).key, 0);
        return;
      case 'delete-tree':
      case 'txn':
        // Other programs' keys as well, which would have to be looked for.
        this.counts.clear();
    }
  }

  private onWritten({ key, value }: KvCommand, { index, leader }: Applied): void {
    const found = COUNTER.exec(value);
    const before = this.counts.get(key);
    const count = found === null ? Number.parseInt(value, 10) || 0 : Number(found[1]);
    this.counts.set(key, count);
    if (found === null || before === undefined) return;
    this.exercised++;
    if (count === before + 1) return;
    const message = `At index ${index} an increment sets ${key} to ${count}, where ${before} was`;
    this.context.report(message, [leader]);
  }

  save(): unknown {
    return { exercised: this.exercised, counts: new Map(this.counts) } satisfies State;
  }

  restore(state: unknown): void {
    const { exercised, counts } = state as State;
    this.exercised = exercised;
    this.counts = new Map(counts);
  }
}

export const increments: Invariant = {
  name: 'kv.increments',
  expectation: 'always',
  occasional: true,
  statement: 'An increment of a counter adds one to what is there, and undoes no other.',
  source: 'consul:agent/kvs_endpoint.go (KVSPut); consul:agent/consul/state/kvs.go (KVSSetCAS)',
  create: (context) => new Increments(context),
};
