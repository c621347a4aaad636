/**
 * An agent's part in the service mesh (`consul:agent/leafcert`, `agent/proxycfg`; reference: agents §5):
 * it keeps a certificate for each service of its host, watches roots and intentions through its cache,
 * and tells the proxies beside it what has changed.
 *
 * Known deviations: the cap of 250 updates a second to proxies is not reached by those of one host, and
 * not modelled; nor are discovery chains: proxies learn of instances as clients do.
 */
import type { Machine, Outbox, View } from '../../../core/machine.ts';
import type { ProxyConfig } from '../../../service/mesh.ts';
import { CONNECT_ROOTS, INTENTION_MATCH } from '../../requests/endpoints.ts';
import { request } from '../../requests/request.ts';
import { activeRoot } from '../../state/connect.ts';
import type { CaRoot, IntentionRow } from '../../state/connect.ts';
import { DRIFT_BUFFER_MICROS } from '../../connect/signing.ts';
import { AGENT_MACHINE, Step } from '../inputs.ts';
import type { Outcome } from '../reads/state.ts';
import { LOCAL_QUERY } from '../reads/vocabulary.ts';
import type { LocalQuery } from '../reads/vocabulary.ts';
import { attempt, onAnswered } from '../rpc.ts';
import type { RpcResult } from '../rpc.ts';
import type { AgentState } from '../state.ts';
import { look, onLeafTimer, onRootsChanged, onSigned } from './leaf.ts';
import { createMesh, saveMesh } from './state.ts';
import type { FormedMesh, MeshConfig, MeshState, Service } from './state.ts';
import * as Kind from './vocabulary.ts';

/** `consul:agent/proxycfg/state.go (coalesceTimeout)`. */
const COALESCE_MICROS = 200_000;
/** A formed cluster has been running for a while; its programs start at the very beginning. */
const FORMED_MICROS = 1_000_000;
/** Subject of the roots; those of the services' intentions follow. */
const ROOTS = 0;

function onStart(state: MeshState, out: Outbox): void {
  const { formed } = state.config;
  if (formed !== null && out.now() < FORMED_MICROS) recall(state, formed, out);
  learn(state, ROOTS, out);
  for (const { number } of state.services) learn(state, number + 1, out);
}

/** What it knew before the run began. */
function recall(state: MeshState, formed: FormedMesh, out: Outbox): void {
  state.roots = formed.roots;
  const { id: root, crossSigned } = activeRoot(formed.roots)!;
  for (const service of state.services) {
    const { name } = service;
    const [low, high] = formed.ageMicros;
    const age = low + (high > low ? out.draw('leaf').below(high - low) : 0);
    const notBeforeMicros = out.wall() - age - DRIFT_BUFFER_MICROS;
    const notAfterMicros = notBeforeMicros + formed.ttlMicros;
    service.leaf = { service: name, root, crossSigned, notBeforeMicros, notAfterMicros, index: 1 };
    service.intentions = formed.intentions.filter(
      ({ destination }) => destination === name || destination === '*',
    );
    publish(service, state, out);
    look(state, service, out);
  }
}

/** Waits in the agent's cache for what is newer than the last answer. */
function learn(state: MeshState, subject: number, out: Outbox): void {
  const minIndex = state.indexes[subject];
  const wanted =
    subject === ROOTS
      ? request(CONNECT_ROOTS, {}, 'stale', minIndex)
      : request(
          INTENTION_MATCH,
          { destination: state.services[subject - 1].name },
          'stale',
          minIndex,
        );
  const query: LocalQuery = { request: wanted, answer: Kind.LEARNT };
  out.post(LOCAL_QUERY, 0, subject, query);
}

function onLearnt(state: MeshState, subject: number, { answer }: Outcome, out: Outbox): void {
  if (answer !== null && answer.index !== state.indexes[subject]) {
    state.indexes[subject] = answer.index;
    if (subject === ROOTS) onRoots(state, answer.value as readonly CaRoot[], out);
    else onIntentions(state, state.services[subject - 1], answer.value as never, out);
    if (state.config.bugs.M2 && subject !== ROOTS) return;
  }
  learn(state, subject, out);
}

function onRoots(state: MeshState, roots: readonly CaRoot[], out: Outbox): void {
  const same =
    roots.length === state.roots.length && roots.every(({ id }, at) => id === state.roots[at].id);
  state.roots = roots;
  for (const service of state.services) {
    onRootsChanged(state, service, out);
    if (!same) change(service, out);
  }
}

function onIntentions(
  _state: MeshState,
  service: Service,
  intentions: readonly IntentionRow[],
  out: Outbox,
): void {
  service.intentions = intentions;
  change(service, out);
}

/** What follows within a moment is told together. */
function change(service: Service, out: Outbox): void {
  if (service.changed) return;
  service.changed = true;
  out.timer(Kind.COALESCE_TIMER, service.number, COALESCE_MICROS);
}

function publish(service: Service, state: MeshState, out: Outbox): void {
  service.changed = false;
  if (service.leaf === null || service.intentions === null || state.roots.length === 0) return;
  service.version++;
  out.note(Kind.MeshNote.told, service.number, service.version, 0);
  const config = configOf(state, service)!;
  for (const { exchange } of service.proxies) out.reply(exchange, config);
  service.proxies = [];
}

function configOf(state: MeshState, { version, leaf, intentions }: Service): ProxyConfig | null {
  if (version === 0 || leaf === null || intentions === null) return null;
  const trusted = state.roots.map(({ id }) => id);
  return { version, leaf, trusted, intentions, allowsByDefault: state.config.allowsByDefault };
}

/** Answers at once where the proxy has something else than the agent, and otherwise when it has. */
function onWatch(
  state: MeshState,
  exchange: number,
  { service: name, version }: Kind.ProxyWatch,
  out: Outbox,
): void {
  const service = state.services.find((one) => one.name === name)!;
  const config = configOf(state, service);
  if (config !== null && config.version !== version) out.reply(exchange, config);
  else service.proxies.push({ exchange, version });
}

function agentOf(out: Outbox): AgentState {
  return out.sibling(AGENT_MACHINE) as AgentState;
}

function onInput(state: MeshState, input: number, from: number, body: unknown, out: Outbox): void {
  switch (input) {
    case Kind.WATCH:
      onWatch(state, from, body as Kind.ProxyWatch, out);
      return;
    case Kind.LEARNT:
      onLearnt(state, from, body as Outcome, out);
      return;
    case Kind.START:
      proceed(state, attempt(agentOf(out), state.goroutines.get(out.key)!.rpc, out), out);
      return;
    case Kind.LEAF_TIMER:
      onLeafTimer(state, state.services[from], out);
      return;
    case Kind.BACKOFF_TIMER:
      look(state, state.services[from], out);
      return;
    case Kind.COALESCE_TIMER:
      publish(state.services[from], state, out);
  }
}

function onResume(
  state: MeshState,
  step: number,
  _argument: number,
  body: unknown,
  out: Outbox,
): void {
  const { rpc } = state.goroutines.get(out.key)!;
  const agent = agentOf(out);
  if (step === Step.retried) proceed(state, attempt(agent, rpc, out), out);
  else proceed(state, onAnswered(agent, rpc, body, out), out);
}

function proceed(state: MeshState, result: RpcResult, out: Outbox): void {
  if (result === null) return;
  const service = state.services[state.goroutines.get(out.key)!.service];
  state.goroutines.delete(out.key);
  if (onSigned(state, service, result, out)) change(service, out);
  out.exit();
}

function view({ services, roots, goroutines }: MeshState): View {
  const certified = services.filter(({ leaf }) => leaf !== null).length;
  return { root: activeRoot(roots)?.id ?? '', certified, asking: goroutines.size };
}

export const meshMachine: Machine<MeshState, null> = {
  name: 'mesh',
  number: Kind.MESH_MACHINE,
  lanes: Kind.MESH_LANES,
  inputs: Kind.MESH_INPUTS,
  notes: Kind.MESH_NOTES,
  create: (config: MeshConfig) => createMesh(config),
  onStart,
  onInput,
  onResume,
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: saveMesh,
  saveDurable: () => null,
};
