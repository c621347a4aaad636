/**
 * Lock-delays (`consul:agent/consul/state/delay_ce.go`, `consul:agent/consul/kvs_endpoint.go
 * (kvsPreApply)`; reference: consul §2.8). Each server starts a key's delay when it applies what ended
 * the session that held it, by its own clock, and keeps it in memory; the leader looks at its own before
 * a lock goes into the log. So a server that has not applied that entry yet, or has it from a snapshot,
 * knows of no delay (B18).
 */
import type { Outbox } from '../../core/machine.ts';
import type { RaftState } from '../../protocol/raft/types.ts';
import type { Store } from './store.ts';

/** Starts the delays of the entry that was just applied. */
export function startLockDelays(store: Store, out: Outbox): void {
  const now = out.now();
  const { runningDelays } = store;
  for (const [key, { untilMicros }] of runningDelays) {
    if (untilMicros <= now) runningDelays.delete(key);
  }
  for (const { key, delayMicros } of store.lockDelays) {
    runningDelays.set(key, { untilMicros: now + delayMicros, delayMicros });
  }
}

/** With B18 fixed: what a snapshot brought along runs anew from when this server leads. */
export function startLostDelays(store: Store, out: Outbox): void {
  for (const [key, { untilMicros, delayMicros }] of store.lostDelays) {
    if (untilMicros > 0) continue;
    store.lostDelays.set(key, { untilMicros: out.now() + delayMicros, delayMicros });
  }
}

function runs(delays: Store['runningDelays'], key: string, out: Outbox): boolean {
  const delay = delays.get(key);
  return delay !== undefined && delay.untilMicros > out.now();
}

/** Whether the leader refuses to put a lock of the key into the log. */
export function isDelayed(raft: RaftState, key: string, isB18: boolean, out: Outbox): boolean {
  const store = raft.fsm as Store;
  if (runs(store.runningDelays, key, out)) return true;
  const { leaderState, fsmIndex } = raft;
  const behind = leaderState !== null && fsmIndex < leaderState.startIndex;
  if (!behind && !runs(store.lostDelays, key, out)) return false;
  if (isB18) out.mark('B18');
  return !isB18;
}
