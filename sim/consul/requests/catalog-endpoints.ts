/**
 * The endpoints of the catalog and of health (`consul:agent/consul/catalog_endpoint.go,
 * health_endpoint.go`; reference: consul §3.4, §4.2, agents §3.1).
 */
import { deregisterCommand, registerCommand } from '../state/commands.ts';
import {
  isHealthy,
  listCheckedInstances,
  listNodeChecks,
  listNodeServices,
  listServiceNodes,
} from '../state/catalog-queries.ts';
import type { CheckedInstance } from '../state/catalog-queries.ts';
import type { CheckDefinition, NodeDefinition, ServiceDefinition } from '../state/rows.ts';
import { sortByDistance } from '../state/near.ts';
import { isStoreError } from '../state/store.ts';
import type { Store, StoreError } from '../state/store.ts';
import type { WatchSet } from '../state/watches.ts';
import type { ReadEndpoint, WriteEndpoint } from './endpoint.ts';
import { PERMISSION_DENIED, definite } from './request.ts';

/** Node, service and checks of a registration; the smaller part of a removal (consul §4.2). */
const REGISTER_BYTES = 700;
const CHECK_BYTES = 250;
const DEREGISTER_BYTES = 200;
const ANSWER_BYTES = 60;
/** What an instance takes in a list, with node and checks. */
const INSTANCE_BYTES = 1_200;
const QUERY_BYTES = 400;
const LIST_BYTES = 100;

export interface RegisterInput {
  readonly node: NodeDefinition;
  readonly skipNodeUpdate: boolean;
  readonly service: ServiceDefinition | null;
  readonly checks: readonly CheckDefinition[];
  /** Its token may not write this service: access control in one bit. */
  readonly denied?: boolean;
}

function outcome(value: StoreError | null) {
  if (isStoreError(value)) return definite(value.error);
  return { value: null, applied: true, index: 0 };
}

export const catalogRegister: WriteEndpoint = {
  name: 'Catalog.Register',
  kind: 'write',
  bytes: ({ checks }: RegisterInput) => REGISTER_BYTES + CHECK_BYTES * checks.length,
  answerBytes: ANSWER_BYTES,
  command: ({ node, skipNodeUpdate, service, checks, denied }: RegisterInput) =>
    denied === true
      ? { error: definite(PERMISSION_DENIED) }
      : { command: registerCommand(node, skipNodeUpdate, service, checks) },
  result: outcome,
};

export interface DeregisterInput {
  readonly node: string;
  readonly serviceId: string;
  readonly checkId: string;
}

export const catalogDeregister: WriteEndpoint = {
  name: 'Catalog.Deregister',
  kind: 'write',
  bytes: DEREGISTER_BYTES,
  answerBytes: ANSWER_BYTES,
  command: ({ node, serviceId, checkId }: DeregisterInput) => ({
    command: deregisterCommand(node, serviceId, checkId),
  }),
  result: outcome,
};

export interface NodeInput {
  readonly node: string;
}

/** Null for an unknown node. */
export interface NodeServiceList {
  readonly node: NodeDefinition;
  readonly services: readonly ServiceDefinition[];
}

export const catalogNodeServices: ReadEndpoint = {
  name: 'Catalog.NodeServiceList',
  kind: 'read',
  bytes: QUERY_BYTES,
  answerBytes: (list: NodeServiceList | null) =>
    LIST_BYTES + (list === null ? 0 : REGISTER_BYTES * list.services.length),
  boundsStaleness: true,
  query: (store: Store, { node }: NodeInput, set: WatchSet | null = null) => {
    const found = listNodeServices(store, node, set);
    const value = found.node === undefined ? null : { node: found.node, services: found.services };
    return { value, index: found.index, notFound: false };
  },
};

export const healthNodeChecks: ReadEndpoint = {
  name: 'Health.NodeChecks',
  kind: 'read',
  bytes: QUERY_BYTES,
  answerBytes: (checks: readonly CheckDefinition[]) => LIST_BYTES + CHECK_BYTES * checks.length,
  boundsStaleness: true,
  query: (store: Store, { node }: NodeInput, set: WatchSet | null = null) => {
    const { index, checks } = listNodeChecks(store, node, set);
    return { value: checks, index, notFound: false };
  },
};

export interface ServiceInput {
  readonly service: string;
  /** Every one of them, compared without regard to case. */
  readonly tags: readonly string[];
  /** Instances with a check that is not passing are left out. */
  readonly passing: boolean;
  /** Node that the answer is sorted by the distance from; the agent puts its own for `_agent`. */
  readonly near?: string;
}

export function hasTags(
  { service }: Pick<CheckedInstance, 'service'>,
  tags: readonly string[],
): boolean {
  const own = service.tags.map((tag) => tag.toLowerCase());
  return tags.every((tag) => own.includes(tag.toLowerCase()));
}

/**
 * Who fails the filter changes places with the last one, so that the order of the others changes
 * (`consul:agent/structs/structs.go (CheckServiceNodes.Filter)`).
 */
function keepPassing(instances: readonly CheckedInstance[]): CheckedInstance[] {
  const kept = [...instances];
  for (let at = 0; at < kept.length; at++) {
    if (isHealthy(kept[at], true)) continue;
    kept[at] = kept[kept.length - 1];
    kept.pop();
    at--;
  }
  return kept;
}

export const healthServiceNodes: ReadEndpoint = {
  name: 'Health.ServiceNodes',
  kind: 'read',
  bytes: QUERY_BYTES,
  answerBytes: (instances: readonly CheckedInstance[]) =>
    LIST_BYTES + INSTANCE_BYTES * instances.length,
  boundsStaleness: true,
  query: (store: Store, input: ServiceInput, set: WatchSet | null = null) => {
    const { service, tags, passing, near = '' } = input;
    const { index, instances } = listCheckedInstances(store, service, set);
    const tagged = tags.length === 0 ? instances : instances.filter((one) => hasTags(one, tags));
    const kept = passing ? keepPassing(tagged) : tagged;
    const value = near === '' ? kept : sortByDistance(store, near, kept);
    return { value, index, notFound: false };
  },
};

export const catalogServiceNodes: ReadEndpoint = {
  name: 'Catalog.ServiceNodes',
  kind: 'read',
  bytes: QUERY_BYTES,
  answerBytes: (instances: readonly unknown[]) => LIST_BYTES + REGISTER_BYTES * instances.length,
  boundsStaleness: true,
  query: (store: Store, { service, tags }: ServiceInput, set: WatchSet | null = null) => {
    const { index, instances } = listServiceNodes(store, service, set);
    const value = instances.filter((one) => hasTags(one, tags));
    return { value, index, notFound: false };
  },
};
