/** Services and checks for tests of an agent's local state. */
import { agentBugs } from '../../../sim/consul/agent/bugs.ts';
import type { AgentBugs } from '../../../sim/consul/agent/bugs.ts';
import {
  CATALOG_NODE_SERVICES,
  HEALTH_NODE_CHECKS,
} from '../../../sim/consul/requests/endpoints.ts';
import { thresholdsOf } from '../../../sim/consul/agent/check-handler.ts';
import type { CheckDefinition, ServiceDefinition } from '../../../sim/consul/state/rows.ts';
import { HEALTH_CHECK } from '../../../sim/service/vocabulary.ts';
import { agentMachine } from '../../../sim/consul/agent/machine.ts';
import type {
  AgentConfig,
  AgentDurable,
  AgentState,
  CheckSpec,
  ServiceSpec,
} from '../../../sim/consul/agent/state.ts';
import { RPC_READ, RPC_WRITE } from '../../../sim/consul/requests/inputs.ts';
import type { ServerError, ServerRequest } from '../../../sim/consul/requests/request.ts';
import type { CallEffect } from '../../../sim/core/effects.ts';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { Recording } from '../../../sim/core/recording.ts';

export const REAL_BUGS: AgentBugs = agentBugs(new Set(), new Set());

export function service(id: string, fields: Partial<ServiceDefinition> = {}): ServiceDefinition {
  return {
    id,
    service: id,
    tags: [],
    address: '',
    port: 8080,
    meta: [],
    ...fields,
  };
}

export function check(serviceId: string, fields: Partial<CheckDefinition> = {}): CheckDefinition {
  return {
    id: `service:${serviceId}`,
    name: `Service '${serviceId}' check`,
    status: 'critical',
    output: '',
    type: 'http',
    serviceId,
    sessionName: '',
    ...fields,
  };
}

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;

export type Agent = Recording<AgentState, AgentDurable>;

/** One check of an instance that is asked every 10 s. */
export function httpCheck(fields: Partial<CheckSpec> = {}): CheckSpec {
  return {
    id: '',
    name: '',
    kind: 'http',
    ofNode: false,
    path: '/health',
    at: '10.0.0.7:8080',
    target: 77,
    deep: false,
    alias: '',
    intervalMicros: 10 * SECOND,
    timeoutMicros: 2 * SECOND,
    ttlMicros: 0,
    thresholds: thresholdsOf({}),
    initialStatus: 'critical',
    deregisterAfterMicros: 0,
    ...fields,
  };
}

export function definition(id: string, ...checks: CheckSpec[]): ServiceSpec {
  return { service: service(id), checks, denied: false, program: -1 };
}

/** A started agent whose draws are all 0 unless they are scripted; its first sync waits for s1. */
export function agentOf(
  fields: Partial<AgentConfig> = {},
  siblings: ReadonlyMap<number, unknown> = new Map(),
): Agent {
  const config: AgentConfig = {
    node: 'a1',
    nodeId: 'a1-id',
    address: '10.0.0.7',
    servers: ['s1', 's2', 's3'].map((name, process) => ({ name, process })),
    hasPool: false,
    poolNodes: 4,
    services: [],
    registered: [],
    formed: false,
    persists: false,
    sendsCoordinates: true,
    checkUpdateMicros: 5 * MINUTE,
    rpcHoldMicros: 7 * SECOND,
    rpcMicros: MINUTE,
    bugs: REAL_BUGS,
    ...fields,
  };
  const agent = new Recording(agentMachine, config, { self: 9 });
  for (const [machine, state] of siblings) agent.siblings.set(machine, state as never);
  // The list stays as it is.
  agent.script('servers', ...Array.from({ length: 100 }, () => 0.999));
  agent.start();
  return agent;
}

/** RPCs under way, the oldest goroutine first. */
export function calls(agent: Agent): { effect: CallEffect; request: ServerRequest }[] {
  return agent
    .waits('call')
    .filter(({ input }) => input === RPC_READ || input === RPC_WRITE)
    .map((effect) => ({ effect, request: effect.body as ServerRequest }));
}

/** Endpoints of the RPCs under way. */
export function asked(agent: Agent): number[] {
  return calls(agent).map(({ request }) => request.endpoint);
}

/** Answers the oldest RPC under way. */
export function answer(agent: Agent, value: unknown = null): ServerRequest {
  const { effect, request } = calls(agent)[0];
  const meta = { index: 1, logIndex: 0, lastContactMicros: 0, knownLeader: true, bytes: 0 };
  agent.answer(effect, { value, applied: true, ...meta });
  return request;
}

export function refuse(agent: Agent, error: ServerError | ErrorCause): ServerRequest {
  const { effect, request } = calls(agent)[0];
  if (typeof error === 'number') agent.answer(effect, undefined, error);
  else agent.answer(effect, error, ErrorCause.remote);
  return request;
}

/** Answers the two reads of a full sync; by default the catalog knows the node and nothing on it. */
export function answerReads(
  agent: Agent,
  services: readonly ServiceDefinition[] = [],
  checks: readonly CheckDefinition[] = [],
): void {
  const node = { id: 'a1-id', node: 'a1', address: '10.0.0.7', meta: [] };
  answer(agent, { node, services });
  answer(agent, checks);
}

/** Answers everything until no RPC is under way; returns what was asked. */
export function answerAll(agent: Agent): ServerRequest[] {
  const requests: ServerRequest[] = [];
  while (calls(agent).length > 0) {
    const { endpoint } = calls(agent)[0].request;
    const reads = endpoint === CATALOG_NODE_SERVICES || endpoint === HEALTH_NODE_CHECKS;
    if (reads) answerReads(agent);
    else requests.push(answer(agent));
  }
  return requests;
}

/** The run of a check that waits for its target. */
export function checking(agent: Agent): CallEffect | undefined {
  return agent.waits('call').find(({ input }) => input === HEALTH_CHECK);
}

export function respond(agent: Agent, code: number, text = ''): void {
  agent.answer(checking(agent)!, { code, text });
}

export function statusOf(agent: Agent, id = 'service:web'): string | undefined {
  return agent.state.local.checks.get(id)?.check?.status;
}
