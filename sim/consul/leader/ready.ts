/** The readiness flag, for the request path of the same server. */
import type { Outbox } from '../../core/machine.ts';
import type { LeaderState } from './state.ts';
import { LEADER_MACHINE } from './vocabulary.ts';

/** `isReadyForConsistentReads`; undefined where servers are alone and no leader loop sets it. */
export function isReady(out: Outbox): boolean | undefined {
  return (out.sibling(LEADER_MACHINE) as LeaderState | undefined)?.ready;
}
