/**
 * `kv.lock-delay`: nobody gets a lock for as long as its session asked for, from the commit of the entry
 * that ended the session. Each server counts from when it applied that entry, which is not earlier, and
 * the leader looks before the acquire is in the log. Clocks of servers may be fast; that much is
 * forgiven.
 */
import type { KvCommand, StoreCommand } from '../../consul/state/commands.ts';
import type { TransactionResult } from '../../consul/state/transaction-types.ts';
import type { KvWriteResult } from '../../consul/state/kv.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import type { NoteKind } from '../invariant.ts';
import { fastestPpm } from './clocks.ts';
import type { Applied } from './replay.ts';

interface Delay {
  readonly fromMicros: number;
  readonly delayMicros: number;
}

interface State {
  readonly exercised: number;
  readonly ppm: number;
  readonly delays: ReadonlyMap<string, Delay>;
}

class LockDelayCheck implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Acquires of locks that had been delayed. */
  exercised = 0;
  private ppm = 0;
  /** Running, or over and not yet acquired. */
  private delays = new Map<string, Delay>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.replay.start((applied) => this.onApplied(applied));
  }

  onNote(): void {}

  /** Clocks that are made fast for a while count from then on. */
  onSecond(): void {
    if (this.delays.size > 0) this.ppm = Math.max(this.ppm, fastestPpm(this.context));
  }

  private onApplied({ command, result, micros, leader, index, delays }: Applied): void {
    for (const key of acquired(command, result)) this.onAcquired(key, index, micros, leader);
    for (const { key, delayMicros } of delays) {
      this.delays.set(key, { fromMicros: micros, delayMicros });
    }
  }

  private onAcquired(key: string, index: number, micros: number, leader: number): void {
    const delay = this.delays.get(key);
    if (delay === undefined) return;
    this.delays.delete(key);
    this.exercised++;
    const ppm = Math.max(this.ppm, fastestPpm(this.context));
    const shortest = Math.floor((delay.delayMicros * 1e6) / (1e6 + ppm));
    const since = micros - delay.fromMicros;
    if (since >= shortest) return;
    const asked = inSeconds(delay.delayMicros);
    const early = `${inSeconds(since)} into its lock-delay of ${asked}`;
    const message = `${key} was acquired at index ${index}, ${early}`;
    this.context.report(message, [leader]);
  }

  save(): unknown {
    const { exercised, ppm, delays } = this;
    return { exercised, ppm, delays: new Map(delays) } satisfies State;
  }

  restore(state: unknown): void {
    const { exercised, ppm, delays } = state as State;
    this.exercised = exercised;
    this.ppm = ppm;
    this.delays = new Map(delays);
  }
}

/** Keys that an entry locks, by itself or in a transaction. */
function acquired(command: StoreCommand, result: unknown): readonly string[] {
  if (command.op === 'lock') {
    return (result as KvWriteResult).applied === true ? [(command as KvCommand).key] : [];
  }
  if (command.op !== 'txn' || (result as TransactionResult).errors.length > 0) return [];
  return command.operations.flatMap((one) =>
    one.kind === 'kv' && one.verb === 'lock' ? [one.key] : [],
  );
}

export const lockDelay: Invariant = {
  name: 'kv.lock-delay',
  expectation: 'always',
  occasional: true,
  statement: 'A lock whose session has ended is not acquired before its lock-delay is over.',
  source: 'consul:agent/consul/kvs_endpoint.go (kvsPreApply), state/session.go (deleteSessionTxn)',
  create: (context) => new LockDelayCheck(context),
};
