/**
 * A client that takes turns at locks, as Consul's own helper does (`hashicorp/consul:api/lock.go`,
 * `api/session.go (RenewPeriodic)`; reference: server §3.6): a session renewed every half TTL, a look at
 * the key that waits while somebody holds it, an acquire, 5 s of rest after one that a lock-delay
 * refused, and consistent blocking reads while it holds the lock. A turn ends with a release, with the
 * session destroyed, or with silence.
 *
 * Known deviations: a look that fails is tried again after 5 s, where the helper gives the lock up and
 * leaves that to its caller; a key of another kind (Flags) is no error.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { KVS_GET } from '../../consul/requests/endpoints.ts';
import { RPC_BLOCKING, RPC_READ } from '../../consul/requests/inputs.ts';
import { request } from '../../consul/requests/request.ts';
import type { ServerAnswer } from '../../consul/requests/request.ts';
import type { KvEntry } from '../../consul/state/rows.ts';
import type { KvLoadState } from '../kv-load.ts';
import type { Operation } from '../operation.ts';
import { begin, drawKey } from '../requests.ts';
import { LockEnd, LockNote, Renewal } from './state.ts';
import type { LockConfig, LockState } from './state.ts';

export const LOCK_TIMER = 0x306;
export const RENEW_TIMER = 0x307;
export const LOCK_LOOKED = 0x308;

/** `hashicorp/consul:api/lock.go (DefaultLockWaitTime, DefaultLockRetryTime)`. */
const WAIT_MICROS = 15_000_000;
const RETRY_MICROS = 5_000_000;
/** Blocking queries may take a sixteenth longer, and agents wait 7 s more. */
const PATIENCE_MICROS = 23_000_000;
/** `hashicorp/consul:api/session.go (RenewPeriodic)`. */
const RENEW_RETRY_MICROS = 1_000_000;

export function createLock(config: LockConfig): LockState {
  return {
    config,
    phase: 'resting',
    session: '',
    renewedMicros: 0,
    seenMicros: 0,
    renewing: false,
    key: '',
    wantedMicros: 0,
    takenMicros: 0,
    refused: false,
    index: 0,
    turn: 0,
  };
}

export function startLocks(state: KvLoadState, lock: LockState, out: Outbox): void {
  rest(state, lock, out);
}

/** Until the next turn; what is still on its way concerns nobody any more. */
function rest({ config }: KvLoadState, lock: LockState, out: Outbox): void {
  lock.phase = 'resting';
  lock.turn++;
  const factor = out.now() >= config.slowFromMicros ? 10 : 1;
  out.timer(LOCK_TIMER, 0, Math.max(1, out.sample('rest', lock.config.rest)) * factor);
}

/** What comes next is due: a turn begins or ends, or something is tried again. */
export function onLockTimer(state: KvLoadState, lock: LockState, out: Outbox): void {
  if (lock.phase === 'holding') endTurn(state, lock, out);
  else if (lock.phase === 'creating') createSession(state, lock, out);
  else if (lock.phase === 'looking') look(state, lock, out);
  else if (lock.phase === 'resting' && out.now() < state.config.stopAtMicros) {
    lock.key = drawKey(state, out);
    lock.wantedMicros = out.now();
    lock.refused = false;
    lock.index = 0;
    if (lock.session === '') createSession(state, lock, out);
    else look(state, lock, out);
  }
}

function createSession(state: KvLoadState, lock: LockState, out: Outbox): void {
  const { ttlMicros, lockDelayMicros, behavior, checks, nodes } = lock.config;
  lock.phase = 'creating';
  const node = nodes[state.servers[0]!]!;
  const definition = { name: 'lock', node, lockDelayMicros, behavior, ttlMicros, checks };
  begin(state, { f: 'session-create', definition }, out);
}

function look(state: KvLoadState, lock: LockState, out: Outbox): void {
  const holds = lock.phase === 'holding';
  if (!holds) lock.phase = 'waiting';
  const mode = holds ? 'consistent' : 'default';
  const body = request(KVS_GET, { key: lock.key }, mode, lock.index, WAIT_MICROS);
  const input = lock.index > 0 ? RPC_BLOCKING : RPC_READ;
  out.request(state.servers[0]!, input, body, PATIENCE_MICROS, LOCK_LOOKED, lock.turn);
}

export function onLooked(
  state: KvLoadState,
  lock: LockState,
  turn: number,
  body: unknown,
  out: Outbox,
): void {
  if (turn !== lock.turn) return;
  const holds = lock.phase === 'holding';
  if (out.error !== ErrorCause.none) {
    if (out.error !== ErrorCause.remote) state.servers.push(state.servers.shift()!);
    lock.index = 0;
    // Who cannot see whether it holds the lock takes it for lost.
    if (holds && lock.config.bugs.P17) look(state, lock, out);
    else if (holds) lose(state, lock, out);
    else tryAgain(lock, out);
    return;
  }
  const answer = body as ServerAnswer;
  const holder = (answer.value as KvEntry | null)?.session ?? '';
  lock.index = answer.index < lock.index ? 0 : answer.index;
  if (holds) {
    lock.seenMicros = out.now();
    if (holder === lock.session) look(state, lock, out);
    else lose(state, lock, out);
  } else if (holder === lock.session) {
    take(state, lock, out);
  } else if (holder !== '') {
    lock.refused = false;
    look(state, lock, out);
  } else if (lock.refused) {
    lock.refused = false;
    tryAgain(lock, out);
  } else {
    lock.phase = 'acquiring';
    begin(state, { f: 'acquire', key: lock.key, session: lock.session, writes: true }, out);
  }
}

function tryAgain(lock: LockState, out: Outbox): void {
  lock.phase = 'looking';
  lock.index = 0;
  out.timer(LOCK_TIMER, 0, RETRY_MICROS);
}

function take(state: KvLoadState, lock: LockState, out: Outbox): void {
  lock.phase = 'holding';
  lock.takenMicros = out.now();
  lock.seenMicros = out.now();
  lock.turn++;
  out.note(LockNote.taken, out.now() - lock.wantedMicros, 0, 0);
  out.timer(LOCK_TIMER, 0, Math.max(1, out.sample('hold', lock.config.hold)));
  look(state, lock, out);
}

function noteEnd(lock: LockState, why: LockEnd, out: Outbox): void {
  out.note(LockNote.ended, out.now() - lock.takenMicros, why, 0);
}

/** The work is done. */
function endTurn(state: KvLoadState, lock: LockState, out: Outbox): void {
  const { destroys, silent } = lock.config;
  const { key, session } = lock;
  const drawn = destroys + silent > 0 ? out.draw('ending').unit() : 1;
  lock.turn++;
  if (drawn < silent) {
    noteEnd(lock, LockEnd.silent, out);
    forgetSession(lock, out);
    rest(state, lock, out);
  } else if (drawn < silent + destroys) {
    noteEnd(lock, LockEnd.destroyed, out);
    forgetSession(lock, out);
    lock.phase = 'destroying';
    begin(state, { f: 'session-destroy', session }, out);
  } else {
    noteEnd(lock, LockEnd.released, out);
    lock.phase = 'releasing';
    begin(state, { f: 'release', key, session, writes: true }, out);
  }
}

/** The lock is not this client's any more, whatever it has done about it. */
function lose(state: KvLoadState, lock: LockState, out: Outbox): void {
  noteEnd(lock, LockEnd.lost, out);
  rest(state, lock, out);
}

function forgetSession(lock: LockState, out: Outbox): void {
  lock.session = '';
  lock.renewing = false;
  out.cancel(RENEW_TIMER, 0);
}

/** The session is over: so is whatever it was wanted for. */
function loseSession(state: KvLoadState, lock: LockState, out: Outbox): void {
  forgetSession(lock, out);
  if (lock.phase === 'holding') lose(state, lock, out);
  else if (lock.phase !== 'resting') rest(state, lock, out);
}

export function onRenewTimer(state: KvLoadState, lock: LockState, out: Outbox): void {
  if (lock.session === '' || lock.renewing) return;
  lock.renewing = true;
  const { session, config } = lock;
  begin(state, { f: 'session-renew', session, mode: config.renewals }, out);
}

export function onLockAnswered(
  state: KvLoadState,
  lock: LockState,
  operation: Operation,
  out: Outbox,
): void {
  const { f, session, answer } = operation;
  if (f === 'session-create') onCreated(state, lock, operation, out);
  else if (f === 'session-destroy') rest(state, lock, out);
  // The rest is about a session, and this client may have another one by now.
  else if (session !== lock.session) return;
  else if (f === 'session-renew') onRenewed(state, lock, operation, out);
  else if (f === 'release' && lock.phase === 'releasing') rest(state, lock, out);
  else if (f === 'acquire' && lock.phase === 'acquiring') {
    if (answer?.applied === true) take(state, lock, out);
    else if (answer === null) onNotAcquired(state, lock, operation, out);
    else {
      lock.refused = true;
      lock.index = 0;
      look(state, lock, out);
    }
  }
}

function onCreated(
  state: KvLoadState,
  lock: LockState,
  { answer, startedMicros }: Operation,
  out: Outbox,
): void {
  if (answer === null) {
    out.timer(LOCK_TIMER, 0, RETRY_MICROS);
    return;
  }
  lock.session = answer.value as string;
  lock.renewedMicros = startedMicros;
  out.timer(RENEW_TIMER, 0, lock.config.ttlMicros / 2);
  look(state, lock, out);
}

/** Nobody knows, or the session is no more; the next look tells. */
function onNotAcquired(
  state: KvLoadState,
  lock: LockState,
  { error }: Operation,
  out: Outbox,
): void {
  if (error!.startsWith('invalid session')) loseSession(state, lock, out);
  else tryAgain(lock, out);
}

function onRenewed(
  state: KvLoadState,
  lock: LockState,
  { answer, startedMicros }: Operation,
  out: Outbox,
): void {
  const { ttlMicros } = lock.config;
  lock.renewing = false;
  if (answer?.applied === true) {
    lock.renewedMicros = startedMicros;
    out.timer(RENEW_TIMER, 0, ttlMicros / 2);
    return;
  }
  const age = out.now() - lock.renewedMicros;
  const told = answer !== null;
  const outcome = told ? Renewal.told : givesUp(lock, age) ? Renewal.givenUp : Renewal.triedAgain;
  out.note(LockNote.renewalFailed, age, outcome, 0);
  if (outcome === Renewal.triedAgain) out.timer(RENEW_TIMER, 0, RENEW_RETRY_MICROS);
  else loseSession(state, lock, out);
}

function givesUp({ config: { ttlMicros, bugs } }: LockState, age: number): boolean {
  return bugs.P16 || (age > ttlMicros && !bugs.P17);
}
