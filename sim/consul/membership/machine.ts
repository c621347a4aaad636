/**
 * What a Consul server makes of its LAN pool (`consul:agent/consul/server_serf.go (lanEventHandler)`;
 * reference: consul §2.6, gossip §4.3): events of Serf in order, the addresses of the servers that are
 * up, `bootstrap_expect`, and news for the leader loop. Serf itself runs beside it (`sim/protocol/serf`)
 * and is told of through pool.ts.
 *
 * Known deviations: a datacenter has no segments and partitions, and nobody joins another's pool, so
 * that no member is refused for its tags.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Machine, Outbox, ProcessIndex, View } from '../../core/machine.ts';
import { onPeersAgain, onPeersAnswered, maybeBootstrap } from './bootstrap.ts';
import type { Asking } from './bootstrap.ts';
import { MemberStatus, STATUS_NAMES } from './members.ts';
import type { Member, MemberSpec } from './members.ts';
import { answerPeers, leads, tellLeaderLoop } from './server.ts';
import { FLOOD_WAN } from '../wan/vocabulary.ts';
import * as Kind from './vocabulary.ts';

export interface MembershipConfig {
  readonly members: readonly MemberSpec[];
  /** The pool is joined when the run begins, by these members (their places). */
  readonly formed: readonly number[] | null;
}

export interface MembershipState {
  readonly config: MembershipConfig;
  readonly self: ProcessIndex;
  readonly members: Member[];
  /** Processes of servers that may be forwarded to (`serverLookup`). */
  lookup: ProcessIndex[];
  /** `bootstrap_expect`, until it is settled; 0: no more. */
  expect: number;
  asking: Asking | null;
}

/** A formed cluster starts at the very beginning; whoever starts later learns of the others anew. */
const FORMED_MICROS = 1_000_000;
const UNKNOWN: Member = { status: MemberStatus.none };
const ALIVE: Member = { status: MemberStatus.alive };

function create(config: MembershipConfig, self: ProcessIndex): MembershipState {
  const { members } = config;
  return {
    config,
    self,
    members: members.map(() => UNKNOWN),
    lookup: [],
    expect: members.find(({ process }) => process === self)!.expect,
    asking: null,
  };
}

function onStart({ config, members, lookup, self }: MembershipState, out: Outbox): void {
  const { formed } = config;
  const place = config.members.findIndex(({ process }) => process === self);
  if (formed?.includes(place) !== true || out.now() >= FORMED_MICROS) return;
  for (const other of formed) {
    members[other] = ALIVE;
    if (config.members[other].server) lookup.push(config.members[other].process);
  }
}

/** The server's side of an event, one after the other. */
function onEvent(state: MembershipState, place: number, status: MemberStatus, out: Outbox): void {
  const { process, server } = state.config.members[place];
  if (server) {
    state.lookup = state.lookup.filter((one) => one !== process);
    if (status === MemberStatus.alive) state.lookup.push(process);
  }
  if (status === MemberStatus.alive && server && state.expect !== 0) {
    if (maybeBootstrap(state, place, out)) return;
  }
  if (status === MemberStatus.alive && server) out.post(FLOOD_WAN, 0, 0, null);
  if (leads(out)) tellLeaderLoop(process, status, out);
}

function onInput(
  state: MembershipState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  if (input === Kind.EVENT) onEvent(state, from, body as MemberStatus, out);
  else answerPeers(from, out);
}

/** The event that brought it here goes on to the leader loop afterwards. */
function onResume(
  state: MembershipState,
  step: number,
  place: number,
  body: unknown,
  out: Outbox,
): void {
  const failed = out.error !== ErrorCause.none;
  const waits =
    step === Kind.PEERS_ANSWERED
      ? onPeersAnswered(state, place, failed ? null : (body as number), out)
      : onPeersAgain(state, place, out);
  if (!waits && leads(out)) {
    tellLeaderLoop(state.config.members[place].process, MemberStatus.alive, out);
  }
}

function view({ members, config, lookup }: MembershipState): View {
  const known: Record<string, string | number> = { servers: lookup.length };
  members.forEach(({ status }, place) => {
    known[config.members[place].name] = STATUS_NAMES[status];
  });
  return known;
}

export const membershipMachine: Machine<MembershipState, null> = {
  name: 'membership',
  number: Kind.MEMBERSHIP_MACHINE,
  lanes: Kind.MEMBERSHIP_LANES,
  inputs: Kind.MEMBERSHIP_INPUTS,
  notes: [],
  create,
  onStart,
  onInput,
  onResume,
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (state) => ({
    ...state,
    members: state.members.slice(),
    lookup: state.lookup.slice(),
    asking: state.asking === null ? null : { ...state.asking },
  }),
  saveDurable: () => null,
};
