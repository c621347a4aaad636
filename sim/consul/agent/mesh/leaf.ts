/**
 * Leaf certificates of an agent's services (`consul:agent/leafcert/generate.go`, `util.go`, `watch.go`;
 * reference: agents §5): renewed at a random time of their last part, spread over half a minute when
 * another root signs, tried again in windows where the servers refuse for the number of requests, and
 * with a growing wait after other errors.
 */
import type { Outbox } from '../../../core/machine.ts';
import type { Leaf } from '../../../service/mesh.ts';
import { CONNECT_SIGN } from '../../requests/endpoints.ts';
import { request } from '../../requests/request.ts';
import type { ServerError } from '../../requests/request.ts';
import { activeRoot } from '../../state/connect.ts';
import { drawBackoff } from '../reads/backoff.ts';
import { beginCall } from '../rpc.ts';
import type { RpcResult } from '../rpc.ts';
import type { MeshState, Service } from './state.ts';
import { BACKOFF_TIMER, GOROUTINE_LANE, LEAF_TIMER, MeshNote, START } from './vocabulary.ts';

/** `consul:agent/leafcert/leafcert.go (DefaultQueryTimeout)`: it looks anew so often. */
const ROUND_MICROS = 600_000_000;
/** `consul:agent/leafcert/generate.go (caChangeJitterWindow)`. */
const SPREAD_MICROS = 30_000_000;
/** plant M4: neither spread nor windows. */
const HASTE_MICROS = 100_000;
/** Shorter lives are renewed at once: they cannot be (`calculateSoftExpiry`). */
const LIFE_MICROS_MIN = 600_000_000;

/** Between which wall-clock times it is to be renewed; at once where both are over. */
export function softExpiry(
  { notBeforeMicros, notAfterMicros }: Leaf,
  wallMicros: number,
): readonly [min: number, max: number] {
  const life = notAfterMicros - notBeforeMicros;
  const soft = notBeforeMicros + Math.floor(life * 0.6);
  const hard = notBeforeMicros + Math.floor(life * 0.9);
  if (life < LIFE_MICROS_MIN || wallMicros > hard) return [wallMicros, wallMicros];
  return [Math.max(wallMicros, soft), hard];
}

/** One round of the loop that keeps a certificate; it ends with a request, or a wait. */
export function look(state: MeshState, service: Service, out: Outbox): void {
  const { leaf, fetch } = service;
  if (service.goroutine !== 0 || state.roots.length === 0) return;
  out.cancel(BACKOFF_TIMER, service.number);
  if (leaf === null) {
    ask(state, service, out);
    return;
  }
  const now = out.now();
  const wall = out.wall();
  const [min, max] = softExpiry(leaf, wall);
  let dueMicros = now + min - wall + drawBelow(max - min, out);
  if (fetch.forceExpireMicros > 0) dueMicros = Math.min(dueMicros, fetch.forceExpireMicros);
  if (dueMicros <= now) {
    ask(state, service, out);
    return;
  }
  service.dueMicros = dueMicros;
  // Whoever begins a round looks first whether the root is still the one that has signed.
  if (activeRoot(state.roots)?.id !== leaf.root) {
    service.dueMicros = Math.min(dueMicros, beginRotation(state, service, out));
  }
  setTimer(service, out);
}

function setTimer({ number, dueMicros }: Service, out: Outbox): void {
  out.timer(LEAF_TIMER, number, Math.max(1, Math.min(dueMicros - out.now(), ROUND_MICROS)));
}

/** Its time has come, or this round is over. */
export function onLeafTimer(state: MeshState, service: Service, out: Outbox): void {
  if (out.now() >= service.dueMicros) ask(state, service, out);
  else look(state, service, out);
}

function drawBelow(micros: number, out: Outbox): number {
  return micros > 0 ? out.draw('leaf').below(micros) : 0;
}

/** Local time at which a new certificate is to be asked for. */
function beginRotation({ config }: MeshState, { number, fetch }: Service, out: Outbox): number {
  fetch.rotationMicros = out.now();
  const wait = drawSpread(config, out);
  fetch.forceExpireMicros = fetch.rotationMicros + wait;
  out.note(MeshNote.rotating, number, wait, 0);
  return fetch.forceExpireMicros;
}

function drawSpread({ bugs }: MeshState['config'], out: Outbox): number {
  return bugs.M4 ? HASTE_MICROS : out.draw('leaf').below(SPREAD_MICROS);
}

/** The roots are others now: it looks at its own, and keeps an earlier time that it has set. */
export function onRootsChanged(state: MeshState, service: Service, out: Outbox): void {
  const { leaf, goroutine } = service;
  if (leaf === null) {
    look(state, service, out);
    return;
  }
  if (goroutine !== 0 || activeRoot(state.roots)?.id === leaf.root) return;
  service.dueMicros = Math.min(service.dueMicros, beginRotation(state, service, out));
  setTimer(service, out);
}

function ask(state: MeshState, service: Service, out: Outbox): void {
  const number = ++state.lastGoroutine;
  service.goroutine = number;
  out.cancel(LEAF_TIMER, service.number);
  out.note(MeshNote.requested, service.number, service.fetch.rateLimitErrors, 0);
  const rpc = beginCall(request(CONNECT_SIGN, { service: service.name }), true, out);
  state.goroutines.set(number, { rpc, service: service.number });
  out.spawn(GOROUTINE_LANE, number);
  out.post(START, number, 0, null);
}

/** True where there is a new certificate. */
export function onSigned(
  state: MeshState,
  service: Service,
  result: NonNullable<RpcResult>,
  out: Outbox,
): boolean {
  service.goroutine = 0;
  if ('answer' in result) {
    service.leaf = result.answer.value as Leaf;
    service.fetch = { forceExpireMicros: 0, rotationMicros: 0, rateLimitErrors: 0 };
    service.failures = 0;
    out.note(MeshNote.renewed, service.number, service.leaf.index, 0);
    look(state, service, out);
    return true;
  }
  onRefused(state, service, result.error, out);
  return false;
}

function onRefused(state: MeshState, service: Service, { error }: ServerError, out: Outbox): void {
  const { number, leaf, fetch } = service;
  const limited = error.startsWith('Rate limit reached');
  if (limited && leaf !== null) {
    if (fetch.rotationMicros === 0) fetch.rotationMicros = out.now();
    fetch.rateLimitErrors++;
    const delay = drawSpread(state.config, out);
    // The window after as many windows as there were refusals, each as long as was drawn.
    fetch.forceExpireMicros = fetch.rotationMicros + (fetch.rateLimitErrors + 1) * delay;
    out.note(MeshNote.refused, number, 1, Math.max(0, fetch.forceExpireMicros - out.now()));
    look(state, service, out);
    return;
  }
  service.failures++;
  const wait = drawBackoff(service.failures, () => out.draw('leaf'));
  out.note(MeshNote.refused, number, limited ? 1 : 0, wait);
  if (state.config.bugs.M1) return;
  if (wait === 0) look(state, service, out);
  else out.timer(BACKOFF_TIMER, number, wait);
}
