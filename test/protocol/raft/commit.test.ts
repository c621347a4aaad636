/** What is committed by counting, and how it reaches the FSM and the followers. */
import { describe, expect, test } from 'vitest';
import { quorumIndex } from '../../../sim/protocol/raft/commitment.ts';
import { ChangeCommand } from '../../../sim/protocol/raft/configuration.ts';
import {
  ApplyError,
  EntryType,
  NO_LIMIT,
  commandProposal,
} from '../../../sim/protocol/raft/types.ts';
import type { Entry, Fsm } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { listFsm } from '../../support/proposer.ts';
import { ref } from '../../support/reference.ts';
import {
  COMMIT_MICROS,
  SECOND,
  acknowledge,
  append,
  leaderOf,
  notes,
  pipelined,
  propose,
  raftServer,
  responseOf,
  results,
  sendingTo,
  win,
} from './server.ts';

describe('the quorum index', () => {
  test(ref('raft 1.12 #1', 'is the element (n - 1) / 2 of the match indexes in order'), () => {
    expect(quorumIndex([7])).toBe(7);
    expect(quorumIndex([7, 3])).toBe(3);
    expect(quorumIndex([7, 3, 5])).toBe(5);
    expect(quorumIndex([1, 9, 2, 8])).toBe(2);
    expect(quorumIndex([1, 9, 2, 8, 7])).toBe(7);
    expect(quorumIndex([])).toBe(0);
    const match = [4, 1, 3];
    quorumIndex(match);
    expect(match).toEqual([4, 1, 3]);
  });
});

describe('commitment', () => {
  test(
    ref('raft 1.12 #2', 'by counting begins with the own Noop, never with older entries'),
    () => {
      const log = [1, 1, 1, 1];
      const server = leaderOf({ log, config: { maxAppendEntries: 1 } });
      const reject = responseOf(server, { success: false, lastLog: 1, noRetryBackoff: true });
      server.answer(sendingTo(server, 1)!, reject);
      // s2 gets entries 2 to 4 of term 1 one by one: a majority holds them, and still.
      for (const last of [2, 3, 4]) {
        server.answer(sendingTo(server, 1)!, responseOf(server));
        expect(server.state.leaderState!.match).toEqual([5, last, 0]);
      }
      expect(server.state.commitIndex).toBe(0);
      acknowledge(server, 1);
      expect(server.state.commitIndex).toBe(5);
    },
  );

  test(ref('raft B2', 'with the plant counts replicas of old entries too'), () => {
    const log = [1, 1, 1, 1];
    for (const [B2, committed] of [
      [false, 0],
      [true, 3],
    ] as const) {
      const server = leaderOf({ log, bugs: { B2 }, config: { maxAppendEntries: 1 } });
      for (const peer of [1, 2]) {
        const reject = responseOf(server, { success: false, lastLog: 1, noRetryBackoff: true });
        server.answer(sendingTo(server, peer)!, reject);
        server.answer(sendingTo(server, peer)!, responseOf(server));
        server.answer(sendingTo(server, peer)!, responseOf(server));
      }
      expect(server.state.commitIndex).toBe(committed);
    }
  });

  test(ref('raft 1.12 #3', 'does not count servers without a vote'), () => {
    const servers = [0, 1, 2, 3].map((id) => ({ id, voter: id < 3 }));
    const server = leaderOf({ servers });
    acknowledge(server, 3);
    expect(server.state.replications.find((one) => one!.peer === 3)!.nextIndex).toBe(3);
    expect(server.state.commitIndex).toBe(0);
    acknowledge(server, 2);
    expect(server.state.commitIndex).toBe(2);
  });

  test(ref('raft 1.12 #3', 'does not count a leader that is outside its configuration'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    acknowledge(server, 2);
    // It is made a non-voter by an entry that is not committed yet.
    const change = { command: ChangeCommand.demoteVoter, server: 0, previousIndex: 0, tag: 1 };
    server.deliver(Kind.CHANGE, 0, change);
    server.writeAll();
    expect(server.state.leaderState).toMatchObject({ voters: [1, 2], match: [2, 2] });
    acknowledge(server, 1);
    expect(server.state.commitIndex).toBe(2);
    acknowledge(server, 2);
    expect(server.state.commitIndex).toBe(3);
  });

  test(ref('raft 1.12 #4', 'of one server alone needs nobody else'), () => {
    const server = raftServer({ servers: 1 });
    win(server);
    server.writeAll();
    propose(server, 5);
    server.writeAll();
    expect(results(server)).toMatchObject([{ tag: 5, error: ApplyError.none, index: 3 }]);
  });

  test(ref('raft 1.12 #5', 'reaches a follower with the next append: new entries or idle'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    expect(server.state.commitIndex).toBe(2);
    const before = pipelined(server, 1).length;
    server.advance(COMMIT_MICROS - 1);
    expect(pipelined(server, 1)).toHaveLength(before);
    server.advance(1);
    expect(pipelined(server, 1).at(-1)!.body).toMatchObject({ leaderCommit: 2 });
  });
});

describe('the FSM', () => {
  test(ref('raft 1.12 #6', 'is handed batches of 64; applied counts from the hand-over'), () => {
    const server = raftServer({ log: Array.from({ length: 150 }, () => 1) });
    append(server, { term: 1, prevIndex: 150, prevTerm: 1, leaderCommit: 150 });
    const batches = server.of('post').filter(({ input }) => input === Kind.FSM_APPLY);
    const sizes = batches.map(({ body }) => (body as { entries: unknown[] }).entries.length);
    expect(sizes).toEqual([64, 64, 22]);
    expect(server.state).toMatchObject({ lastApplied: 150, fsmIndex: 150 });
    expect(server.state.fsm).toHaveLength(149);
    expect(notes(server, Kind.RaftNote.applied)).toHaveLength(150);
  });

  test(ref('raft 1.12 #6', 'takes a long log at once, however small the batches'), () => {
    const log = Array.from({ length: 300 }, () => 1);
    const server = raftServer({ log, config: { maxAppendEntries: 1 } });
    append(server, { term: 1, prevIndex: 300, prevTerm: 1, leaderCommit: 300 });
    expect(server.state).toMatchObject({ lastApplied: 300, fsmIndex: 300 });
    expect(server.state.fsm).toHaveLength(299);
  });

  test(ref('raft 1.12 #7', 'sees commands only: Noops and configurations pass it by'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    expect(server.durable.log.entries.map(({ type }) => type)).toEqual([
      EntryType.configuration,
      EntryType.noop,
    ]);
    expect(server.state).toMatchObject({ fsmIndex: 2, fsm: [] });
    const seen: number[] = [];
    const fsm = { ...listFsm, apply: (_: unknown, { type }: Entry) => seen.push(type) } as Fsm;
    const follower = raftServer({ log: [1, 1], config: { fsm } });
    append(follower, { term: 1, prevIndex: 2, prevTerm: 1, leaderCommit: 2 });
    expect(seen).toEqual([EntryType.command]);
  });

  test(ref('raft 1.12 #8', 'of the leader answers a proposal after it has applied it'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    for (const digest of [5, 6]) propose(server, digest);
    server.writeAll();
    acknowledge(server, 1);
    const order = server.effects.flatMap((effect) => {
      if (effect.kind === 'note' && effect.note === Kind.RaftNote.applied) return [`a${effect.a}`];
      if (effect.kind === 'post' && effect.from >= 5) return [`p${effect.from}`];
      return [];
    });
    expect(order).toEqual(['a1', 'a2', 'a3', 'p5', 'a4', 'p6']);
  });

  test(
    ref('raft 1.12 #9', 'is fed by the leader when own entries commit, older ones with them'),
    () => {
      const server = leaderOf({ log: [1, 1, 1] });
      acknowledge(server, 1);
      expect(server.state.fsm).toEqual([201, 301]);
      expect(server.state).toMatchObject({ commitIndex: 4, fsmIndex: 4 });
    },
  );
});

describe('a barrier', () => {
  /** A leader with a command and a barrier behind it, and whose FSM has seen what. */
  function barrier(): { server: ReturnType<typeof leaderOf>; seen: number[] } {
    const seen: number[] = [];
    const fsm: Fsm<number[]> = {
      ...listFsm,
      apply: (state, entry: Entry) => {
        seen.push(entry.index);
        return listFsm.apply(state as number[], entry);
      },
    };
    const server = leaderOf({ config: { fsm: fsm as Fsm } });
    propose(server, 5);
    server.deliver(Kind.APPLY, 0, {
      type: EntryType.barrier,
      data: null,
      tag: 6,
      enqueueByMicros: NO_LIMIT,
    });
    server.writeAll();
    return { server, seen };
  }

  test(ref('raft 1.12 barrier', 'is an entry, done when everything before it is applied'), () => {
    const { server, seen } = barrier();
    expect(server.durable.log.entries.at(-1)).toMatchObject({ index: 4, type: EntryType.barrier });
    expect(results(server)).toEqual([]);
    acknowledge(server, 1);
    expect(seen).toEqual([3]);
    expect(results(server)).toMatchObject([
      { tag: 5, error: ApplyError.none, index: 3 },
      { tag: 6, error: ApplyError.none, index: 4 },
    ]);
  });

  test(ref('raft 1.3 #6', 'that leadership ends before is of unknown outcome'), () => {
    const { server } = barrier();
    server.deliver(Kind.STEP_DOWN, 0, null);
    expect(results(server).map(({ error }) => error)).toEqual([
      ApplyError.leadershipLost,
      ApplyError.leadershipLost,
    ]);
  });
});

describe('the enqueue timeout', () => {
  test(ref('raft 1.12 #11', 'covers the way to the main goroutine only'), () => {
    const server = leaderOf();
    propose(server, 5);
    const late = server.now + 30 * SECOND;
    server.deliver(Kind.APPLY, 0, commandProposal({ digest: 6 }, 6, late));
    server.deliver(Kind.APPLY, 0, commandProposal({ digest: 7 }, 7, late + 1));
    // The disk hangs, and with it the main goroutine.
    server.now = late + 1;
    server.writeAll();
    expect(results(server)).toEqual([
      { tag: 6, error: ApplyError.enqueueTimeout, index: 0, value: null },
    ]);
    expect(server.state.lastIndex).toBe(4);
    // Once it is in the log nothing limits the wait for its commit.
    server.now += 100 * SECOND;
    acknowledge(server, 1);
    expect(results(server).filter(({ error }) => error === ApplyError.none)).toHaveLength(2);
  });

  test(ref('raft 1.12 #11', 'is told before that the server does not lead'), () => {
    const server = raftServer();
    server.now = SECOND;
    server.deliver(Kind.APPLY, 0, commandProposal({ digest: 6 }, 6, SECOND - 1));
    expect(results(server).map(({ error }) => error)).toEqual([ApplyError.enqueueTimeout]);
  });
});
