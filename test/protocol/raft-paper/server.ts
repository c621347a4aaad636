/** One textbook server alone: server 0 of three, election timeouts of 150 to 300 ms. */
import type { DatagramEffect } from '../../../sim/core/effects.ts';
import { Recording } from '../../../sim/core/recording.ts';
import { createLog } from '../../../sim/protocol/raft/log.ts';
import { raftBugs } from '../../../sim/protocol/raft/bugs.ts';
import { createRaftDurable } from '../../../sim/protocol/raft/durable.ts';
import type { RaftDurable } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { paperMachine } from '../../../sim/protocol/raft-paper/machine.ts';
import type {
  AppendAnswer,
  AppendEntries,
  PaperConfig,
  PaperState,
  RequestVote,
  VoteAnswer,
} from '../../../sim/protocol/raft-paper/types.ts';
import { APPEND_RESULT } from '../../../sim/protocol/raft-paper/vocabulary.ts';
import { PROPOSAL_APPLIED, listFsm } from '../../support/proposer.ts';
import { logOf } from '../raft/server.ts';

export type PaperServer = Recording<PaperState, RaftDurable>;

export const MILLISECOND = 1000;
export const ELECTION_MICROS = 150 * MILLISECOND;
export const HEARTBEAT_MICROS = 75 * MILLISECOND;

export interface PaperOptions {
  readonly servers?: number;
  readonly log?: readonly number[];
  readonly durable?: Partial<RaftDurable>;
  readonly preVote?: boolean;
}

export function paperServer(options: PaperOptions = {}): PaperServer {
  const { servers = 3, log = [1], preVote = false } = options;
  const config: PaperConfig = {
    heartbeatMicros: 0,
    electionMicros: 0,
    leaseMicros: 0,
    commitMicros: 0,
    maxAppendEntries: 64,
    snapshotIntervalMicros: 0,
    snapshotThreshold: 0,
    trailingLogs: 0,
    bootstrap: null,
    logStore: 'wal',
    preVote,
    transportMicros: 0,
    bugs: raftBugs(new Set(), new Set()),
    fsm: listFsm,
    applied: PROPOSAL_APPLIED,
    initial: null,
    electionMicrosMin: ELECTION_MICROS,
    electionMicrosMax: 2 * ELECTION_MICROS,
    heartbeatIntervalMicros: HEARTBEAT_MICROS,
  };
  const durable: RaftDurable = {
    ...createRaftDurable(config),
    currentTerm: log.at(-1) ?? 0,
    log: createLog(logOf(log, servers)),
    ...options.durable,
  };
  const server = new Recording(paperMachine, config, { durable });
  server.start();
  return server;
}

export function sent(server: PaperServer, input: number, to?: number): DatagramEffect[] {
  return server
    .of('datagram')
    .filter((one) => one.input === input && (to === undefined || one.to === to));
}

/** The last message of that kind to that peer. */
export function last<T>(server: PaperServer, input: number, to: number): T {
  return sent(server, input, to).at(-1)!.body as T;
}

export function requestVote(
  server: PaperServer,
  from: number,
  request: Partial<RequestVote> & { readonly term: number },
  input: number = Kind.VOTE,
): void {
  server.deliver(input, from, { lastIndex: 1, lastTerm: 1, ...request });
}

export function append(
  server: PaperServer,
  from: number,
  request: Partial<AppendEntries> & { readonly term: number },
): void {
  const whole = { prevIndex: 0, prevTerm: 0, entries: [], leaderCommit: 0, ...request };
  server.deliver(Kind.APPEND, from, whole);
}

export function answerVote(server: PaperServer, from: number, answer: Partial<VoteAnswer>): void {
  const { term, asking, preVoting } = server.state;
  const input = preVoting ? Kind.PRE_VOTE_RESULT : Kind.VOTE_RESULT;
  server.deliver(input, from, { term, asked: asking, granted: true, ...answer });
}

/** Answers the last append to `from`. */
export function answerAppend(
  server: PaperServer,
  from: number,
  answer: Partial<AppendAnswer> = {},
): void {
  const appends = [...sent(server, Kind.APPEND, from), ...sent(server, Kind.HEARTBEAT, from)];
  const request = appends.toSorted((x, y) => server.effects.indexOf(x) - server.effects.indexOf(y));
  const { prevIndex, entries } = request.at(-1)!.body as AppendEntries;
  const matched = prevIndex + entries.length;
  const body = { term: server.state.term, success: true, prevIndex, matched, ...answer };
  server.deliver(APPEND_RESULT, from, body);
}

/** Campaigns; what that stores is stored. */
export function campaign(server: PaperServer): void {
  server.fire(Kind.ELECTION_TIMER);
  server.writeAll();
}

/** A leader whose first entry is on its own disk. */
export function leader(options: PaperOptions = {}): PaperServer {
  const server = paperServer(options);
  campaign(server);
  answerVote(server, 1, {});
  server.writeAll();
  return server;
}
