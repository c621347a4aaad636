/**
 * Roots: the first one, their rotation, and the end of those that nobody can use any more
 * (`consul:agent/consul/leader_connect_ca.go (primaryInitialize, primaryUpdateRootCA)`,
 * `leader_connect.go (pruneCARoots)`; reference: agents §5).
 */
import type { Outbox } from '../../core/machine.ts';
import { ApplyError } from '../../protocol/raft/types.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import { raftOf } from '../membership/server.ts';
import { activeRoot, listRoots } from '../state/connect.ts';
import type { CaRootDefinition, ConnectChange } from '../state/connect.ts';
import type { Store } from '../state/store.ts';
import { propose } from './proposals.ts';
import type { CaState, Duty } from './state.ts';
import { CaNote, PRUNE_TIMER } from './vocabulary.ts';

/** `consul:agent/consul/leader_connect.go (caRootPruneInterval)`. */
const PRUNE_MICROS = 3_600_000_000;

/** Ids say in which order roots were made. */
export function rootId(number: number): string {
  return `root-${String(number).padStart(3, '0')}`;
}

export function rootNumber(id: string): number {
  return Number(id.slice('root-'.length));
}

export const FIRST_ROOT: CaRootDefinition = {
  id: rootId(1),
  active: true,
  crossSigned: [],
  rotatedOutMicros: 0,
};

function storeOf(out: Outbox): Store {
  return raftOf(out).fsm as Store;
}

function order(state: CaState, kind: Duty['kind'], change: ConnectChange, out: Outbox): void {
  state.duties.push({ kind, change, proposal: propose(state, change, out) });
}

/** A leader takes up the root that there is; the first one makes it. */
export function initialize(state: CaState, out: Outbox): void {
  const { roots, index } = listRoots(storeOf(out), null);
  const active = activeRoot(roots);
  out.timer(PRUNE_TIMER, 0, PRUNE_MICROS);
  if (active !== undefined) {
    becomeReady(state, active.id, out);
    return;
  }
  order(state, 'initialize', { kind: 'roots', roots: [FIRST_ROOT], compareIndex: index }, out);
}

function becomeReady(state: CaState, root: string, out: Outbox): void {
  state.provider = root;
  out.note(CaNote.ready, rootNumber(root), 0, 0);
}

/**
 * The new root is signed by the old one, so that who knows that one only trusts it; the old one stays
 * among those that are trusted. One rotation at a time.
 */
export function rotate(state: CaState, out: Outbox): void {
  const { roots, index } = listRoots(storeOf(out), null);
  const active = activeRoot(roots);
  const busy = state.duties.some(({ kind }) => kind === 'rotate');
  if (!state.leads || busy || active === undefined || !state.reachable) {
    out.note(CaNote.failed, 0, 0, 0);
    return;
  }
  const { M3 } = state.config.bugs;
  const id = rootId(Math.max(...roots.map((one) => rootNumber(one.id))) + 1);
  const kept = roots.map((root) => definitionOf(root, root.active ? out.wall() : null));
  const crossSigned = M3 ? [] : [active.id];
  const fresh: CaRootDefinition = { id, active: true, crossSigned, rotatedOutMicros: 0 };
  const wanted = M3 ? [fresh] : [...kept, fresh];
  order(state, 'rotate', { kind: 'roots', roots: wanted, compareIndex: index }, out);
}

function definitionOf(
  { id, crossSigned, rotatedOutMicros }: CaRootDefinition,
  outMicros: number | null,
): CaRootDefinition {
  return { id, active: false, crossSigned, rotatedOutMicros: outMicros ?? rotatedOutMicros };
}

/** Goes when no leaf can be left that it has signed: after twice their lifetime. */
export function prune(state: CaState, out: Outbox): void {
  out.timer(PRUNE_TIMER, 0, PRUNE_MICROS);
  const { roots, index } = listRoots(storeOf(out), null);
  const oldest = out.wall() - 2 * state.config.leafCertTtlMicros;
  const kept = roots.filter(({ active, rotatedOutMicros }) => active || rotatedOutMicros >= oldest);
  if (kept.length === roots.length) return;
  const wanted = kept.map((root) => (root.active ? { ...root } : definitionOf(root, null)));
  order(state, 'prune', { kind: 'roots', roots: wanted, compareIndex: index }, out);
}

export function changeIntention(state: CaState, change: ConnectChange, out: Outbox): void {
  if (state.leads) order(state, 'intention', change, out);
  else out.note(CaNote.failed, 0, 0, 0);
}

/** Raft has answered a write of the authority's own. */
export function onDutyAnswered(
  state: CaState,
  proposal: number,
  { error, value }: ApplyResult,
  out: Outbox,
): void {
  const duty = state.duties.find((one) => one.proposal === proposal);
  if (duty === undefined) return;
  state.duties = state.duties.filter((one) => one !== duty);
  if (error !== ApplyError.none || value === false) {
    out.note(CaNote.failed, 0, 0, 0);
    return;
  }
  const { kind, change } = duty;
  if (kind === 'intention') out.note(CaNote.changed, 0, 0, 0);
  if (change.kind !== 'roots' || !state.leads) return;
  const active = change.roots.find((root) => root.active)!;
  if (kind === 'prune') {
    out.note(CaNote.pruned, change.roots.length, 0, 0);
    return;
  }
  if (kind === 'rotate') out.note(CaNote.rotated, rootNumber(active.id), 0, 0);
  becomeReady(state, active.id, out);
}
