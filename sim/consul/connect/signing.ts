/**
 * Signing requests on the leader (`consul:agent/consul/leader_connect_ca.go (SignCertificate,
 * getCAProvider)`, `agent/connect/ca/provider_consul.go (Sign)`; reference: agents §5): limited in rate
 * or in number, with half a second of patience, then one after the other under the provider's lock, and
 * twice through Raft.
 */
import type { Outbox } from '../../core/machine.ts';
import { ApplyError, Role } from '../../protocol/raft/types.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import type { Leaf } from '../../service/mesh.ts';
import { raftOf } from '../membership/server.ts';
import { succeed } from '../requests/answer.ts';
import { connectSign } from '../requests/connect-endpoints.ts';
import { APPLY_ERRORS, definite } from '../requests/request.ts';
import type { ServerError } from '../requests/request.ts';
import type { CaRoot } from '../state/connect.ts';
import type { Store } from '../state/store.ts';
import { rowOf } from '../state/table.ts';
import { propose } from './proposals.ts';
import { rootNumber } from './roots.ts';
import type { CaState, SignInput, Signing } from './state.ts';
import { CaNote, GO_ON_TIMER, PATIENCE_TIMER, SIGNED_TIMER } from './vocabulary.ts';

/** `consul:agent/consul/server_connect.go (csrLimitWait)`. */
const PATIENCE_MICROS = 500_000;
/** `consul:agent/consul/leader_connect_ca.go (getCAProvider)`. */
const LOOKS_MAX = 10;
const LOOK_MICROS = 50_000;
/** `consul:agent/connect/ca/provider_consul.go (CertificateTimeDriftBuffer)`. */
export const DRIFT_BUFFER_MICROS = 60_000_000;
const SECOND = 1_000_000;

/** `consul:agent/consul/server.go (ErrRateLimited)`. */
export const RATE_LIMITED = definite('Rate limit reached, try again later');
const NOT_READY = definite('CA is uninitialized and unable to sign certificates yet');
const UNREACHABLE = definite('error signing certificate: the CA provider does not answer');

export function onSign(state: CaState, exchange: number, input: SignInput, out: Outbox): void {
  const number = ++state.lastNumber;
  const one: Signing = { number, exchange, input, phase: 'starting', looks: 0, proposal: 0 };
  state.signings.set(number, one);
  start(state, one, out);
}

/** A leader that is not ready yet is asked again for half a second. */
function start(state: CaState, one: Signing, out: Outbox): void {
  if (state.provider !== '') {
    limit(state, one, out);
  } else if (raftOf(out).role === Role.leader && one.looks < LOOKS_MAX) {
    one.looks++;
    out.timer(GO_ON_TIMER, one.number, LOOK_MICROS);
  } else {
    refuse(state, one, NOT_READY, out);
  }
}

function limit(state: CaState, one: Signing, out: Outbox): void {
  const { csrMaxPerSecond, csrMaxConcurrent } = state.config;
  one.phase = 'waiting';
  if (csrMaxPerSecond > 0) {
    // A limiter with a burst of one, which knows at once whom it would keep waiting for too long.
    const now = out.now();
    const atMicros = Math.max(now, state.tokenMicros);
    if (atMicros - now > PATIENCE_MICROS) {
      refuse(state, one, RATE_LIMITED, out);
      return;
    }
    state.tokenMicros = atMicros + Math.floor(SECOND / csrMaxPerSecond);
    if (atMicros > now) out.timer(GO_ON_TIMER, one.number, atMicros - now);
    else lock(state, one, out);
  } else if (csrMaxConcurrent > 0) {
    if (state.places < csrMaxConcurrent) {
      state.places++;
      lock(state, one, out);
    } else {
      state.queue.push(one.number);
      out.timer(PATIENCE_TIMER, one.number, PATIENCE_MICROS);
    }
  } else {
    lock(state, one, out);
  }
}

/** Time to look again, or a token is there. */
export function onGoOn(state: CaState, number: number, out: Outbox): void {
  const one = state.signings.get(number);
  if (one?.phase === 'starting') start(state, one, out);
  else if (one !== undefined) lock(state, one, out);
}

export function onPatience(state: CaState, number: number, out: Outbox): void {
  const one = state.signings.get(number);
  if (one === undefined) return;
  state.queue = state.queue.filter((other) => other !== number);
  refuse(state, one, RATE_LIMITED, out);
}

function lock(state: CaState, one: Signing, out: Outbox): void {
  if (state.holder !== 0) {
    one.phase = 'locked-out';
    state.locked.push(one.number);
    return;
  }
  state.holder = one.number;
  one.phase = 'signing';
  const micros = out.work(state.config.signMicros);
  if (micros > 0) out.timer(SIGNED_TIMER, one.number, micros);
  else onSigned(state, one.number, out);
}

/** The lock is kept while the serial number goes through Raft. */
export function onSigned(state: CaState, number: number, out: Outbox): void {
  const one = state.signings.get(number);
  if (one === undefined) return;
  if (state.reachable) {
    one.phase = 'serial';
    one.proposal = propose(state, { kind: 'serial' }, out);
    return;
  }
  refuse(state, one, UNREACHABLE, out);
  unlock(state, out);
}

function unlock(state: CaState, out: Outbox): void {
  state.holder = 0;
  const next = state.signings.get(state.locked.shift() ?? 0);
  if (next !== undefined) lock(state, next, out);
}

/** Raft has answered one of its two writes; false: the proposal was not one of these. */
export function onSigningAnswered(
  state: CaState,
  proposal: number,
  { error, value }: ApplyResult,
  out: Outbox,
): boolean {
  const one = [...state.signings.values()].find((signing) => signing.proposal === proposal);
  if (one === undefined) return false;
  const held = one.phase === 'serial';
  if (error !== ApplyError.none) {
    refuse(state, one, APPLY_ERRORS[error], out);
  } else if (held) {
    one.phase = 'index';
    one.proposal = propose(state, { kind: 'leaf' }, out);
  } else {
    issue(state, one, value as number, out);
  }
  if (held) unlock(state, out);
  return true;
}

function issue(state: CaState, one: Signing, index: number, out: Outbox): void {
  const root = rowOf((raftOf(out).fsm as Store).caRoots, state.provider);
  if (root === undefined) {
    refuse(state, one, NOT_READY, out);
    return;
  }
  const value = leafOf(one.input.service, root, index, out.wall(), state.config.leafCertTtlMicros);
  out.note(CaNote.issued, out.peerOf(one.exchange), index, rootNumber(root.id));
  succeed(one.exchange, connectSign, { value, applied: true, index }, index, out);
  end(state, one, out);
}

/** It begins a minute before it is made, so that clocks may differ. */
export function leafOf(
  service: string,
  { id, crossSigned }: Pick<CaRoot, 'id' | 'crossSigned'>,
  index: number,
  wallMicros: number,
  ttlMicros: number,
): Leaf {
  const notBeforeMicros = wallMicros - DRIFT_BUFFER_MICROS;
  return {
    service,
    root: id,
    crossSigned,
    notBeforeMicros,
    notAfterMicros: notBeforeMicros + ttlMicros,
    index,
  };
}

function refuse(state: CaState, one: Signing, error: ServerError, out: Outbox): void {
  const limited = error === RATE_LIMITED ? 1 : 0;
  out.note(CaNote.refused, out.peerOf(one.exchange), limited, 0);
  out.fail(one.exchange, error);
  end(state, one, out);
}

/** Gives its place to the next. */
function end(state: CaState, one: Signing, out: Outbox): void {
  const { number, phase } = one;
  state.signings.delete(number);
  const { csrMaxPerSecond, csrMaxConcurrent } = state.config;
  const placed = phase !== 'starting' && phase !== 'waiting';
  if (csrMaxPerSecond > 0 || csrMaxConcurrent === 0 || !placed) return;
  state.places--;
  const next = state.signings.get(state.queue.shift() ?? 0);
  if (next === undefined) return;
  out.cancel(PATIENCE_TIMER, next.number);
  state.places++;
  lock(state, next, out);
}
