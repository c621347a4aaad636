/** The authority's writes through Raft, which wait for the main thread for so long and no longer. */
import type { Outbox } from '../../core/machine.ts';
import { ApplyError, commandProposal, proposerTag } from '../../protocol/raft/types.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import { APPLY } from '../../protocol/raft/vocabulary.ts';
import { raftOf } from '../membership/server.ts';
import { connectCommand } from '../state/connect.ts';
import type { ConnectChange } from '../state/connect.ts';
import type { CaState } from './state.ts';
import { CALL_TIMER, CA_MACHINE } from './vocabulary.ts';

/** `consul:agent/consul/rpc.go (enqueueLimit)`. */
const ENQUEUE_MICROS = 30_000_000;

/** Number by which the answer names it. */
export function propose(state: CaState, change: ConnectChange, out: Outbox): number {
  const proposal = ++state.proposals;
  const byMicros = out.now() + ENQUEUE_MICROS;
  if (state.waiting.length === 0) out.timer(CALL_TIMER, 0, ENQUEUE_MICROS);
  state.waiting.push({ proposal, byMicros });
  const tag = proposerTag(CA_MACHINE, proposal);
  out.post(APPLY, 0, 0, commandProposal(connectCommand(change), tag, byMicros));
  return proposal;
}

export function forgetProposal(state: CaState, proposal: number): void {
  state.waiting = state.waiting.filter((one) => one.proposal !== proposal);
}

/** Those that Raft has not even taken in their time: the calls give up. */
export function lateProposals(state: CaState, out: Outbox): readonly number[] {
  const taken = raftOf(out).proposalsTakenOf[CA_MACHINE] ?? 0;
  const now = out.now();
  const late = state.waiting.filter((one) => one.proposal > taken && one.byMicros <= now);
  // Those that Raft has taken have an answer of their own to come.
  state.waiting = state.waiting.filter((one) => one.proposal > taken && one.byMicros > now);
  const [next] = state.waiting;
  if (next !== undefined) out.timer(CALL_TIMER, 0, next.byMicros - now);
  return late.map(({ proposal }) => proposal);
}

export const NOT_ENQUEUED: ApplyResult = {
  error: ApplyError.enqueueTimeout,
  index: 0,
  value: null,
};
