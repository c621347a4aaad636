/** Pipelined replication: when it begins, how much is in flight, and what ends it. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';
import type { AppendRequest } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  COMMIT_MICROS,
  acknowledge,
  keyOf,
  leaderOf,
  pipelined,
  propose,
  raftServer,
  responseOf,
  sendingTo,
  win,
} from './server.ts';
import type { RaftServer } from './server.ts';

function sent(server: RaftServer): number[][] {
  return pipelined(server, 1).map(({ body }) =>
    (body as AppendRequest).entries.map(({ index }) => index),
  );
}

function write(server: RaftServer, ...digests: number[]): void {
  for (const digest of digests) {
    propose(server, digest);
    server.writeAll();
  }
}

function replication(server: RaftServer) {
  return server.state.replications[keyOf(server, 1)]!;
}

/** A leader that talks to s2 through a pipeline, with nothing on its way. */
function pipelining(): RaftServer {
  const server = leaderOf();
  acknowledge(server, 1);
  return server;
}

describe('a pipeline', () => {
  test(ref('raft 1.11 #1', 'is opened after a good answer, on a connection of its own'), () => {
    const server = raftServer();
    win(server);
    server.answer(sendingTo(server, 1)!, responseOf(server));
    const [dial] = server.waits('open-pipeline');
    server.writeAll();
    server.answer(dial, 55);
    expect(pipelined(server, 1)).toMatchObject([{ connection: 55, input: Kind.APPEND }]);
    expect(sent(server)).toEqual([[2]]);
  });

  test(ref('raft 1.11 #1', 'that cannot be opened leaves the peer to single requests'), () => {
    const server = raftServer();
    win(server);
    server.answer(sendingTo(server, 1)!, responseOf(server));
    server.answer(server.waits('open-pipeline')[0], undefined, ErrorCause.refused);
    expect(replication(server)).toMatchObject({ failures: 0, pipeline: 0 });
    server.writeAll();
    expect(sendingTo(server, 1)).toBeDefined();
  });

  test(ref('raft 1.11 #2', 'has two requests in flight, the third waits for an answer'), () => {
    const server = pipelining();
    const before = pipelined(server, 1).length;
    write(server, 5, 6, 7);
    expect(sent(server).slice(before)).toEqual([[3], [4]]);
    server.answer(pipelined(server, 1)[before], responseOf(server));
    expect(sent(server).slice(before)).toEqual([[3], [4], [5]]);
  });

  test(ref('raft 1.11 #2', 'sends on from where it is; the acknowledged index follows'), () => {
    const server = pipelining();
    const before = pipelined(server, 1).length;
    write(server, 5, 6);
    expect(replication(server)).toMatchObject({ nextIndex: 3, pipelineNext: 5 });
    server.answer(pipelined(server, 1)[before], responseOf(server));
    expect(replication(server)).toMatchObject({ nextIndex: 4, pipelineNext: 5 });
    expect(server.state.commitIndex).toBe(3);
  });

  test(ref('raft 1.11 #2', 'tells an idle peer the commit index'), () => {
    const server = pipelining();
    const before = pipelined(server, 1).length;
    server.advance(COMMIT_MICROS);
    expect(pipelined(server, 1)).toHaveLength(before + 1);
    expect(pipelined(server, 1).at(-1)!.body).toMatchObject({ entries: [], leaderCommit: 2 });
  });
});

describe('the end of a pipeline', () => {
  test(ref('raft 1.11 #3', 'is a rejection: single requests from the last good index'), () => {
    const server = pipelining();
    const before = pipelined(server, 1).length;
    write(server, 5, 6);
    const answer = responseOf(server, { success: false, lastLog: 1, noRetryBackoff: true });
    server.answer(pipelined(server, 1)[before], answer);
    expect(server.of('close-pipeline')).toHaveLength(1);
    server.fire(Kind.COMMIT_TIMER, keyOf(server, 1));
    expect(sendingTo(server, 1)!.body).toMatchObject({ prevIndex: 2 });
    expect(replication(server)).toMatchObject({ failures: 0, nextIndex: 3 });
  });

  test(ref('raft 1.11 #3', 'is an error or a timeout, which counts as no failure'), () => {
    for (const error of [ErrorCause.eof, ErrorCause.timeout]) {
      const server = pipelining();
      const before = pipelined(server, 1).length;
      write(server, 5);
      server.answer(pipelined(server, 1)[before], undefined, error);
      expect(server.of('close-pipeline')).toHaveLength(1);
      expect(replication(server)).toMatchObject({ failures: 0, nextIndex: 3, pipeline: 0 });
      // Only another good answer to a single request brings it back.
      server.fire(Kind.COMMIT_TIMER, keyOf(server, 1));
      expect(server.waits('open-pipeline')).toEqual([]);
      server.answer(sendingTo(server, 1)!, undefined, error);
      expect(server.waits('open-pipeline')).toEqual([]);
      server.fire(Kind.COMMIT_TIMER, keyOf(server, 1));
      server.answer(server.waits('sleep')[0], undefined);
      server.answer(sendingTo(server, 1)!, responseOf(server));
      expect(server.waits('open-pipeline')).toHaveLength(1);
    }
  });

  test(ref('raft 1.11 #3', 'is a newer term in an answer: the leader steps down'), () => {
    const server = pipelining();
    write(server, 5);
    server.answer(pipelined(server, 1).at(-1)!, responseOf(server, { term: 4, success: false }));
    expect(server.state).toMatchObject({ role: Role.follower, term: 2 });
    expect(server.of('close-pipeline')).toHaveLength(1);
  });
});
