/** Blocking queries: when they answer, and with what. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../sim/core/machine.ts';
import { KVS_GET, KVS_LIST } from '../../sim/consul/requests/endpoints.ts';
import {
  HOLD_TIMER,
  QUERY_TIMER,
  RPC_BLOCKING,
  SERVER_MACHINE,
  WOKEN,
} from '../../sim/consul/requests/inputs.ts';
import { request } from '../../sim/consul/requests/request.ts';
import type { ReadMode } from '../../sim/consul/requests/request.ts';
import { kvCommand } from '../../sim/consul/state/commands.ts';
import type { KvOperation } from '../../sim/consul/state/commands.ts';
import { storeFsm } from '../../sim/consul/state/fsm.ts';
import { ApplyError, EntryType, Role } from '../../sim/protocol/raft/types.ts';
import { VERIFY } from '../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../support/reference.ts';
import { SECOND, applied, follower, raftState, replies, serverOf } from './support/server.ts';
import type { RaftBeside, ServerAlone } from './support/server.ts';

const LISTENERS = { queries: SERVER_MACHINE, woken: WOKEN, timers: 0, tombstones: 0 };
const FSM = storeFsm(LISTENERS, { B19: false, B31: false });

/** Raft applies an entry beside the server, and tells it whom that wakes. */
function apply(
  server: ServerAlone,
  raft: RaftBeside,
  index: number,
  key: string,
  value = `${index}`,
  op: KvOperation = 'put',
): void {
  const data = kvCommand(op, key, value, 0, index);
  FSM.apply(raft.fsm, { index, term: 1, type: EntryType.command, data, prefix: 0 });
  const out = {
    sibling: () => server.state,
    post: (input: number, _key: number, from: number, body: unknown) => {
      server.deliver(input, from, body);
      return true;
    },
  };
  FSM.onApplied!(raft.fsm, out as never);
}

function watch(
  server: ServerAlone,
  minIndex: number,
  options: { key?: string; mode?: ReadMode; waitMicros?: number } = {},
): number {
  const { key = 'k', mode = 'default', waitMicros = 0 } = options;
  const body = request(KVS_GET, { key }, mode, minIndex, waitMicros);
  return server.ask(RPC_BLOCKING, 9, body);
}

function watchPrefix(server: ServerAlone, minIndex: number, prefix: string): number {
  const body = request(KVS_LIST, { prefix }, 'default', minIndex);
  return server.ask(RPC_BLOCKING, 9, body);
}

describe('a blocking query', () => {
  test(
    ref('consul 2.5 #1', 'with an older index it answers at once, with the latest it waits'),
    () => {
      const raft = raftState();
      const server = serverOf(raft);
      expect(replies(server, watch(server, 2))).toMatchObject([
        { value: { value: 'v' }, index: 3 },
      ]);
      const exchange = watch(server, 3);
      expect(replies(server, exchange)).toEqual([]);
      apply(server, raft, 8, 'other');
      expect(replies(server, exchange)).toEqual([]);
      apply(server, raft, 9, 'k', 'w');
      expect(replies(server, exchange)).toMatchObject([{ value: { value: 'w' }, index: 9 }]);
      expect(server.state.watches.waiting.size).toBe(0);
      expect(server.due(QUERY_TIMER, 0)).toBeUndefined();
    },
  );

  test(
    ref(
      'consul 2.5 #2',
      'it waits as long as asked, 300 s if not, 600 s at most, and a sixteenth more',
    ),
    () => {
      const server = serverOf(raftState());
      const due = (waitMicros: number, jitter: number): number => {
        server.script('blocking', jitter);
        watch(server, 3, { waitMicros });
        return server.due(QUERY_TIMER, server.state.pending.length - 1)!;
      };
      expect(due(0, 0)).toBe(300 * SECOND);
      expect(due(10 * SECOND, 0)).toBe(10 * SECOND);
      expect(due(3600 * SECOND, 0)).toBe(600 * SECOND);
      expect(due(16 * SECOND, 0.999_999_9)).toBe(17 * SECOND - 1);
    },
  );

  test(ref('consul 2.5 #3', 'when the time is up it gives the last answer with its index'), () => {
    const raft = raftState();
    const server = serverOf(raft);
    const exchange = watch(server, 7, { waitMicros: 10 * SECOND });
    server.advance(11 * SECOND);
    expect(replies(server, exchange)).toMatchObject([{ value: { value: 'v' }, index: 3 }]);
  });

  test(
    ref('consul 2.5 #4', 'a key that is absent twice running lets unrelated writes pass'),
    () => {
      const raft = raftState();
      const server = serverOf(raft);
      apply(server, raft, 8, 'ab');
      const exchange = watch(server, 8, { key: 'a' });
      // Near enough for the radix tree to wake it, with a higher index, and still absent.
      apply(server, raft, 9, 'ac');
      expect(replies(server, exchange)).toEqual([]);
      apply(server, raft, 10, 'a');
      expect(replies(server, exchange)).toMatchObject([{ value: { value: '10' }, index: 10 }]);
    },
  );

  test(
    ref('consul 2.5 #4', 'the first time that it finds nothing it does answer a higher index'),
    () => {
      const raft = raftState();
      const server = serverOf(raft);
      apply(server, raft, 8, 'ab');
      expect(replies(server, watch(server, 7, { key: 'a' }))).toMatchObject([
        { value: null, index: 8 },
      ]);
    },
  );

  test(ref('consul 2.5 #5', 'a restored snapshot answers all with what they had'), () => {
    const raft = raftState();
    const server = serverOf(raft);
    const exchange = watch(server, 3);
    const { query } = server.state.pending[0]!.blocking!;
    raft.fsm = FSM.create() as RaftBeside['fsm'];
    server.deliver(WOKEN, 0, { ids: [query], abandoned: true });
    expect(replies(server, exchange)).toMatchObject([{ value: { value: 'v' }, index: 3 }]);
  });

  test(ref('consul 2.5 #6', 'a default one goes on when its server has stopped leading'), () => {
    const raft = raftState();
    const server = serverOf(raft);
    const exchange = watch(server, 3);
    Object.assign(raft, { ...follower(), fsm: raft.fsm });
    apply(server, raft, 9, 'k', 'w');
    expect(replies(server, exchange)).toMatchObject([{ value: { value: 'w' }, index: 9 }]);
    expect(server.of('request')).toEqual([]);
  });

  test(ref('consul 2.4 #4', 'a consistent one is verified again whenever it looks'), () => {
    const raft = raftState();
    const server = serverOf(raft);
    const exchange = watch(server, 3, { mode: 'consistent' });
    const verifications = (): number[] =>
      server
        .of('post')
        .filter(({ input }) => input === VERIFY)
        .map(({ from }) => from);
    applied(server, verifications()[0], ApplyError.none);
    apply(server, raft, 9, 'k', 'w');
    expect(verifications()).toHaveLength(2);
    expect(replies(server, exchange)).toEqual([]);
    raft.role = Role.follower;
    applied(server, verifications()[1], ApplyError.notLeader);
    expect(replies(server, exchange)).toMatchObject([{ error: 'node is not the leader' }]);
    expect(server.state.blocked.size).toBe(0);
  });

  test('a consistent one whose time is up while it is verified answers then', () => {
    const server = serverOf(raftState());
    const exchange = watch(server, 3, { mode: 'consistent', waitMicros: SECOND });
    server.advance(2 * SECOND);
    expect(replies(server, exchange)).toEqual([]);
    applied(server, server.of('post')[0].from, ApplyError.none);
    expect(replies(server, exchange)).toMatchObject([{ value: { value: 'v' }, index: 3 }]);
  });

  test(ref('consul 2.5 #1', 'of a prefix it waits for any key below it'), () => {
    const raft = raftState();
    const server = serverOf(raft);
    apply(server, raft, 8, 'config/a');
    const exchange = watchPrefix(server, 8, 'config/');
    apply(server, raft, 9, 'other/a');
    expect(replies(server, exchange)).toEqual([]);
    apply(server, raft, 10, 'config/b');
    expect(replies(server, exchange)).toMatchObject([
      { index: 10, value: [{ key: 'config/a' }, { key: 'config/b' }] },
    ]);
  });
});

describe('a forwarded blocking query', () => {
  test(ref('consul 2.3 #5', 'has its wait, the jitter and 7 s for the answer'), () => {
    const server = serverOf(follower());
    watch(server, 3, { waitMicros: 16 * SECOND });
    expect(server.of('request')).toMatchObject([
      { to: 4, input: RPC_BLOCKING, timeoutMicros: 24 * SECOND },
    ]);
  });

  test(
    ref(
      'consul 2.3 #10',
      'a blocking query may be tried again for as long as it may wait, and 7 s',
    ),
    () => {
      const server = serverOf(follower());
      const exchange = watch(server, 3, { waitMicros: 16 * SECOND });
      const lose = (at: number): void => {
        server.now = at;
        server.answer(server.of('request').at(-1)!, undefined, ErrorCause.eof);
      };
      lose(24 * SECOND);
      expect(replies(server, exchange)).toEqual([]);
      server.fire(HOLD_TIMER, 0);
      lose(24 * SECOND + 1);
      expect(replies(server, exchange)).toMatchObject([{ retry: 'stream' }]);
    },
  );

  test(ref('consul 2.4 #5', 'a stale one stays, and says how old its server is'), () => {
    const raft = follower();
    const server = serverOf(raft);
    server.now = 5 * SECOND;
    raft.lastContact = 3 * SECOND;
    const exchange = watch(server, 2, { mode: 'stale' });
    expect(replies(server, exchange)).toMatchObject([
      { lastContactMicros: 2 * SECOND, knownLeader: true },
    ]);
    // The very moment in which it hears from the leader is not the same as never.
    raft.lastContact = server.now;
    const other = watch(server, 2, { mode: 'stale' });
    expect(replies(server, other)).toMatchObject([{ lastContactMicros: 1 }]);
  });
});
