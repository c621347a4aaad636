/**
 * How a client of the store reaches its servers: it asks one itself, or the agent on its host, which has
 * a list of servers of its own and tries again by rules of its own (reference: agents §4.3). Programs of
 * the tutorials know their agent only.
 */
import { QUERY } from '../consul/agent/reads/vocabulary.ts';
import type { AgentQuery } from '../consul/agent/reads/vocabulary.ts';
import { RPC_BLOCKING, RPC_READ, RPC_WRITE } from '../consul/requests/inputs.ts';
import type { ServerRequest } from '../consul/requests/request.ts';
import type { Outbox, ProcessIndex } from '../core/machine.ts';

export interface Road {
  /** Of a server, or of the agent. */
  readonly to: ProcessIndex;
  readonly via: 'server' | 'agent';
}

export function askStore(
  { to, via }: Road,
  request: ServerRequest,
  writes: boolean,
  patienceMicros: number,
  answered: number,
  slot: number,
  out: Outbox,
): void {
  if (via === 'agent') {
    const body: AgentQuery = { request, cached: false, writes };
    out.request(to, QUERY, body, patienceMicros, answered, slot);
    return;
  }
  const input = writes ? RPC_WRITE : request.minIndex > 0 ? RPC_BLOCKING : RPC_READ;
  out.request(to, input, request, patienceMicros, answered, slot);
}
