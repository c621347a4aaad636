/**
 * One Raft server alone, for tests of single rules: server 0 of three voters (s1, s2, s3) unless
 * asked otherwise, at the timeouts of raft_multiplier 1, with the open bugs of the real program.
 */
import type { PipelineEffect, RequestEffect } from '../../../sim/core/effects.ts';
import { Recording } from '../../../sim/core/recording.ts';
import { raftBugs } from '../../../sim/protocol/raft/bugs.ts';
import type { RaftBugs } from '../../../sim/protocol/raft/bugs.ts';
import { createRaftDurable, makeEntry } from '../../../sim/protocol/raft/durable.ts';
import { createLog } from '../../../sim/protocol/raft/log.ts';
import { raftMachine } from '../../../sim/protocol/raft/machine.ts';
import { EntryType, commandProposal } from '../../../sim/protocol/raft/types.ts';
import type {
  AppendRequest,
  AppendResponse,
  Configuration,
  Entry,
  RaftConfig,
  RaftDurable,
  RaftState,
  Server,
  VoteRequest,
  VoteResponse,
} from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { PROPOSAL_APPLIED, listFsm } from '../../support/proposer.ts';

export type RaftServer = Recording<RaftState, RaftDurable>;

export const MILLISECOND = 1000;
export const SECOND = 1_000_000;
export const HEARTBEAT_MICROS = SECOND;
export const ELECTION_MICROS = SECOND;
export const LEASE_MICROS = SECOND / 2;
export const COMMIT_MICROS = 50 * MILLISECOND;
export const TRANSPORT_MICROS = 10 * SECOND;

export interface ServerOptions {
  readonly self?: number;
  /** How many voters there are, or who is in the configuration; none: an empty disk. */
  readonly servers?: number | readonly Server[];
  /** Terms of the entries on its disk; the first is the configuration. */
  readonly log?: readonly number[];
  /** Over what follows from the log. */
  readonly durable?: Partial<RaftDurable>;
  readonly bugs?: Partial<RaftBugs>;
  readonly config?: Partial<RaftConfig>;
}

export function configurationOf(servers: number | readonly Server[]): Configuration {
  const list =
    typeof servers === 'number'
      ? Array.from({ length: servers }, (_, id) => ({ id, voter: true }))
      : servers;
  const digest = list.reduce((sum, { id, voter }) => sum * 31 + id * 2 + (voter ? 1 : 0), 7);
  return { servers: list, digest };
}

/** Entries with these terms from index 1 on: a configuration, then commands. */
export function logOf(terms: readonly number[], servers: number | readonly Server[] = 3): Entry[] {
  const entries: Entry[] = [];
  let prefix = 0;
  terms.forEach((term, at) => {
    const type = at === 0 ? EntryType.configuration : EntryType.command;
    const data = at === 0 ? configurationOf(servers) : { digest: (at + 1) * 100 + term };
    const entry = makeEntry(prefix, at + 1, term, type, data);
    prefix = entry.prefix;
    entries.push(entry);
  });
  return entries;
}

/** The entries after `last` of a log with these terms, as a leader would send them. */
export function tailOf(terms: readonly number[], last: number): Entry[] {
  return logOf(terms).slice(last);
}

/** A started follower. */
export function raftServer(options: ServerOptions = {}): RaftServer {
  const { self = 0, servers = 3, log = [1] } = options;
  const config: RaftConfig = {
    heartbeatMicros: HEARTBEAT_MICROS,
    electionMicros: ELECTION_MICROS,
    leaseMicros: LEASE_MICROS,
    commitMicros: COMMIT_MICROS,
    maxAppendEntries: 64,
    snapshotIntervalMicros: 30_000_000,
    snapshotThreshold: 16_384,
    trailingLogs: 10_240,
    bootstrap: null,
    logStore: 'wal' as const,
    preVote: true,
    transportMicros: TRANSPORT_MICROS,
    bugs: { ...raftBugs(new Set(), new Set()), ...options.bugs },
    fsm: listFsm,
    applied: PROPOSAL_APPLIED,
    initial: null,
    ...options.config,
  };
  const empty = typeof servers !== 'number' && servers.length === 0;
  const entries = empty ? [] : logOf(log, servers);
  const durable: RaftDurable = {
    ...createRaftDurable(config),
    currentTerm: entries.at(-1)?.term ?? 0,
    log: createLog(entries),
    ...options.durable,
  };
  const server = new Recording(raftMachine, config, { self, durable });
  server.start();
  return server;
}

/** Sends an AppendEntries of `leader` and returns the exchange. */
export function append(
  server: RaftServer,
  request: Partial<AppendRequest> & { readonly term: number },
): number {
  const whole = { leader: 1, prevIndex: 0, prevTerm: 0, entries: [], leaderCommit: 0, ...request };
  return server.ask(Kind.APPEND, whole.leader, whole);
}

export function heartbeat(server: RaftServer, leader: number, term: number): number {
  const request = { leader, term, prevIndex: 0, prevTerm: 0, entries: [], leaderCommit: 0 };
  return server.ask(Kind.HEARTBEAT, leader, request);
}

export function requestVote(
  server: RaftServer,
  request: Partial<VoteRequest> & { readonly term: number },
  kind: number = Kind.VOTE,
): number {
  const whole = { candidate: 1, lastIndex: 1, lastTerm: 1, leadershipTransfer: false, ...request };
  return server.ask(kind, whole.candidate, whole);
}

export function answerTo(server: RaftServer, exchange: number): AppendResponse & VoteResponse {
  return server.answerOf(exchange) as AppendResponse & VoteResponse;
}

/** Requests of one kind that were sent to `to`, or to anybody. */
export function requests(server: RaftServer, input: number, to?: number): RequestEffect[] {
  return server.of('request').filter((sent) => {
    return sent.input === input && (to === undefined || sent.to === to);
  });
}

export function grant(server: RaftServer, request: RequestEffect, term: number): void {
  server.answer(request, { term, granted: true } satisfies VoteResponse);
}

/** Lets the follower's timer fire: a fresh server has never had contact and campaigns. */
export function campaign(server: RaftServer): void {
  server.fire(Kind.FOLLOWER_TIMER);
}

/** Campaigns and wins the pre-vote; the writes of the real election wait. */
export function winPreVote(server: RaftServer): void {
  campaign(server);
  for (const request of requests(server, Kind.PRE_VOTE)) {
    grant(server, request, (request.body as VoteRequest).term);
  }
}

/** Campaigns and wins; its Noop waits for the disk. */
export function win(server: RaftServer): void {
  winPreVote(server);
  const others = server.state.latest.servers.filter(({ id, voter }) => voter && id !== server.self);
  while (requests(server, Kind.VOTE).length < others.length) server.write();
  if (server.state.candidate.granted === 0) server.writeAll();
  for (const request of requests(server, Kind.VOTE)) {
    if (server.state.leaderState === null) grant(server, request, server.state.term);
  }
}

/** A leader whose Noop is stored on its own disk. */
export function leaderOf(options: ServerOptions = {}): RaftServer {
  const server = raftServer(options);
  win(server);
  server.writeAll();
  return server;
}

/** The synchronous AppendEntries that waits for an answer of `peer`. */
export function sendingTo(server: RaftServer, peer: number) {
  return server.waits('call').find((call) => call.to === peer && call.input === Kind.APPEND);
}

export function heartbeatTo(server: RaftServer, peer: number) {
  return server.waits('call').find((call) => call.to === peer && call.input === Kind.HEARTBEAT);
}

/** Key of the lanes that replicate to `peer`. */
export function keyOf(server: RaftServer, peer: number): number {
  return server.state.replications.findIndex((replication) => replication?.peer === peer);
}

export function responseOf(
  server: RaftServer,
  fields: Partial<AppendResponse> = {},
): AppendResponse {
  return { term: server.state.term, lastLog: 0, success: true, noRetryBackoff: false, ...fields };
}

/** Answers everything that has been sent to `peer` well, until nothing is on its way to it. */
export function acknowledge(server: RaftServer, peer: number): void {
  for (;;) {
    const call = sendingTo(server, peer);
    const dial = server.waits('open-pipeline').find(({ to }) => to === peer);
    const sent = server.state.replications[keyOf(server, peer)]?.sent ?? [];
    if (call !== undefined) server.answer(call, responseOf(server));
    else if (dial !== undefined) server.answer(dial, 1000 + peer);
    else if (sent.length > 0)
      server.answer(pipelined(server, peer).at(-sent.length)!, responseOf(server));
    else return;
  }
}

/** Answers the synchronous request to `peer` well, and the dial of the pipeline that follows. */
export function reachPipeline(server: RaftServer, peer: number, connection = 1000 + peer): void {
  server.answer(sendingTo(server, peer)!, responseOf(server));
  if (sendingTo(server, peer) !== undefined)
    server.answer(sendingTo(server, peer)!, responseOf(server));
  const dial = server.waits('open-pipeline').find(({ to }) => to === peer)!;
  server.answer(dial, connection);
}

export function pipelined(server: RaftServer, peer: number): PipelineEffect[] {
  const key = keyOf(server, peer);
  return server.of('pipeline').filter(({ answerKey }) => answerKey === key);
}

/** Proposes a command at the server. */
export function propose(server: RaftServer, digest: number, tag = digest): void {
  server.deliver(Kind.APPLY, 0, commandProposal({ digest }, tag));
}

/** Results of proposals so far: tag, error, index. */
export function results(server: RaftServer): { tag: number; error: number; index: number }[] {
  return server
    .of('post')
    .filter(({ input }) => input === PROPOSAL_APPLIED)
    .map(({ from: tag, body }) => ({ tag, ...(body as { error: number; index: number }) }));
}

export function notes(server: RaftServer, kind: number): (readonly [number, number, number])[] {
  return server
    .of('note')
    .filter(({ note }) => note === kind)
    .map(({ a, b, c }) => [a, b, c] as const);
}
