/** Whether the leader lets a lock go into the log (reference: consul §2.8). */
import type { Outbox } from '../../core/machine.ts';
import type { RaftState } from '../../protocol/raft/types.ts';
import type { SessionState } from '../session/state.ts';
import { SESSION_MACHINE } from '../session/vocabulary.ts';
import { isDelayed } from '../state/lock-delay.ts';

/** Servers that are alone know the delays that they have started themselves. */
export function refusesLock(raft: RaftState, key: string, out: Outbox): boolean {
  const sessions = out.sibling(SESSION_MACHINE) as SessionState | undefined;
  return isDelayed(raft, key, sessions?.config.bugs.B18 ?? true, out);
}
