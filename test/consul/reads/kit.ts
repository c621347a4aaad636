/** An agent's reads alone, beside an agent whose server list the test makes up. */
import { agentBugs } from '../../../sim/consul/agent/bugs.ts';
import { AGENT_MACHINE } from '../../../sim/consul/agent/inputs.ts';
import { readsMachine } from '../../../sim/consul/agent/reads/machine.ts';
import type { DnsConfig, ReadsConfig, ReadsState } from '../../../sim/consul/agent/reads/state.ts';
import { QUERY } from '../../../sim/consul/agent/reads/vocabulary.ts';
import type { AgentQuery } from '../../../sim/consul/agent/reads/vocabulary.ts';
import { HEALTH_SERVICE_NODES } from '../../../sim/consul/requests/endpoints.ts';
import { NEXT_EVENT, SUBSCRIBE } from '../../../sim/consul/requests/inputs.ts';
import { definite, request } from '../../../sim/consul/requests/request.ts';
import type { ServerRequest } from '../../../sim/consul/requests/request.ts';
import type { CheckedInstance } from '../../../sim/consul/state/catalog-queries.ts';
import type { CheckStatus } from '../../../sim/consul/state/rows.ts';
import type { CallEffect, RequestEffect } from '../../../sim/core/effects.ts';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { Recording } from '../../../sim/core/recording.ts';

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
const PROGRAM = 5;

export type Reads = Recording<ReadsState, null>;

const DNS: DnsConfig = {
  allowStale: true,
  maxStaleMicros: 87_600 * HOUR,
  onlyPassing: false,
  nodeTtlMicros: 0,
  serviceTtlMicros: {},
  udpAnswerLimit: 3,
  aRecordLimit: 0,
  enableTruncate: false,
  useCache: false,
};

export function readsOf(
  fields: Partial<Omit<ReadsConfig, 'dns'>> = {},
  dns: Partial<DnsConfig> = {},
  servers: readonly string[] = ['s1', 's2', 's3'],
): Reads {
  const config: ReadsConfig = {
    node: 'a1',
    datacenter: 'dc1',
    streaming: true,
    fetchRate: Infinity,
    fetchBurst: 2,
    bugs: { P13: false },
    ...fields,
    dns: { ...DNS, ...dns },
  };
  const reads = new Recording(readsMachine, config, { self: 9 });
  const list = servers.map((name, process) => ({ name, process }));
  const agent = {
    servers: { servers: list },
    config: {
      rpcMicros: MINUTE,
      rpcHoldMicros: 7 * SECOND,
      bugs: agentBugs(new Set(), new Set()),
    },
  };
  reads.siblings.set(AGENT_MACHINE, agent);
  reads.start();
  return reads;
}

/** An instance on a node of its own, of index `index`. */
export function instance(
  id: string,
  status: CheckStatus = 'passing',
  address = `10.0.0.${id.replace(/\D/g, '') || 1}`,
): CheckedInstance {
  const indexed = { createIndex: 1, modifyIndex: 1 };
  return {
    node: { id, node: `n-${id}`, address, meta: [], ...indexed },
    service: {
      id,
      service: 'web',
      tags: ['blue'],
      address: '',
      port: 8080,
      meta: [],
      node: `n-${id}`,
      ...indexed,
    },
    checks: [
      {
        id: `service:${id}`,
        name: '',
        status,
        output: '',
        type: 'http',
        serviceId: id,
        sessionName: '',
        node: `n-${id}`,
        serviceName: 'web',
        ...indexed,
      },
    ],
  };
}

export function health(
  index: number,
  { cached = false, waitMicros = 0, passing = true } = {},
): AgentQuery {
  const input = { service: 'web', tags: [], passing };
  const wanted = request(HEALTH_SERVICE_NODES, input, 'default', index, waitMicros);
  return { request: wanted, cached };
}

/** Asks by HTTP; returns the exchange. */
export function query(reads: Reads, body: AgentQuery): number {
  return reads.ask(QUERY, PROGRAM, body);
}

/** IDs of what an exchange was answered, or its error. */
export function result(reads: Reads, exchange: number): unknown {
  const answer = reads.answerOf(exchange) as
    { value: CheckedInstance[]; index: number; hit: boolean | null; ageMicros: number } | undefined;
  if (answer === undefined || 'error' in answer) return answer;
  const { index, hit, ageMicros } = answer;
  return { ids: answer.value.map(({ service }) => service.id), index, hit, ageMicros };
}

/** RPCs under way. */
export function calls(reads: Reads): { effect: CallEffect; request: ServerRequest }[] {
  return reads.waits('call').map((effect) => ({ effect, request: effect.body as ServerRequest }));
}

export function answerCall(reads: Reads, value: unknown, index = 7): void {
  const meta = { index, logIndex: 0, lastContactMicros: 0, knownLeader: true, bytes: 0 };
  reads.answer(calls(reads)[0].effect, { value, applied: true, ...meta });
}

/** With an error that is not followed by another attempt. */
export function failCall(reads: Reads): void {
  reads.answer(calls(reads)[0].effect, definite('no'), ErrorCause.remote);
}

/** What was asked of servers' streams, oldest first. */
export function streamed(reads: Reads): RequestEffect[] {
  return reads.of('request').filter(({ input }) => input === SUBSCRIBE || input === NEXT_EVENT);
}

/** The server tells of instances: a snapshot, or changes. */
export function event(
  reads: Reads,
  index: number,
  instances: readonly CheckedInstance[],
  snapshot = false,
): void {
  const updates = instances.map((one) => {
    return { key: `${one.node.node}\0${one.service.id}`, instance: one };
  });
  reads.answer(streamed(reads).at(-1)!, { subscription: 3, index, snapshot, updates });
}
