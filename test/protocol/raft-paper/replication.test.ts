/** Replication and commit of the textbook machine, sentence by sentence. */
import { describe, expect, test } from 'vitest';
import { ApplyError, Role } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import type { AppendAnswer, AppendEntries } from '../../../sim/protocol/raft-paper/types.ts';
import { APPEND_RESULT } from '../../../sim/protocol/raft-paper/vocabulary.ts';
import { PROPOSAL_APPLIED } from '../../support/proposer.ts';
import { ref } from '../../support/reference.ts';
import { logOf } from '../raft/server.ts';
import {
  HEARTBEAT_MICROS,
  answerAppend,
  append,
  last,
  leader,
  paperServer,
  sent,
} from './server.ts';
import type { PaperServer } from './server.ts';

const termsOf = (server: PaperServer): number[] =>
  server.durable.log.entries.map(({ term }) => term);
const answerTo = (server: PaperServer, to: number): AppendAnswer =>
  last<AppendAnswer>(server, APPEND_RESULT, to);

function propose(server: PaperServer, digest: number): void {
  server.deliver(Kind.APPLY, 0, { data: { digest }, tag: digest });
}

describe('a leader', () => {
  test(
    ref('textbook 5.2 heartbeat', 'speaks to all at once when it has won, then at intervals'),
    () => {
      const server = leader();
      const { time } = sent(server, Kind.HEARTBEAT, 1)[0]!;
      expect(sent(server, Kind.HEARTBEAT, 2)[0]!.time).toBe(time);
      expect(server.due(Kind.HEARTBEAT_TIMER)! - time).toBe(HEARTBEAT_MICROS);
      const before = sent(server, Kind.APPEND, 1).length;
      server.fire(Kind.HEARTBEAT_TIMER);
      expect(sent(server, Kind.APPEND, 1)).toHaveLength(before + 1);
      expect(server.due(Kind.ELECTION_TIMER)).toBeUndefined();
    },
  );

  test(ref('textbook 8 noop', 'begins its term with an entry of its own'), () => {
    const server = leader({ log: [1, 1] });
    expect(termsOf(server)).toEqual([1, 1, 2]);
    expect(last<AppendEntries>(server, Kind.APPEND, 1)).toMatchObject({ prevIndex: 2, term: 2 });
  });

  test(
    ref('textbook 5.3 replicate', 'stores a command, sends it on, and answers once applied'),
    () => {
      const server = leader();
      for (const peer of [1, 2]) answerAppend(server, peer);
      propose(server, 77);
      const before = sent(server, Kind.APPEND, 1).length;
      expect(before).toBe(1);
      server.writeAll();
      expect(sent(server, Kind.APPEND, 1)).toHaveLength(2);
      const results = () => server.of('post').filter(({ input }) => input === PROPOSAL_APPLIED);
      expect(results()).toEqual([]);
      answerAppend(server, 1);
      expect(results().map(({ body }) => body)).toMatchObject([
        { error: ApplyError.none, index: 3 },
      ]);
    },
  );

  test(ref('textbook 5.3 repair', 'goes back one entry for each rejection'), () => {
    const server = leader({ log: [1, 1, 1, 1] });
    const previous = (): number => last<AppendEntries>(server, Kind.APPEND, 2).prevIndex;
    expect(previous()).toBe(4);
    answerAppend(server, 2, { success: false });
    expect(previous()).toBe(3);
    answerAppend(server, 2, { success: false });
    expect(previous()).toBe(2);
    // A second copy of an answer, or a late one, says nothing about what was sent since.
    answerAppend(server, 2, { success: false, prevIndex: 3 });
    expect(previous()).toBe(2);
    answerAppend(server, 2);
    expect(server.state.progress[1]).toMatchObject({ matchIndex: 5, nextIndex: 6 });
  });

  test(ref('textbook 5.1 term', 'that hears of a newer term follows, and remembers it'), () => {
    const server = leader();
    propose(server, 77);
    server.writeAll();
    answerAppend(server, 1, { term: 9, success: false });
    server.writeAll();
    expect(server.state).toMatchObject({ role: Role.follower, term: 9 });
    expect(server.durable.currentTerm).toBe(9);
    const lost = server.of('post').filter(({ input }) => input === PROPOSAL_APPLIED);
    expect(lost.map(({ body }) => body)).toMatchObject([{ error: ApplyError.leadershipLost }]);
  });

  test(ref('textbook 5.4.2 commit', 'counts replicas of entries of its own term only'), () => {
    const server = leader({ servers: 3, log: [1, 1, 1], durable: { currentTerm: 3 } });
    expect(termsOf(server)).toEqual([1, 1, 1, 4]);
    answerAppend(server, 1, { matched: 3 });
    expect(server.state.commitIndex).toBe(0);
    answerAppend(server, 1, { matched: 4 });
    expect(server.state.commitIndex).toBe(4);
  });

  test(ref('textbook 5.3 commit-index', 'tells its commit index with every append'), () => {
    const server = leader();
    answerAppend(server, 1);
    server.fire(Kind.HEARTBEAT_TIMER);
    expect(last<AppendEntries>(server, Kind.HEARTBEAT, 1).leaderCommit).toBe(2);
  });
});

describe('a follower', () => {
  test(ref('textbook 5.3 consistency', 'refuses what does not follow its log'), () => {
    const server = paperServer({ log: [1, 1, 2] });
    append(server, 1, { term: 2, prevIndex: 3, prevTerm: 1 });
    expect(answerTo(server, 1)).toMatchObject({ success: false, term: 2 });
    append(server, 1, { term: 2, prevIndex: 4, prevTerm: 2 });
    expect(answerTo(server, 1)).toMatchObject({ success: false, prevIndex: 4 });
    append(server, 1, { term: 2, prevIndex: 3, prevTerm: 2 });
    expect(answerTo(server, 1)).toMatchObject({ success: true, matched: 3 });
  });

  test(
    ref('textbook 5.3 conflict', 'deletes what conflicts and all after it, nothing else'),
    () => {
      const server = paperServer({ log: [1, 1, 2, 2] });
      append(server, 1, { term: 3, prevIndex: 1, prevTerm: 1, entries: logOf([1, 1, 3]).slice(1) });
      server.writeAll();
      expect(termsOf(server)).toEqual([1, 1, 3]);
      append(server, 1, { term: 3, prevIndex: 1, prevTerm: 1, entries: logOf([1, 1]).slice(1) });
      server.writeAll();
      expect(termsOf(server)).toEqual([1, 1, 3]);
    },
  );

  test(ref('textbook 5.3 conflict', 'answers when all is stored, not before'), () => {
    const server = paperServer({ log: [1] });
    append(server, 1, { term: 2, prevIndex: 1, prevTerm: 1, entries: logOf([1, 2]).slice(1) });
    server.write(1);
    expect(server.durable.currentTerm).toBe(2);
    expect(sent(server, APPEND_RESULT)).toEqual([]);
    server.writeAll();
    expect(answerTo(server, 1)).toMatchObject({ success: true, matched: 2, term: 2 });
  });

  test(ref('textbook 5.3 follower-commit', 'commits up to the last entry of the request'), () => {
    const server = paperServer({ log: [1, 1, 1, 1] });
    append(server, 1, { term: 1, prevIndex: 2, prevTerm: 1, leaderCommit: 4 });
    expect(server.state.commitIndex).toBe(2);
    append(server, 1, { term: 1, prevIndex: 4, prevTerm: 1, leaderCommit: 3 });
    expect(server.state.commitIndex).toBe(3);
  });

  test(
    ref('textbook 5.1 term', 'refuses a leader of an older term and tells it the newer one'),
    () => {
      const server = paperServer({ log: [1, 5] });
      append(server, 1, { term: 4, prevIndex: 2, prevTerm: 5 });
      expect(answerTo(server, 1)).toMatchObject({ success: false, term: 5 });
      expect(server.state.leader).toBe(-1);
    },
  );
});

test(
  ref('textbook 5.3 replicate', 'a server that cannot store what it must remember stops'),
  () => {
    const server = paperServer();
    server.fire(Kind.ELECTION_TIMER);
    server.failWrite();
    expect(server.running).toBe(false);
  },
);
