/**
 * A lock held by sessions, and a store behind it that is fenced with the lock's tokens.
 *
 * `acquire` names a session (its input, else its process) and may answer a fencing token, which
 * must be larger than all before. Acquiring what one holds succeeds without a new token. `destroy`
 * ends a session and frees what it holds; afterwards refusals are accepted until the next success,
 * because of the lock-delay. An expiry whose time nobody knows is a `destroy` of unknown outcome.
 * `write [token, ...]` must be accepted unless a larger token wrote before.
 */
import type { Model } from '../model.ts';
import type { Operation } from '../operation.ts';
import type { Value } from '../operation.ts';
import { canonical } from '../operation.ts';
import { isReadVerb, READ_VERBS } from './verbs.ts';

interface LockState {
  /** Session that holds the lock; empty: free. */
  readonly holder: string;
  /** Largest token issued; what a token must exceed. */
  readonly token: number;
  /** Largest token that wrote to the fenced store. */
  readonly written: number;
  /** A lock-delay may be running. */
  readonly delayed: boolean;
  /** Sessions that ended, sorted. */
  readonly ended: readonly string[];
}

export function createLock(): Model<LockState> {
  return {
    name: 'lock',
    summary: 'a lock with sessions and fencing: acquire, release, destroy, read (holder), write',
    verbs: [...READ_VERBS, 'acquire', 'release', 'destroy', 'write'],
    misuse: (operation) =>
      operation.f === 'write' && tokenWritten(operation) === undefined
        ? 'a fenced write needs its token'
        : undefined,
    initial: () => ({ holder: '', token: 0, written: 0, delayed: false, ended: [] }),
    step,
    identity: ({ holder, token, written, delayed, ended }) =>
      JSON.stringify([holder, token, written, delayed, ended]),
    isRead: ({ f }) => isReadVerb(f),
    byProcess: true,
  };
}

/** Session that an operation names: the session field, the input, or else the process. */
export function sessionOf({ session, input, process }: Operation): string {
  if (session !== '') return session;
  return input === null ? process : sessionText(input);
}

function sessionText(value: Value): string {
  return `${canonical(value)}`;
}

function tokenWritten({ input }: Operation): number | undefined {
  const token: unknown = Array.isArray(input) ? input[0] : input;
  return typeof token === 'number' ? token : undefined;
}

function step(state: LockState, operation: Operation): LockState | undefined {
  switch (operation.f) {
    case 'acquire':
      return acquire(state, operation);
    case 'release':
      return release(state, operation);
    case 'destroy':
      return destroy(state, sessionOf(operation));
    case 'write':
      return write(state, operation);
    default:
      return holderRead(state, operation);
  }
}

function acquire(state: LockState, operation: Operation): LockState | undefined {
  const session = sessionOf(operation);
  const mine = state.holder === session;
  const free = state.holder === '' && !state.ended.includes(session);
  if (operation.outcome === 'refused') {
    return mine || (free && !state.delayed) ? undefined : state;
  }
  if (operation.outcome === 'unknown') {
    return free ? { ...state, holder: session, delayed: false } : state;
  }
  if (!mine && !free) return undefined;
  const token = tokenAnswered(operation);
  if (token === undefined) return mine ? state : { ...state, holder: session, delayed: false };
  if (mine) {
    // The token of an acquisition whose answer was lost is learned here.
    return token < state.token ? undefined : { ...state, token };
  }
  return token > state.token ? { ...state, holder: session, token, delayed: false } : undefined;
}

function tokenAnswered({ output, index }: Operation): number | undefined {
  if (typeof output === 'number') return output;
  return index > 0 ? index : undefined;
}

function release(state: LockState, operation: Operation): LockState | undefined {
  const mine = state.holder === sessionOf(operation);
  if (operation.outcome === 'refused') return mine ? undefined : state;
  if (mine) return { ...state, holder: '' };
  return operation.outcome === 'unknown' ? state : undefined;
}

function destroy(state: LockState, session: string): LockState {
  if (state.ended.includes(session)) return state;
  const ended = [...state.ended, session].sort();
  return state.holder === session
    ? { ...state, holder: '', delayed: true, ended }
    : { ...state, ended };
}

function write(state: LockState, operation: Operation): LockState | undefined {
  const token = tokenWritten(operation)!;
  const stale = token < state.written;
  if (operation.outcome === 'refused') return stale ? state : undefined;
  if (stale) return operation.outcome === 'unknown' ? state : undefined;
  return { ...state, written: token };
}

function holderRead(state: LockState, { output }: Operation): LockState | undefined {
  const seen = output === null ? '' : sessionText(output);
  return seen === state.holder ? state : undefined;
}
