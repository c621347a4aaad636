/**
 * Prepared queries (`consul:agent/consul/prepared_query_endpoint.go`; reference: consul §3.5): rows that
 * are made through Raft, and their execution on whoever may answer.
 *
 * Where nobody is found here, other datacenters are tried (failover.ts).
 *
 * Known deviation: `_ip` as the node to be near to is not known.
 */
import { hashString, mix } from '../../core/fingerprint.ts';
import type { Draws } from '../../core/draws.ts';
import { isHealthy, listCheckedInstances } from '../state/catalog-queries.ts';
import type { CheckedInstance } from '../state/catalog-queries.ts';
import { sortByDistance } from '../state/near.ts';
import { resolveQuery } from '../state/queries.ts';
import type { PreparedQuery, QueryDefinition } from '../state/rows.ts';
import type { Store, StoreError } from '../state/store.ts';
import type { Meta } from '../state/rows.ts';
import type { LeaderEndpoint, WriteEndpoint } from './endpoint.ts';
import { definite } from './request.ts';
import { raftOf } from './state.ts';

export type QueryInput =
  | { readonly op: 'set'; readonly query: QueryDefinition }
  | { readonly op: 'delete'; readonly id: string };

export const queryApply: WriteEndpoint = {
  name: 'PreparedQuery.Apply',
  kind: 'write',
  bytes: 350,
  answerBytes: 140,
  command: (input: QueryInput) => {
    const digest = mix(31, hashString(JSON.stringify(input)));
    if (input.op === 'delete') return { command: { op: 'query-delete', id: input.id, digest } };
    const { name, session, template, service } = input.query;
    if (name === '' && session === '' && !template) {
      return { error: definite('Must be bound to a session') };
    }
    if (service === '') return { error: definite('Must provide a Service name to query') };
    return { command: { op: 'query-set', query: input.query, digest } };
  },
  result: (value: StoreError | null, input: QueryInput) => {
    if (value !== null) return definite(value.error);
    const id = input.op === 'set' ? input.query.id : input.id;
    return { value: id, applied: true, index: 0 };
  },
};

export interface ExecuteInput {
  /** ID or name. */
  readonly query: string;
  /** 0: all of them. */
  readonly limit: number;
  /** Node of the agent that asks, where the query is to be near to whoever asks. */
  readonly agent?: string;
  /** Node to be near to, in place of what the query says; "": as it says. */
  readonly near?: string;
}

export interface Executed {
  readonly service: string;
  readonly instances: readonly CheckedInstance[];
  /** Other datacenters that were tried. */
  readonly failovers: number;
  /** The last of them; left out where none was. */
  readonly datacenter?: string;
}

/** The whole query goes along: another datacenter does not know it. */
export interface ExecuteRemoteInput {
  readonly query: PreparedQuery;
  readonly limit: number;
}

function satisfies(meta: Meta, wanted: Meta): boolean {
  return wanted.every(([name, value]) => meta.some(([k, v]) => k === name && v === value));
}

function hasTags(tags: readonly string[], wanted: readonly string[]): boolean {
  const held = new Set(tags.map((tag) => tag.toLowerCase()));
  return wanted.every((tag) => {
    const excluded = tag.startsWith('!');
    return held.has((excluded ? tag.slice(1) : tag).toLowerCase()) !== excluded;
  });
}

/** The instance on the very node is put first, if it is among so many. */
const OWN_WITHIN = 10;

function nearest(
  store: Store,
  near: string,
  instances: readonly CheckedInstance[],
): readonly CheckedInstance[] {
  const sorted = sortByDistance(store, near, instances);
  const own = sorted.slice(0, OWN_WITHIN).findIndex(({ node }) => node.node === near);
  if (own > 0) [sorted[0], sorted[own]] = [sorted[own], sorted[0]];
  return sorted;
}

/** Health, metadata, tags, in this order; then shuffled. */
function findInstances(store: Store, query: PreparedQuery, draws: Draws): CheckedInstance[] {
  const { service, onlyPassing, ignoreChecks, nodeMeta, serviceMeta, tags } = query;
  const instances = listCheckedInstances(store, service, null).instances.filter(
    (one) =>
      isHealthy(one, onlyPassing, ignoreChecks) &&
      satisfies(one.node.meta, nodeMeta) &&
      satisfies(one.service.meta, serviceMeta) &&
      hasTags(one.service.tags, tags),
  );
  draws.shuffle(instances);
  return instances;
}

function limited<T>(list: readonly T[], limit: number): readonly T[] {
  return limit > 0 ? list.slice(0, limit) : list;
}

/** Sorted by distance if so wanted, and cut. */
export function executeQuery(
  store: Store,
  query: PreparedQuery,
  { limit, near, agent = '' }: Omit<ExecuteInput, 'query'>,
  draws: Draws,
): Executed {
  const { service } = query;
  const instances = findInstances(store, query, draws);
  const wanted = near || query.near;
  const from = wanted === '_agent' ? agent : wanted;
  const sorted = from === '' ? instances : nearest(store, from, instances);
  return { service, instances: limited(sorted, limit), failovers: 0 };
}

/** For another datacenter: nothing is sorted, and nothing fails over from here. */
export const queryExecuteRemote: LeaderEndpoint = {
  name: 'PreparedQuery.ExecuteRemote',
  kind: 'leader',
  reads: true,
  answersStale: true,
  bytes: 550,
  answerBytes: (value: Executed | null) => 100 + 1200 * (value?.instances.length ?? 0),
  answer: ({ query, limit }: ExecuteRemoteInput, out) => {
    const store = raftOf(out).fsm as Store;
    const found = findInstances(store, query, out.draw('prepared-query'));
    const instances = limited(found, limit);
    const value: Executed = { service: query.service, instances, failovers: 0 };
    return { value, applied: true, index: 0 };
  },
};

/** A read that never blocks: its answer is drawn anew each time. */
export const queryExecute: LeaderEndpoint = {
  name: 'PreparedQuery.Execute',
  kind: 'leader',
  reads: true,
  answersStale: true,
  bytes: 350,
  answerBytes: (value: Executed | null) => 100 + 1200 * (value?.instances.length ?? 0),
  answer: ({ query, ...wanted }: ExecuteInput, out) => {
    const store = raftOf(out).fsm as Store;
    const known = resolveQuery(store, query);
    if (known === undefined) return definite('Query not found');
    const value = executeQuery(store, known, wanted, out.draw('prepared-query'));
    return { value, applied: true, index: 0 };
  },
};
