/**
 * `kv.consistent-read-linearizable`, `kv.default-read-fresh` and `kv.stale-read-bounded`: what a read
 * of each mode may miss (reference: consul §2.4), by the index witness: nobody is answered an older
 * ModifyIndex of a key than somebody had been told of when the read was called.
 */
import type { InvariantName } from '../../../scenarios/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck, ReportDetails } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import type { NoteKind } from '../invariant.ts';
import { allowance } from '../session-guarantees/consul-modes.ts';
import type { FlooredRead } from './floors.ts';

type Mode = 'consistent' | 'default' | 'stale';

/** An append waits that long for the next attempt at most (hashicorp/raft:replication.go). */
const BACKOFF_MICROS = 10_240_000;
/** On its way, and in the disk of the follower. */
const SLACK_MICROS = 1_000_000;

class FreshReads implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Reads of keys that somebody had written before. */
  exercised = 0;
  private readonly context: CheckContext;
  private readonly mode: Mode;

  constructor(context: CheckContext, mode: Mode) {
    this.context = context;
    this.mode = mode;
    context.floors.listen((read) => this.onRead(read));
  }

  onNote(): void {}

  private onRead(read: FlooredRead): void {
    const { operation, floor, callMicros } = read;
    if (operation.mode !== this.mode) return;
    if (this.mode === 'stale') this.expectContact(read);
    if (floor === 0) return;
    this.exercised++;
    const { answer, key } = operation;
    const { index, server } = answer!;
    if (index >= floor) return;
    const details = this.excuse(read);
    if (details === null) return;
    const what = `A ${this.mode} read of ${key}, called at ${inSeconds(callMicros)}`;
    const message = `${what}, answered index ${index} after a write at index ${floor}`;
    this.context.report(message, server < 0 ? [] : [server], details);
  }

  /** Whoever has heard from no leader, and does not lead, asks one. */
  private expectContact({ operation, callMicros }: FlooredRead): void {
    const { lastContactMicros, knownLeader, server } = operation.answer!;
    if (lastContactMicros > 0 || knownLeader) return;
    const what = `A stale read of ${operation.key}, called at ${inSeconds(callMicros)}`;
    const message = `${what}, was answered by a server that had heard from nobody`;
    this.context.report(message, server < 0 ? [] : [server]);
  }

  /** Null: not even an anomaly. */
  private excuse({
    operation,
    floor,
    writtenMicros,
    callMicros,
  }: FlooredRead): ReportDetails | null {
    const { world, windows } = this.context;
    const { appliedIndex, lastContactMicros } = operation.answer!;
    if (this.mode !== 'stale') {
      const times = { callMicros, returnMicros: world.now };
      const reference = allowance(this.mode, times, windows.windows());
      return reference === undefined ? {} : { status: 'allowed', reference };
    }
    // The server had the write, and yet it did not tell of it.
    if (appliedIndex >= floor) return {};
    const behind = lastContactMicros + BACKOFF_MICROS + SLACK_MICROS;
    return world.now - writtenMicros <= behind
      ? null
      : { status: 'allowed', reference: 'consistency mode stale' };
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

function freshReads(name: InvariantName, mode: Mode, statement: string, source: string): Invariant {
  return {
    name,
    expectation: 'always',
    occasional: true,
    statement,
    source,
    create: (context) => new FreshReads(context, mode),
  };
}

export const consistentReads = freshReads(
  'kv.consistent-read-linearizable',
  'consistent',
  'A consistent read misses no write that was acknowledged before it was called.',
  'consul:agent/consul/rpc.go (ConsistentRead)',
);

export const defaultReads = freshReads(
  'kv.default-read-fresh',
  'default',
  'A default read misses no write that was acknowledged before it was called, except at a leader ' +
    'that has been replaced or has not applied what it inherited.',
  'consul:agent/consul/rpc.go (getLeader); exceptions: consul#54, consul#2644',
);

export const staleReads = freshReads(
  'kv.stale-read-bounded',
  'stale',
  'A stale read knows all that its server has applied; it misses more than its LastContact and the ' +
    'backoff of appends explain only where replication stands still beside heartbeats, or the ' +
    'server was restarted. Servers that have heard from nobody do not answer.',
  'consul:agent/consul/rpc.go (forwardRPC), consistency mode stale',
);
