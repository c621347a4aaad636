/**
 * `kv.index-monotonic`: the index of a key does not go back at a server that goes on running. After
 * a restart it knows no more than its last snapshot for a while (consul §2.4), as documented.
 */
import { KernelNote } from '../../core/observer.ts';
import { RaftNote } from '../../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import type { FlooredRead } from './floors.ts';

interface Seen {
  readonly index: number;
  /** The first answer with it came then. */
  readonly atMicros: number;
  /** And was asked for then: the server may have started anew while it was on its way. */
  readonly calledMicros: number;
}

/** Answers cross each other on their way for no longer than that many rises of an index. */
const KEPT = 16;

interface State {
  readonly seen: readonly (readonly [string, readonly Seen[]])[];
  readonly begun: readonly (readonly [ProcessIndex, number])[];
  readonly exercised: number;
}

class IndexMonotonic implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [KernelNote.started, RaftNote.restored];
  /** Answers of a server that had answered for the key before the read was called. */
  exercised = 0;
  private seen = new Map<string, readonly Seen[]>();
  /** When each server began with the memory that it has. */
  private begun = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.floors.listen((read) => this.onRead(read));
  }

  onNote(_kind: NoteKind, process: ProcessIndex): void {
    this.begun.set(process, this.context.world.now);
  }

  private onRead({ operation, callMicros }: FlooredRead): void {
    const { key, answer } = operation;
    const { server, index } = answer!;
    const name = `${server} ${key}`;
    const seen = this.seen.get(name) ?? [];
    const before = seen.findLast(({ atMicros }) => atMicros < callMicros);
    if (before !== undefined) this.compare(server, key, index, before);
    const last = seen.at(-1);
    if (last !== undefined && index <= last.index) return;
    const next: Seen = { index, atMicros: this.context.world.now, calledMicros: callMicros };
    this.seen.set(name, [...seen.slice(1 - KEPT), next]);
  }

  private compare(server: ProcessIndex, key: string, index: number, before: Seen): void {
    this.exercised++;
    if (index >= before.index) return;
    const { context } = this;
    const message = `${context.name(server)} answered index ${index} of ${key} after index ${before.index}`;
    const again = (this.begun.get(server) ?? 0) > before.calledMicros;
    if (again) context.report(message, [server], { status: 'allowed', reference: 'consul §2.4' });
    else context.report(message, [server]);
  }

  save(): unknown {
    const { exercised } = this;
    return { seen: [...this.seen], begun: [...this.begun], exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { seen, begun, exercised } = state as State;
    this.seen = new Map(seen);
    this.begun = new Map(begun);
    this.exercised = exercised;
  }
}

export const indexMonotonic: Invariant = {
  name: 'kv.index-monotonic',
  expectation: 'always',
  occasional: true,
  statement: 'A server that goes on running never answers a lower index of a key than before.',
  source: 'consul:agent/consul/state/kvs.go (KVSGet); exception: restart from a snapshot',
  create: (context) => new IndexMonotonic(context),
};
