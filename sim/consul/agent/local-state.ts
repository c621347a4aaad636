/**
 * What an agent knows of its own node, and whether the catalog does too (reference: agents §1.1, §1.4,
 * §1.6, §1.7, §1.12; `consul:agent/local/state.go`). The catalog is forced towards this state, never
 * the other way round.
 *
 * Known deviations: no tokens, so that a check always goes with its service; no tag override, tagged
 * addresses, node metadata or locality.
 */
import { isSameCheck, isSameService } from './definitions.ts';
import type { CheckStatus, CheckDefinition, ServiceDefinition } from '../state/rows.ts';
import type { AgentBugs } from './bugs.ts';

/** Service and check that the leader writes; agents leave them alone. */
const CONSUL_SERVICE = 'consul';
const SERF_HEALTH = 'serfHealth';
/** A check that is not critical has no such time. */
export const NOT_CRITICAL = -1;

export interface ServiceState {
  /** Null for what only the catalog knows: it is to go there. */
  readonly service: ServiceDefinition | null;
  readonly inSync: boolean;
  readonly deleted: boolean;
}

export interface CheckState {
  readonly check: CheckDefinition | null;
  readonly inSync: boolean;
  readonly deleted: boolean;
  /** Local time at which it became critical, or NOT_CRITICAL. */
  readonly criticalMicros: number;
  /** A new output waits for its timer. */
  readonly deferred: boolean;
}

/** Entries are replaced, never changed. */
export interface LocalState {
  readonly services: Map<string, ServiceState>;
  readonly checks: Map<string, CheckState>;
  nodeInSync: boolean;
}

/** What the catalog holds for the node; null: it does not know the node. */
export interface CatalogNode {
  readonly services: readonly ServiceDefinition[];
  readonly checks: readonly CheckDefinition[];
  /** ID and address are those of this agent. */
  readonly isSame: boolean;
}

export function createLocalState(): LocalState {
  return { services: new Map(), checks: new Map(), nodeInSync: false };
}

export function copyLocalState({ services, checks, nodeInSync }: LocalState): LocalState {
  return { services: new Map(services), checks: new Map(checks), nodeInSync };
}

/**
 * Adds or replaces a service and its checks at a stroke. False: the handler panics, because an
 * entry of that name is still to be removed from the catalog and has no body to compare with (H2).
 * An equal entry passes for in sync, even if that one never was (H1, P4).
 */
export function addService(
  state: LocalState,
  service: ServiceDefinition,
  checks: readonly CheckDefinition[],
  bugs: AgentBugs,
): boolean {
  const known = state.services.get(service.id);
  if (known?.service === null) return false;
  if (checks.some(({ id }) => state.checks.get(id)?.check === null)) return false;
  const isSame = known !== undefined && isSameService(service, known.service);
  const inSync = isSame && (bugs.P4 || isPushed(known));
  state.services.set(service.id, { service, inSync, deleted: false });
  for (const check of checks) addCheck(state, check, bugs);
  return true;
}

/**
 * Status and output of a check that is there already stay; its clock begins anew. False: the handler
 * panics (H2).
 */
export function addCheck(state: LocalState, check: CheckDefinition, bugs: AgentBugs): boolean {
  const known = state.checks.get(check.id);
  if (known?.check === null) return false;
  const kept = known === undefined || bugs.P3 ? {} : outcomeOf(known.check);
  const added = { ...check, ...kept };
  const isSame = known !== undefined && isSameCheck(added, known.check);
  // An old timer is carried over, and with it the mark that there is something to push.
  const deferred = known?.deferred === true;
  const inSync = isSame && !deferred && (bugs.P4 || isPushed(known));
  const entry = { check: added, deleted: false, criticalMicros: NOT_CRITICAL, deferred, inSync };
  state.checks.set(check.id, entry);
  return true;
}

function outcomeOf({
  status,
  output,
}: CheckDefinition): Pick<CheckDefinition, 'status' | 'output'> {
  return { status, output };
}

function isPushed({ inSync, deleted }: ServiceState | CheckState): boolean {
  return inSync && !deleted;
}

/** False: there is no such service. Its checks go with it. */
export function removeService(state: LocalState, id: string): boolean {
  const known = state.services.get(id);
  if (known === undefined || known.deleted) return false;
  state.services.set(id, { ...known, inSync: false, deleted: true });
  for (const [checkId, { check }] of state.checks) {
    if (check?.serviceId === id) removeCheck(state, checkId);
  }
  return true;
}

/** False: there is no such check. */
export function removeCheck(state: LocalState, id: string): boolean {
  const known = state.checks.get(id);
  if (known === undefined || known.deleted) return false;
  state.checks.set(id, { ...known, inSync: false, deleted: true });
  return true;
}

/** nothing: nobody is to know. changed: it is to be pushed. defer: a timer is to push it later. */
export type CheckUpdate = 'nothing' | 'changed' | 'defer';

/** The result of a check, or an update over HTTP. */
export function updateCheck(
  state: LocalState,
  id: string,
  status: CheckStatus,
  output: string,
  now: number,
  deferOutput: boolean,
): CheckUpdate {
  const known = state.checks.get(id);
  if (known === undefined || known.check === null || known.deleted) return 'nothing';
  const { check } = known;
  const criticalMicros =
    status !== 'critical'
      ? NOT_CRITICAL
      : known.criticalMicros === NOT_CRITICAL
        ? now
        : known.criticalMicros;
  if (check.status === status && check.output === output) {
    state.checks.set(id, { ...known, criticalMicros });
    return 'nothing';
  }
  const updated = { ...known, check: { ...check, status, output }, criticalMicros };
  if (deferOutput && check.status === status) {
    state.checks.set(id, { ...updated, deferred: true });
    return known.deferred ? 'nothing' : 'defer';
  }
  state.checks.set(id, { ...updated, inSync: false });
  return 'changed';
}

/** The timer of a deferred output has fired. True: there is something to push. */
export function endDeferral(state: LocalState, id: string): boolean {
  const known = state.checks.get(id);
  if (known === undefined || !known.deferred) return false;
  state.checks.set(id, { ...known, deferred: false, inSync: known.deleted && known.inSync });
  return !known.deleted;
}

/** Marks what differs from the catalog (`updateSyncState`). What only the catalog has is to go. */
export function compare(state: LocalState, remote: CatalogNode | null, outputs: boolean): void {
  state.nodeInSync = remote?.isSame === true;
  const services = new Map(remote?.services.map((service) => [service.id, service]));
  const checks = new Map(remote?.checks.map((check) => [check.id, check]));
  for (const [id, entry] of state.services) {
    if (!services.has(id)) state.services.set(id, { ...entry, inSync: false });
  }
  for (const [id, service] of services) {
    if (id === CONSUL_SERVICE) continue;
    const entry = state.services.get(id);
    if (entry === undefined) {
      state.services.set(id, { service: null, inSync: false, deleted: true });
    } else if (!entry.deleted) {
      const inSync = entry.service !== null && isSameService(entry.service, service);
      state.services.set(id, { ...entry, inSync });
    }
  }
  compareChecks(state, checks, outputs);
}

function compareChecks(
  state: LocalState,
  checks: ReadonlyMap<string, CheckDefinition>,
  outputs: boolean,
): void {
  for (const [id, entry] of state.checks) {
    if (!checks.has(id)) state.checks.set(id, { ...entry, inSync: false });
  }
  for (const [id, check] of checks) {
    if (id === SERF_HEALTH) continue;
    const entry = state.checks.get(id);
    if (entry === undefined) {
      const criticalMicros = NOT_CRITICAL;
      const unknown = {
        check: null,
        inSync: false,
        deleted: true,
        criticalMicros,
        deferred: false,
      };
      state.checks.set(id, unknown);
    } else if (!entry.deleted) {
      // While a new output waits for its timer, it is no difference.
      const withOutput = outputs || !entry.deferred;
      const inSync = entry.check !== null && isSameCheck(entry.check, check, withOutput);
      state.checks.set(id, { ...entry, inSync });
    }
  }
}

/** One RPC of a push. */
export type Push =
  | { readonly kind: 'node' }
  | { readonly kind: 'service' | 'check' | 'remove-service' | 'remove-check'; readonly id: string };

/** Services in random order, then checks in random order; each is looked at when its turn comes. */
export function isDue(state: LocalState, kind: 'service' | 'check', id: string): Push | null {
  const entry = kind === 'service' ? state.services.get(id) : state.checks.get(id);
  if (entry === undefined) return null;
  if (entry.deleted) return { kind: kind === 'service' ? 'remove-service' : 'remove-check', id };
  return entry.inSync ? null : { kind, id };
}

/** Checks that ride on the registration of their service. */
export function checksToPush(state: LocalState, serviceId: string): CheckDefinition[] {
  return [...state.checks.values()].flatMap(({ check, inSync, deleted }) => {
    return check !== null && !inSync && !deleted && check.serviceId === serviceId ? [check] : [];
  });
}

/**
 * The catalog has taken it. A register brings the node's own data along. What has changed while the
 * push was under way, as it may where nobody locks the state (P2), is still to be pushed.
 */
export function onPushed(
  state: LocalState,
  push: Push,
  service: ServiceDefinition | null,
  checks: readonly CheckDefinition[],
): void {
  switch (push.kind) {
    case 'node':
      break;
    case 'service':
      if (state.services.get(push.id)?.service === service) markService(state, push.id);
      markChecks(state, checks);
      break;
    case 'check':
      markChecks(state, checks);
      break;
    case 'remove-service':
      state.services.delete(push.id);
      for (const [id, { check, deleted }] of state.checks) {
        if (deleted && check?.serviceId === push.id) state.checks.delete(id);
      }
      return;
    case 'remove-check':
      state.checks.delete(push.id);
      return;
  }
  state.nodeInSync = true;
}

function markChecks(state: LocalState, checks: readonly CheckDefinition[]): void {
  for (const check of checks) {
    if (state.checks.get(check.id)?.check === check) markCheck(state, check.id);
  }
}

function markService(state: LocalState, id: string): void {
  const entry = state.services.get(id);
  if (entry !== undefined) state.services.set(id, { ...entry, inSync: true });
}

function markCheck(state: LocalState, id: string): void {
  const entry = state.checks.get(id);
  if (entry !== undefined) state.checks.set(id, { ...entry, inSync: true });
}

/** A formed cluster: the catalog holds all of it. */
export function markAllInSync(state: LocalState): void {
  state.nodeInSync = true;
  for (const id of state.services.keys()) markService(state, id);
  for (const id of state.checks.keys()) markCheck(state, id);
}
