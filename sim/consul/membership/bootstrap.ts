/**
 * `bootstrap_expect` (`consul:agent/consul/server_serf.go (maybeBootstrap)`; reference: consul §2.11):
 * each time a server joins, and as long as nothing has been settled, a server without a log counts the
 * servers it knows. When there are enough, it asks each for its Raft peers, with patience, and where
 * nobody has any it makes all servers that it knows at that moment its first configuration. The event
 * handler waits meanwhile.
 *
 * Known deviation: servers all have the same `bootstrap_expect`, and none is in bootstrap mode.
 */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { makeConfiguration } from '../../protocol/raft/configuration.ts';
import { BOOTSTRAP } from '../../protocol/raft/vocabulary.ts';
import { knownMembers, raftOf } from './server.ts';
import type { MembershipState } from './machine.ts';
import { PEERS, PEERS_AGAIN, PEERS_ANSWERED } from './vocabulary.ts';

/** Servers that are being asked for their peers. */
export interface Asking {
  readonly servers: readonly ProcessIndex[];
  /** Place of the one at hand. */
  at: number;
  /** Tries so far with that one. */
  tries: number;
}

const TRIES_MAX = 6;
const WAIT_MICROS = 1_000_000;
const TIMEOUT_MICROS = 60_000_000;

/** True where the event handler waits from now on. */
export function maybeBootstrap(state: MembershipState, place: number, out: Outbox): boolean {
  if (raftOf(out).lastLogIndex !== 0) {
    state.expect = 0;
    return false;
  }
  const servers = knownMembers(state).filter(({ spec }) => spec.server);
  if (servers.some(({ spec }) => spec.expect !== 0 && spec.expect !== state.expect)) return false;
  if (servers.length < state.expect) return false;
  state.asking = { servers: servers.map(({ spec }) => spec.process), at: 0, tries: 0 };
  return ask(state, place, out);
}

function ask(state: MembershipState, place: number, out: Outbox): boolean {
  const asking = state.asking!;
  if (asking.at < asking.servers.length) {
    const process = asking.servers[asking.at];
    // A server asks itself over its own connection pool too; the answer is the same.
    if (process === state.self) return onPeersAnswered(state, place, peersHere(out), out);
    out.call(process, PEERS, null, TIMEOUT_MICROS, PEERS_ANSWERED, place);
    return true;
  }
  const servers = asking.servers.map((id) => ({ id, voter: true }));
  state.asking = null;
  state.expect = 0;
  out.post(BOOTSTRAP, 0, 0, makeConfiguration(servers));
  return false;
}

function peersHere(out: Outbox): number {
  return raftOf(out).latest.servers.length;
}

/** `peers` null: no answer. One that never answers counts as having none. */
export function onPeersAnswered(
  state: MembershipState,
  place: number,
  peers: number | null,
  out: Outbox,
): boolean {
  const asking = state.asking!;
  if (peers === null) {
    out.sleep(WAIT_MICROS << asking.tries, PEERS_AGAIN, place);
    asking.tries++;
    return true;
  }
  if (peers > 0) {
    state.asking = null;
    state.expect = 0;
    return false;
  }
  asking.at++;
  asking.tries = 0;
  return ask(state, place, out);
}

export function onPeersAgain(state: MembershipState, place: number, out: Outbox): boolean {
  const asking = state.asking!;
  if (asking.tries < TRIES_MAX) return ask(state, place, out);
  asking.at++;
  asking.tries = 0;
  return ask(state, place, out);
}
