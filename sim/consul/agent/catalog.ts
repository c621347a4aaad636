/** What an agent asks the catalog, and how it reads the answers (reference: agents §1.4, §1.5). */
import {
  CATALOG_DEREGISTER,
  CATALOG_NODE_SERVICES,
  CATALOG_REGISTER,
  HEALTH_NODE_CHECKS,
} from '../requests/endpoints.ts';
import type {
  DeregisterInput,
  NodeInput,
  NodeServiceList,
  RegisterInput,
} from '../requests/catalog-endpoints.ts';
import { request } from '../requests/request.ts';
import type { ServerRequest } from '../requests/request.ts';
import type { CheckDefinition, ServiceDefinition } from '../state/rows.ts';
import type { CatalogNode } from './local-state.ts';

interface Node {
  readonly node: string;
  readonly nodeId: string;
  readonly address: string;
}

/** The reads may be as stale as they like: the bound that is set on them is enforced nowhere. */
export function nodeServices(node: string): ServerRequest {
  return request(CATALOG_NODE_SERVICES, { node } satisfies NodeInput, 'stale');
}

export function nodeChecks(node: string): ServerRequest {
  return request(HEALTH_NODE_CHECKS, { node } satisfies NodeInput, 'stale');
}

/** One entry of the log: node, service and checks stand or fall together. */
export function register(
  { node, nodeId, address }: Node,
  service: ServiceDefinition | null,
  checks: readonly CheckDefinition[],
  skipNodeUpdate: boolean,
  denied = false,
): ServerRequest {
  const input: RegisterInput = {
    node: { id: nodeId, node, address, meta: [] },
    skipNodeUpdate,
    service,
    checks,
    ...(denied ? { denied } : {}),
  };
  return request(CATALOG_REGISTER, input);
}

export function deregister({ node }: Node, serviceId: string, checkId: string): ServerRequest {
  const input: DeregisterInput = { node, serviceId, checkId };
  return request(CATALOG_DEREGISTER, input);
}

/** Puts the answers of the two reads together; null: the catalog does not know the node. */
export function catalogNode(
  { nodeId, address }: Node,
  before: CatalogNode | null,
  stage: 'read-services' | 'read-checks',
  value: unknown,
): CatalogNode | null {
  if (stage === 'read-services') {
    const list = value as NodeServiceList | null;
    if (list === null) return null;
    const isSame = list.node.id === nodeId && list.node.address === address;
    return { services: list.services, checks: [], isSame };
  }
  return before && { ...before, checks: value as readonly CheckDefinition[] };
}
