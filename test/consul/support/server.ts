/** A server alone, beside a Raft that the test makes up. */
import { Recording } from '../../../sim/core/recording.ts';
import { KVS_APPLY, KVS_GET } from '../../../sim/consul/requests/endpoints.ts';
import { APPLIED, RPC_READ, RPC_WRITE } from '../../../sim/consul/requests/inputs.ts';
import { request } from '../../../sim/consul/requests/request.ts';
import type { ReadMode } from '../../../sim/consul/requests/request.ts';
import type { ServerConfig } from '../../../sim/consul/requests/state.ts';
import { serverMachine } from '../../../sim/consul/server.ts';
import { kvCommand } from '../../../sim/consul/state/commands.ts';
import { applyKv } from '../../../sim/consul/state/kv.ts';
import { createStore } from '../../../sim/consul/state/store.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';
import type { ApplyError } from '../../../sim/protocol/raft/types.ts';
import { RAFT_MACHINE } from '../../../sim/protocol/raft/vocabulary.ts';

export const SECOND = 1_000_000;

/** What the server reads of the Raft beside it. */
export function raftState() {
  const fsm = createStore();
  applyKv(fsm, kvCommand('put', 'k', 'v', 0, 1), 3);
  return {
    role: Role.leader as Role,
    leader: 0,
    lastContact: 0,
    fsm,
    fsmIndex: 7,
    leaderState: { startIndex: 5 } as { startIndex: number } | null,
    proposalsTaken: 0,
  };
}

export type RaftBeside = ReturnType<typeof raftState>;

/** A follower of server 4. */
export function follower(): RaftBeside {
  return { ...raftState(), role: Role.follower, leader: 4, leaderState: null };
}

const CONFIG: ServerConfig = {
  datacenter: 'dc1',
  forwardMicros: 60 * SECOND,
  holdMicros: 7 * SECOND,
  queryMicros: 300 * SECOND,
  queryMicrosMax: 600 * SECOND,
  limits: { mode: 'disabled', readRate: Infinity, writeRate: Infinity },
  bugs: { B13: false, B14: false, P10: false, P11: false, P12: false },
};

export function serverOf(raft: RaftBeside, config: Partial<ServerConfig> = {}) {
  const server = new Recording(serverMachine, { ...CONFIG, ...config });
  server.siblings.set(RAFT_MACHINE, raft);
  server.start();
  return server;
}

export type ServerAlone = ReturnType<typeof serverOf>;

export function read(server: ServerAlone, mode: ReadMode = 'default'): number {
  return server.ask(RPC_READ, 9, request(KVS_GET, { key: 'k' }, mode));
}

export function write(server: ServerAlone, digest = 1): number {
  return server.ask(RPC_WRITE, 9, request(KVS_APPLY, { digest }));
}

/** Raft's answer to what the server has asked of it. */
export function applied(server: ServerAlone, tag: number, error: ApplyError): void {
  const value = { applied: true, modifyIndex: 8 };
  server.deliver(APPLIED, tag, { error, index: 8, value });
}

/** What an exchange was answered. */
export function replies(server: ServerAlone, exchange: number): unknown[] {
  return server
    .of('reply')
    .filter((reply) => reply.exchange === exchange)
    .map(({ body }) => body);
}
