/**
 * `kv.lock-exclusive`: at each Raft index a lock has one holder at most, whose session lives. An acquire
 * gets the lock exactly where nobody else holds it at its place in the log, and a release frees it
 * exactly where its session does.
 *
 * A client that has not been told yet may take itself for the holder while the next one is; Consul's
 * locks are advisory, and that is documented. Such an overlap is an allowed anomaly.
 */
import type { Store } from '../../consul/state/store.ts';
import { forEachRow, rowOf } from '../../consul/state/table.ts';
import type { Operation } from '../../client/operation.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { wrongAnswer } from './answers.ts';
import type { Ending } from './told.ts';

const LOCKS: readonly string[] = ['acquire', 'release'];

interface State {
  readonly exercised: number;
  readonly holders: readonly (readonly [string, readonly ProcessIndex[]])[];
}

class LockExclusive implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Acquires and releases whose entries are known. */
  exercised = 0;
  /** Clients that believe to hold a lock, by its key. */
  private holders = new Map<string, readonly ProcessIndex[]>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.replay.start();
    context.told.listen((process, operation, ending) => this.onTold(process, operation, ending));
    context.told.listenToHolders((process, key, holds) => this.onHolder(process, key, holds));
  }

  onNote(): void {}

  /** A session and what it holds end with one entry. */
  onSecond(): void {
    const { name, raft, report, servers } = this.context;
    for (const { process } of servers) {
      const store = raft(process)?.fsm as Partial<Store> | undefined;
      // Another state machine than Consul's has no locks.
      if (store?.heldKeys === undefined) continue;
      const { sessions } = store as Store;
      forEachRow(store.heldKeys, (key, held) => {
        const session = held.slice(0, held.length - key.length - 1);
        if (rowOf(sessions, session) !== undefined) return;
        report(`${name(process)} has ${key} held by ${session}, which has ended`, [process]);
      });
    }
  }

  private onTold(process: ProcessIndex, operation: Operation, ending: Ending): void {
    if (!LOCKS.includes(operation.f)) return;
    const wrong = wrongAnswer(this.context.replay, operation, ending);
    if (wrong === null) return;
    this.exercised++;
    if (wrong !== undefined) this.context.report(wrong, [process]);
  }

  private onHolder(process: ProcessIndex, key: string, holds: boolean): void {
    const { name, report } = this.context;
    const others = (this.holders.get(key) ?? []).filter((one) => one !== process);
    this.holders.set(key, holds ? [...others, process] : others);
    if (!holds || others.length === 0) return;
    const who = others.map((one) => name(one)).join(' and ');
    const message = `${name(process)} holds ${key}, and ${who} has not been told`;
    report(message, [process, ...others], { status: 'allowed', reference: 'consul#1843' });
  }

  save(): unknown {
    const { exercised, holders } = this;
    return { exercised, holders: [...holders] } satisfies State;
  }

  restore(state: unknown): void {
    const { exercised, holders } = state as State;
    this.exercised = exercised;
    this.holders = new Map(holders);
  }
}

export const lockExclusive: Invariant = {
  name: 'kv.lock-exclusive',
  expectation: 'always',
  occasional: true,
  statement:
    'At each Raft index a lock has one holder at most, whose session lives; acquires and releases ' +
    'are told so.',
  source:
    'consul:agent/consul/state/kvs.go (kvsLockTxn, kvsUnlockTxn), session.go (deleteSessionTxn); ' +
    'exception: clients not told yet, consul#1843',
  create: (context) => new LockExclusive(context),
};
