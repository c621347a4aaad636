/** Elections of the textbook machine, sentence by sentence. */
import { describe, expect, test } from 'vitest';
import { Role } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import type { RequestVote, VoteAnswer } from '../../../sim/protocol/raft-paper/types.ts';
import { ref } from '../../support/reference.ts';
import {
  ELECTION_MICROS,
  HEARTBEAT_MICROS,
  MILLISECOND,
  answerVote,
  append,
  campaign,
  last,
  leader,
  paperServer,
  requestVote,
  sent,
} from './server.ts';
import type { PaperServer } from './server.ts';

const due = (server: PaperServer): number => server.due(Kind.ELECTION_TIMER)! - server.now;

describe('the election timeout', () => {
  test(ref('textbook 5.2 timeout', 'is drawn anew from its range at every reset'), () => {
    const server = paperServer();
    server.script('election-timer', 0.999999, 0.5, 0);
    append(server, 1, { term: 1 });
    expect(due(server)).toBe(2 * ELECTION_MICROS);
    append(server, 1, { term: 1 });
    expect(due(server)).toBe(1.5 * ELECTION_MICROS);
    append(server, 1, { term: 1 });
    expect(due(server)).toBe(ELECTION_MICROS);
  });

  test(ref('textbook 5.2 timeout', 'is reset by the current leader and by a granted vote'), () => {
    const server = paperServer();
    server.advance(100 * MILLISECOND);
    append(server, 1, { term: 1 });
    expect(due(server)).toBe(ELECTION_MICROS);
    server.advance(100 * MILLISECOND);
    requestVote(server, 1, { term: 2 });
    server.writeAll();
    expect(due(server)).toBe(ELECTION_MICROS);
  });

  test(ref('textbook 5.2 timeout', 'is not reset by a refused vote or an old leader'), () => {
    const server = paperServer({ log: [1, 3] });
    server.advance(100 * MILLISECOND);
    append(server, 1, { term: 2 });
    requestVote(server, 2, { term: 4, lastIndex: 9, lastTerm: 2 });
    server.writeAll();
    expect(last<VoteAnswer>(server, Kind.VOTE_RESULT, 2)).toMatchObject({
      granted: false,
      term: 4,
    });
    expect(due(server)).toBe(ELECTION_MICROS - 100 * MILLISECOND);
  });

  test(ref('textbook 5.1 term', 'runs on when a newer term makes a candidate a follower'), () => {
    const server = paperServer({ log: [1, 3] });
    campaign(server);
    server.advance(60 * MILLISECOND);
    requestVote(server, 2, { term: 9 });
    server.writeAll();
    expect(server.state).toMatchObject({ role: Role.follower, term: 9 });
    expect(due(server)).toBe(ELECTION_MICROS - 60 * MILLISECOND);
  });
});

describe('a candidate', () => {
  test(ref('textbook 5.2 campaign', 'stores the new term and its own vote, then asks all'), () => {
    const server = paperServer({ log: [1, 1] });
    server.fire(Kind.ELECTION_TIMER);
    server.write(1);
    expect(sent(server, Kind.VOTE)).toEqual([]);
    server.writeAll();
    expect(server.durable).toMatchObject({ currentTerm: 2, lastVoteTerm: 2, lastVoteCandidate: 0 });
    for (const peer of [1, 2]) {
      const request = { term: 2, lastIndex: 2, lastTerm: 1 };
      expect(last<RequestVote>(server, Kind.VOTE, peer)).toEqual(request);
    }
  });

  test(ref('textbook 5.2 win', 'leads with the votes of a majority for its term'), () => {
    const server = paperServer({ servers: 5 });
    campaign(server);
    answerVote(server, 1, {});
    answerVote(server, 1, {});
    answerVote(server, 2, { granted: false });
    answerVote(server, 4, { asked: 1 });
    expect(server.state.role).toBe(Role.candidate);
    answerVote(server, 3, {});
    expect(server.state.role).toBe(Role.leader);
  });

  test(
    ref('textbook 5.2 leader-known', 'follows a leader of its own term, not an older one'),
    () => {
      const server = paperServer();
      campaign(server);
      append(server, 1, { term: 1 });
      expect(server.state.role).toBe(Role.candidate);
      append(server, 1, { term: 2 });
      expect(server.state).toMatchObject({ role: Role.follower, leader: 1, term: 2 });
    },
  );

  test(ref('textbook 5.2 split', 'begins another election when its timeout elapses'), () => {
    const server = paperServer();
    campaign(server);
    campaign(server);
    expect(server.state).toMatchObject({ role: Role.candidate, term: 3 });
    expect(last<RequestVote>(server, Kind.VOTE, 1).term).toBe(3);
  });

  test(ref('textbook 5.1 retry', 'asks again whoever has not answered in time'), () => {
    const server = paperServer({ servers: 5 });
    campaign(server);
    answerVote(server, 1, { granted: false });
    expect(server.due(Kind.HEARTBEAT_TIMER)! - server.now).toBe(HEARTBEAT_MICROS);
    server.fire(Kind.HEARTBEAT_TIMER);
    expect(sent(server, Kind.VOTE, 1)).toHaveLength(1);
    expect(sent(server, Kind.VOTE, 2)).toHaveLength(2);
  });
});

describe('a vote', () => {
  test(ref('textbook 5.2 vote', 'is given once in a term, first come, first served'), () => {
    const server = paperServer();
    requestVote(server, 1, { term: 2 });
    server.writeAll();
    requestVote(server, 2, { term: 2 });
    requestVote(server, 1, { term: 2 });
    const answer = (to: number) => last<VoteAnswer>(server, Kind.VOTE_RESULT, to).granted;
    expect([answer(1), answer(2)]).toEqual([true, false]);
    expect(sent(server, Kind.VOTE_RESULT, 1)).toHaveLength(2);
  });

  test(ref('textbook 5.2 vote', 'is stored before it is given, and survives a crash'), () => {
    const server = paperServer();
    requestVote(server, 1, { term: 2 });
    expect(sent(server, Kind.VOTE_RESULT)).toEqual([]);
    server.writeAll();
    expect(sent(server, Kind.VOTE_RESULT)).toHaveLength(1);
    server.crash();
    server.start();
    requestVote(server, 2, { term: 2 });
    expect(last<VoteAnswer>(server, Kind.VOTE_RESULT, 2).granted).toBe(false);
  });

  test(ref('textbook 5.4.1 restriction', 'is not given to a log that is less up to date'), () => {
    const granted = (lastIndex: number, lastTerm: number): boolean => {
      const server = paperServer({ log: [1, 2, 2] });
      requestVote(server, 1, { term: 5, lastIndex, lastTerm });
      server.writeAll();
      return last<VoteAnswer>(server, Kind.VOTE_RESULT, 1).granted;
    };
    const logs = [
      [9, 1],
      [2, 2],
      [3, 2],
      [1, 3],
    ] as const;
    expect(logs.map(([index, term]) => granted(index, term))).toEqual([false, false, true, true]);
  });

  test(ref('textbook 5.1 term', 'asked for in an older term is refused with ours'), () => {
    const server = paperServer({ log: [1, 7] });
    requestVote(server, 1, { term: 6, lastIndex: 9, lastTerm: 6 });
    const answer = last<VoteAnswer>(server, Kind.VOTE_RESULT, 1);
    expect(answer).toEqual({ term: 7, asked: 6, granted: false });
  });

  test(ref('textbook 5.1 term', 'asked for in a newer term deposes a leader'), () => {
    const server = leader();
    requestVote(server, 1, { term: 9, lastIndex: 0, lastTerm: 0 });
    server.writeAll();
    expect(server.state).toMatchObject({ role: Role.follower, term: 9, leader: -1 });
    expect(server.due(Kind.ELECTION_TIMER)).toBeDefined();
    expect(server.due(Kind.HEARTBEAT_TIMER)).toBeUndefined();
  });

  test(ref('textbook 5.1 term', 'answered with a newer term ends the candidacy'), () => {
    const server = paperServer();
    campaign(server);
    answerVote(server, 1, { term: 8, granted: false });
    server.writeAll();
    expect(server.state).toMatchObject({ role: Role.follower, term: 8 });
    expect(server.durable.currentTerm).toBe(8);
  });
});

describe('a pre-vote', () => {
  const preVote = true;

  test(
    ref('textbook 9.6 ask', 'raises no term and stores nothing before a majority grants'),
    () => {
      const server = paperServer({ preVote });
      server.fire(Kind.ELECTION_TIMER);
      expect(server.unwritten()).toEqual([]);
      expect(server.state.term).toBe(1);
      expect(last<RequestVote>(server, Kind.PRE_VOTE, 1).term).toBe(2);
      answerVote(server, 1, {});
      server.writeAll();
      expect(server.state).toMatchObject({ term: 2, preVoting: false });
      expect(sent(server, Kind.VOTE)).toHaveLength(2);
    },
  );

  test(ref('textbook 9.6 grant', 'is refused for as long as a leader may be alive'), () => {
    const granted = (silentMicros: number): boolean => {
      const server = paperServer();
      server.script('election-timer', 0.999);
      append(server, 1, { term: 1 });
      server.advance(silentMicros);
      requestVote(server, 2, { term: 2 }, Kind.PRE_VOTE);
      return last<VoteAnswer>(server, Kind.PRE_VOTE_RESULT, 2).granted;
    };
    expect([granted(ELECTION_MICROS - 1), granted(ELECTION_MICROS)]).toEqual([false, true]);
  });

  test(ref('textbook 9.6 grant', 'is refused by a leader, and to a log less up to date'), () => {
    const leading = leader();
    requestVote(leading, 1, { term: 3, lastIndex: 9, lastTerm: 2 }, Kind.PRE_VOTE);
    expect(last<VoteAnswer>(leading, Kind.PRE_VOTE_RESULT, 1).granted).toBe(false);
    const server = paperServer({ log: [1, 2] });
    requestVote(server, 1, { term: 3 }, Kind.PRE_VOTE);
    expect(last<VoteAnswer>(server, Kind.PRE_VOTE_RESULT, 1).granted).toBe(false);
  });

  test(ref('textbook 9.6 grant', 'stores nothing and resets no timer'), () => {
    const server = paperServer();
    server.advance(100 * MILLISECOND);
    requestVote(server, 1, { term: 2 }, Kind.PRE_VOTE);
    expect(last<VoteAnswer>(server, Kind.PRE_VOTE_RESULT, 1).granted).toBe(true);
    expect(server.unwritten()).toEqual([]);
    expect(due(server)).toBe(ELECTION_MICROS - 100 * MILLISECOND);
  });
});
