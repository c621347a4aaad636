/**
 * Membership of the LAN pool as the Consul server sees it, and the seam behind which Serf's pools
 * belong: who is a member with which status, events to the server in order, and the addresses of the
 * servers that are up (`consul:agent/consul/server_serf.go`; reference: consul §2.6).
 *
 * What stands behind the seam: once a second each server sends every other one a datagram with the
 * last signs of life that it knows of each member, so that news travels over others where the direct
 * way is cut. A member of whom nothing new came for the detection time counts as failed, by each
 * server's own clock.
 *
 * Known deviations: this is neither SWIM nor Serf (no probes, suspicion that spreads, push-pull or
 * user events), and client agents are no members of it; a force-leave concerns failed members only.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Machine, Outbox, ProcessIndex, View } from '../../core/machine.ts';
import type { Sampler } from '../../core/distribution.ts';
import { onPeersAgain, onPeersAnswered, maybeBootstrap } from './bootstrap.ts';
import type { Asking } from './bootstrap.ts';
import { MemberStatus, STATUS_NAMES, isNewer, isUp, unknownMember } from './members.ts';
import type { Member, MemberSpec, News } from './members.ts';
import { answerPeers, leads, tellLeaderLoop } from './server.ts';
import * as Kind from './vocabulary.ts';

export interface MembershipConfig {
  readonly members: readonly MemberSpec[];
  /** From the last sign of life to the status failed. */
  readonly detection: Sampler;
  /** The pool is joined when the run begins, by these members (their places). */
  readonly formed: readonly number[] | null;
  /** Failed members are forgotten after this (`reconnect_timeout`). */
  readonly reapMicros: number;
}

export interface MembershipState {
  readonly config: MembershipConfig;
  readonly self: ProcessIndex;
  /** Place of this server among the members. */
  readonly place: number;
  readonly members: Member[];
  /** Processes of servers that may be forwarded to (`serverLookup`). */
  lookup: ProcessIndex[];
  /** `bootstrap_expect`, until it is settled; 0: no more. */
  expect: number;
  asking: Asking | null;
  /** It has left, and says nothing any more. */
  silent: boolean;
}

const BEAT_MICROS = 1_000_000;
/** A beat is missed when it is this late. */
const LATE_MICROS = 1_500_000;
/** Members that left are forgotten after this (`hashicorp/serf:serf/config.go (TombstoneTimeout)`). */
const TOMBSTONE_MICROS = 24 * 3600 * 1_000_000;

function create(config: MembershipConfig, self: ProcessIndex): MembershipState {
  const { members } = config;
  const place = members.findIndex(({ process }) => process === self);
  return {
    config,
    self,
    place,
    members: members.map(unknownMember),
    lookup: [],
    expect: members[place].expect,
    asking: null,
    silent: false,
  };
}

function onStart(state: MembershipState, out: Outbox): void {
  const { config, members, place } = state;
  const now = out.now();
  hear(state, place, { life: now, beat: 0, said: MemberStatus.alive }, out);
  // Whoever starts later joins by speaking to all servers, as with `retry_join`.
  if (config.formed?.includes(place) === true && now < BEAT_MICROS) {
    for (let other = 0; other < members.length; other++) {
      if (other !== place) join(state, other, now);
    }
  }
  out.timer(Kind.BEAT_TICK, 0, out.draw('membership').below(BEAT_MICROS));
}

/** A pool that is formed when the run begins: who does not run then has failed before. */
function join(state: MembershipState, place: number, now: number): void {
  const { config, members } = state;
  const runs = config.formed!.includes(place);
  const news: News = { life: 0, beat: 0, said: MemberStatus.alive };
  const status = runs ? MemberStatus.alive : MemberStatus.failed;
  members[place] = { news, status, heardMicros: now, sinceMicros: now, suspected: false };
  if (runs && config.members[place].server) state.lookup.push(config.members[place].process);
}

function onTick(state: MembershipState, out: Outbox): void {
  out.timer(Kind.BEAT_TICK, 0, BEAT_MICROS);
  if (!state.silent) {
    const own = state.members[state.place];
    own.news = { ...own.news, beat: own.news.beat + 1 };
    own.heardMicros = out.now();
    speak(state, out);
  }
  for (let place = 0; place < state.members.length; place++) watch(state, place, out);
}

function speak(state: MembershipState, out: Outbox): void {
  const beat: Kind.Beat = state.members.map(({ news }) => news);
  for (const { process, server } of state.config.members) {
    if (server && process !== state.self) out.datagram(process, Kind.BEAT, beat);
  }
}

/** Silence arms the timer after which a member counts as failed; a long one makes it forgotten. */
function watch(state: MembershipState, place: number, out: Outbox): void {
  const member = state.members[place];
  const { status, suspected } = member;
  const now = out.now();
  if (isUp(member)) {
    const silence = now - member.heardMicros;
    if (place === state.place || suspected || silence < LATE_MICROS) return;
    member.suspected = true;
    // Own absence is no evidence: only what was missed of late counts.
    const counted = Math.min(silence, LATE_MICROS + BEAT_MICROS);
    const detection = out.sample('detection', state.config.detection);
    out.timer(Kind.SUSPICION, place, Math.max(0, detection - counted));
    return;
  }
  const limit = status === MemberStatus.failed ? state.config.reapMicros : TOMBSTONE_MICROS;
  if (status === MemberStatus.none || status === MemberStatus.reaped) return;
  if (now - member.sinceMicros >= limit) setStatus(state, place, MemberStatus.reaped, out);
}

function onSuspicion(state: MembershipState, place: number, out: Outbox): void {
  const member = state.members[place];
  member.suspected = false;
  // One that was about to leave has left.
  const leaving = member.status === MemberStatus.leaving;
  setStatus(state, place, leaving ? MemberStatus.left : MemberStatus.failed, out);
}

function onBeat(state: MembershipState, beat: Kind.Beat, out: Outbox): void {
  for (let place = 0; place < beat.length; place++) {
    if (place !== state.place) hear(state, place, beat[place], out);
  }
}

function hear(state: MembershipState, place: number, news: News, out: Outbox): void {
  const member = state.members[place];
  if (!isNewer(news, member.news)) return;
  member.news = news;
  member.heardMicros = out.now();
  if (member.suspected) {
    member.suspected = false;
    out.cancel(Kind.SUSPICION, place);
  }
  if (member.status !== news.said) setStatus(state, place, news.said, out);
}

function setStatus(state: MembershipState, place: number, status: MemberStatus, out: Outbox): void {
  const member = state.members[place];
  const { process } = state.config.members[place];
  out.note(Kind.MembershipNote.status, process, status, member.status);
  member.status = status;
  member.sinceMicros = out.now();
  // A leave that has only been announced is no event.
  if (status !== MemberStatus.leaving) out.post(Kind.EVENT, 0, place, status);
}

function onForceLeave(state: MembershipState, process: ProcessIndex, out: Outbox): void {
  const place = state.config.members.findIndex((one) => one.process === process);
  const member = state.members[place];
  if (member?.status !== MemberStatus.failed) return;
  hear(state, place, { ...member.news, said: MemberStatus.left }, out);
  speak(state, out);
}

/** A graceful leave: told to all at once; whoever asked waits for it to get round. */
function onLeave(state: MembershipState, out: Outbox): void {
  const { news } = state.members[state.place];
  hear(state, state.place, { ...news, beat: news.beat + 1, said: MemberStatus.left }, out);
  speak(state, out);
  state.silent = true;
}

/** The server's side of an event, one after the other (lanEventHandler). */
function onEvent(state: MembershipState, place: number, status: MemberStatus, out: Outbox): void {
  const { process, server } = state.config.members[place];
  if (server && status !== MemberStatus.reaped) {
    state.lookup = state.lookup.filter((one) => one !== process);
    if (status === MemberStatus.alive) state.lookup.push(process);
  }
  if (status === MemberStatus.alive && server && state.expect !== 0) {
    if (maybeBootstrap(state, place, out)) return;
  }
  if (leads(out)) tellLeaderLoop(process, status, out);
}

function onInput(
  state: MembershipState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case Kind.BEAT:
      onBeat(state, body as Kind.Beat, out);
      return;
    case Kind.BEAT_TICK:
      onTick(state, out);
      return;
    case Kind.SUSPICION:
      onSuspicion(state, from, out);
      return;
    case Kind.EVENT:
      onEvent(state, from, body as MemberStatus, out);
      return;
    case Kind.FORCE_LEAVE:
      onForceLeave(state, from, out);
      return;
    case Kind.LEAVE:
      onLeave(state, out);
      return;
    case Kind.PEERS:
      answerPeers(from, out);
  }
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
  notes: Kind.MEMBERSHIP_NOTES,
  create,
  onStart,
  onInput,
  onResume,
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (state) => ({
    ...state,
    members: state.members.map((member) => ({ ...member })),
    lookup: state.lookup.slice(),
    asking: state.asking === null ? null : { ...state.asking },
  }),
  saveDurable: () => null,
};
