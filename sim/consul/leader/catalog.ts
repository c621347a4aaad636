/**
 * What a leader writes into the state store about the members of the pool, and once for the cluster
 * (`consul:agent/consul/leader_registrator_v1.go`, `leader.go`; reference: consul §2.6).
 */
import { hashString, mix } from '../../core/fingerprint.ts';
import type { Command } from '../../protocol/raft/types.ts';
import type { MemberSpec } from '../membership/members.ts';
import { SERF_HEALTH } from '../state/catalog.ts';
import type { DeregisterCommand, RegisterCommand, SystemCommand } from '../state/commands.ts';
import { indexOf } from '../state/indexes.ts';
import type { SystemTable } from '../state/indexes.ts';
import type { CheckDefinition, NodeDefinition, ServiceDefinition } from '../state/rows.ts';
import { keyOf } from '../state/store.ts';
import type { Store } from '../state/store.ts';
import { rowOf, rowsWithPrefix } from '../state/table.ts';
import type { CatalogPort, SystemKey } from './catalog-port.ts';

const SERVER_PORT = 8300;
const OUTPUTS = {
  passing: 'Agent alive and reachable',
  critical: 'Agent not live or unreachable',
} as const;
/** Tables of the entries that a first leader writes. */
const TABLES: Readonly<Record<SystemKey, SystemTable>> = {
  autopilot: 'autopilot-config',
  'connect-ca': 'connect-ca-config',
  'intention-format': 'system-metadata',
};

function nodeOf({ name, address }: MemberSpec): NodeDefinition {
  return { id: `${name}-id`, node: name, address, meta: [] };
}

function serviceOf({ server }: MemberSpec): ServiceDefinition | null {
  if (!server) return null;
  return { id: 'consul', service: 'consul', tags: [], address: '', port: SERVER_PORT, meta: [] };
}

function serfHealth(status: 'passing' | 'critical'): CheckDefinition {
  return {
    id: SERF_HEALTH,
    name: 'Serf Health Status',
    status,
    output: OUTPUTS[status],
    type: '',
    serviceId: '',
    sessionName: '',
  };
}

function registration(
  member: MemberSpec,
  status: 'passing' | 'critical',
  skipNodeUpdate: boolean,
): RegisterCommand {
  return {
    op: 'register',
    node: nodeOf(member),
    skipNodeUpdate,
    service: skipNodeUpdate ? null : serviceOf(member),
    checks: [serfHealth(status)],
    digest: mix(hashString(member.name), hashString(status)),
  };
}

function deregistration(node: string): DeregisterCommand {
  const digest = mix(hashString(node), hashString('gone'));
  return { op: 'deregister', node, serviceId: '', checkId: '', digest };
}

export function systemCommand(key: SystemKey): SystemCommand {
  return { op: 'system', table: TABLES[key], digest: hashString(key) };
}

export function aliveCommand(member: MemberSpec): RegisterCommand {
  return registration(member, 'passing', false);
}

function statusOf(store: Store, node: string): string | undefined {
  return rowOf(store.checks, keyOf(node, SERF_HEALTH))?.status;
}

function isRegistered(store: Store, member: MemberSpec): boolean {
  const known = rowOf(store.nodes, keyOf(member.name));
  if (known === undefined || known.address !== nodeOf(member).address) return false;
  const service = serviceOf(member);
  if (service !== null && rowOf(store.services, keyOf(member.name, service.id)) === undefined) {
    return false;
  }
  return statusOf(store, member.name) === 'passing';
}

export const storeCatalog: CatalogPort = {
  system: (fsm, key): Command | null =>
    indexOf(fsm as Store, TABLES[key]) === 0 ? systemCommand(key) : null,
  alive: (fsm, member) => (isRegistered(fsm as Store, member) ? null : aliveCommand(member)),
  failed(fsm, member) {
    const store = fsm as Store;
    const known = rowOf(store.nodes, keyOf(member.name)) !== undefined;
    if (!known || statusOf(store, member.name) === 'critical') return null;
    return registration(member, 'critical', true);
  },
  gone: (fsm, { name }) =>
    rowOf((fsm as Store).nodes, keyOf(name)) === undefined ? null : deregistration(name),
  unknown(fsm, members) {
    const store = fsm as Store;
    const names = new Set(members.map(({ name }) => name));
    return rowsWithPrefix(store.nodes, '')
      .filter(({ node }) => !names.has(node) && statusOf(store, node) !== undefined)
      .map(({ node }) => deregistration(node));
  },
};
