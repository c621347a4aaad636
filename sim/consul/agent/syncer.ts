/**
 * When an agent compares itself with the catalog, and when it pushes what it knows has changed
 * (reference: agents §1.3; `consul:agent/ae/ae.go`). One goroutine; what it does meanwhile is not its
 * concern: it says `full` or `partial`, and is told how that went.
 */
import type { Outbox } from '../../core/machine.ts';
import { drawStagger, scaleFactor } from './scale.ts';
import { NEXT_FULL_TIMER, RETRY_TIMER, SPREAD_TIMER } from './inputs.ts';

/** `ae_interval`, serverUpIntv and retryFailIntv. */
const FULL_MICROS = 60_000_000;
const SERVER_UP_MICROS = 3_000_000;
const RETRY_MICROS = 15_000_000;

/** fullSync and partialSync of ae.go while they work, and what they wait in. */
export type SyncPhase = 'full' | 'retry' | 'spread' | 'partial' | 'changes';

export interface Syncer {
  phase: SyncPhase;
  /** Triggers with one place each: more of them are one. */
  fullTriggered: boolean;
  changesTriggered: boolean;
  /** The timer of the next full sync has fired and nobody has looked yet. */
  nextFullDue: boolean;
  /** How often it has been paused and not resumed. */
  paused: number;
  /** After the spread of a full sync that was triggered: the timer of the next one begins anew. */
  rearms: boolean;
}

/** What is to be done now. */
export type SyncWork = 'none' | 'full' | 'partial';

/** Members that the agent knows, in whatever state: they scale what is random. */
export interface PoolSize {
  readonly nodes: number;
}

export function createSyncer(): Syncer {
  return {
    phase: 'full',
    fullTriggered: false,
    changesTriggered: false,
    nextFullDue: false,
    paused: 0,
    rearms: false,
  };
}

function stagger(durationMicros: number, { nodes }: PoolSize, out: Outbox): number {
  return drawStagger(out.draw('anti-entropy'), scaleFactor(nodes) * durationMicros);
}

function armNextFull(syncer: Syncer, pool: PoolSize, out: Outbox): void {
  syncer.nextFullDue = false;
  out.timer(NEXT_FULL_TIMER, 0, FULL_MICROS + stagger(FULL_MICROS, pool, out));
}

/** The agent has started: a full sync at once. */
export function startSyncer(syncer: Syncer, pool: PoolSize, out: Outbox): SyncWork {
  armNextFull(syncer, pool, out);
  return beginFull(syncer, pool, out);
}

function beginFull(syncer: Syncer, pool: PoolSize, out: Outbox): SyncWork {
  syncer.phase = 'full';
  if (syncer.paused === 0) return 'full';
  return enterRetry(syncer, pool, out);
}

/** Changes are not listened to here: they wait for the next full sync. */
function enterRetry(syncer: Syncer, pool: PoolSize, out: Outbox): SyncWork {
  syncer.phase = 'retry';
  out.timer(RETRY_TIMER, 0, RETRY_MICROS + stagger(RETRY_MICROS, pool, out));
  return next(syncer, pool, out);
}

function spread(syncer: Syncer, rearms: boolean, pool: PoolSize, out: Outbox): SyncWork {
  syncer.fullTriggered = false;
  syncer.phase = 'spread';
  syncer.rearms = rearms;
  out.cancel(RETRY_TIMER, 0);
  out.timer(SPREAD_TIMER, 0, stagger(SERVER_UP_MICROS, pool, out));
  return 'none';
}

/** What the goroutine finds ready; of several the real one takes any. */
function next(syncer: Syncer, pool: PoolSize, out: Outbox): SyncWork {
  if (syncer.phase === 'retry') {
    return syncer.fullTriggered ? spread(syncer, false, pool, out) : 'none';
  }
  if (syncer.phase !== 'partial') return 'none';
  const ready = [
    ...(syncer.fullTriggered ? (['trigger'] as const) : []),
    ...(syncer.nextFullDue ? (['timer'] as const) : []),
    ...(syncer.changesTriggered ? (['changes'] as const) : []),
  ];
  if (ready.length === 0) return 'none';
  const chosen = ready.length === 1 ? ready[0] : out.draw('select').pick(ready);
  switch (chosen) {
    case 'trigger':
      return spread(syncer, true, pool, out);
    case 'timer':
      armNextFull(syncer, pool, out);
      return beginFull(syncer, pool, out);
    case 'changes':
      syncer.changesTriggered = false;
      // A paused agent forgets the event; whoever resumes it triggers anew.
      if (syncer.paused > 0) return next(syncer, pool, out);
      syncer.phase = 'changes';
      return 'partial';
  }
}

export function triggerFull(syncer: Syncer, pool: PoolSize, out: Outbox): SyncWork {
  syncer.fullTriggered = true;
  return next(syncer, pool, out);
}

export function triggerChanges(syncer: Syncer, pool: PoolSize, out: Outbox): SyncWork {
  syncer.changesTriggered = true;
  return next(syncer, pool, out);
}

export function onNextFullTimer(syncer: Syncer, pool: PoolSize, out: Outbox): SyncWork {
  syncer.nextFullDue = true;
  return next(syncer, pool, out);
}

export function onRetryTimer(syncer: Syncer, pool: PoolSize, out: Outbox): SyncWork {
  armNextFull(syncer, pool, out);
  return beginFull(syncer, pool, out);
}

export function onSpreadTimer(syncer: Syncer, pool: PoolSize, out: Outbox): SyncWork {
  if (syncer.rearms) armNextFull(syncer, pool, out);
  return beginFull(syncer, pool, out);
}

/** A full sync that failed in whatever part is tried again; a failed push only says so in the log. */
export function onSyncDone(
  syncer: Syncer,
  succeeded: boolean,
  pool: PoolSize,
  out: Outbox,
): SyncWork {
  if (syncer.phase === 'full' && !succeeded) return enterRetry(syncer, pool, out);
  syncer.phase = 'partial';
  return next(syncer, pool, out);
}

export function pause(syncer: Syncer): void {
  syncer.paused++;
}

export function resume(syncer: Syncer, pool: PoolSize, out: Outbox): SyncWork {
  syncer.paused--;
  return syncer.paused === 0 ? triggerChanges(syncer, pool, out) : 'none';
}
