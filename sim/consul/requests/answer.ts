/** What a server adds to its answers of what it knows of the leader (reference: consul §2.4). */
import type { Outbox } from '../../core/machine.ts';
import { NEVER, Role } from '../../protocol/raft/types.ts';
import { sizeOf } from './endpoint.ts';
import type { Endpoint, QueryResult, WriteResult } from './endpoint.ts';
import type { ServerAnswer } from './request.ts';
import { raftOf } from './state.ts';

/** Answers what did not come from the state store: a write, or the memory of this server. */
export function succeed(
  exchange: number,
  endpoint: Endpoint,
  { value, applied, index }: WriteResult,
  logIndex: number,
  out: Outbox,
): void {
  const answer: ServerAnswer = {
    value,
    applied,
    index,
    logIndex,
    lastContactMicros: 0,
    knownLeader: true,
    server: out.self,
    appliedIndex: raftOf(out).fsmIndex,
    bytes: sizeOf(endpoint.answerBytes, value),
  };
  out.reply(exchange, answer);
}

/** `consul:agent/consul/rpc.go (SetQueryMeta)`. */
export function readAnswer(
  endpoint: Endpoint,
  { value, index }: QueryResult,
  indexMin: number,
  out: Outbox,
): ServerAnswer {
  const { role, leader, lastContact, fsmIndex } = raftOf(out);
  const leads = role === Role.leader;
  return {
    value,
    applied: true,
    // At least 1: 0 would keep a blocking query from blocking.
    index: Math.max(index, indexMin),
    logIndex: 0,
    // Some time has passed since, however little: 0 is for leaders, and for who has heard from nobody.
    lastContactMicros: leads || lastContact === NEVER ? 0 : Math.max(1, out.now() - lastContact),
    knownLeader: leads || leader >= 0,
    server: out.self,
    appliedIndex: fsmIndex,
    bytes: sizeOf(endpoint.answerBytes, value),
  };
}
