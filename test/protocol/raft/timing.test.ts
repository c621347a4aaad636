import { describe, expect, test } from 'vitest';
import { backoffMicros, cappedBackoffMicros } from '../../../sim/protocol/raft/timing.ts';
import {
  FAILURE_SCALE_MAX,
  FAILURE_WAIT_MICROS,
  LEASE_CHECK_MICROS_MIN,
} from '../../../sim/protocol/raft/timing.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  HEARTBEAT_MICROS,
  MILLISECOND,
  SECOND,
  TRANSPORT_MICROS,
  append,
  campaign,
  keyOf,
  leaderOf,
  raftServer,
} from './server.ts';

const ALMOST_ONE = 1 - 1 / 2 ** 32;

describe('timers', () => {
  test(ref('raft 1.2 #1', 'a timeout of x fires between x and just under 2x'), () => {
    const server = raftServer();
    expect(server.due(Kind.FOLLOWER_TIMER)).toBe(HEARTBEAT_MICROS);
    server.now = 1;
    append(server, { term: 1 });
    // The first draw was made at the start; the script holds for the one after it.
    server.script('heartbeat-timer', ALMOST_ONE);
    server.fire(Kind.FOLLOWER_TIMER);
    expect(server.due(Kind.FOLLOWER_TIMER)! - server.now).toBe(2 * HEARTBEAT_MICROS - 1);
  });

  test(ref('raft 1.2 #2', 'the follower checks its leader after U[heartbeat, 2 heartbeat)'), () => {
    expect(raftServer().due(Kind.FOLLOWER_TIMER)).toBe(HEARTBEAT_MICROS);
  });

  test(ref('raft 1.2 #3', 'an election is given U[election, 2 election)'), () => {
    const server = raftServer({ config: { electionMicros: 3 * SECOND } });
    server.script('election-timer', 0.5);
    campaign(server);
    expect(server.due(Kind.ELECTION_TIMER)! - server.now).toBe(4.5 * SECOND);
  });

  test(
    ref('raft 1.2 #4', 'heartbeats follow each other after U[heartbeat/10, heartbeat/5)'),
    () => {
      const server = leaderOf();
      const key = keyOf(server, 1);
      expect(server.due(Kind.HEARTBEAT_TIMER, key)! - server.now).toBe(HEARTBEAT_MICROS / 10);
    },
  );

  test(ref('raft 1.2 #5', 'an idle replicator wakes after U[50 ms, 100 ms)'), () => {
    const server = leaderOf();
    const key = keyOf(server, 1);
    server.script('commit-timer', ALMOST_ONE);
    const call = server.waits('call').find(({ to }) => to === 1)!;
    server.answer(call, undefined, 4);
    expect(server.due(Kind.COMMIT_TIMER, key)! - server.now).toBe(100 * MILLISECOND - 1);
  });
});

describe('waits after failures', () => {
  test(ref('raft 1.9 backoff', 'appends wait 10 ms twice, then double up to 10.24 s'), () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 1000].map(
      (failures) => backoffMicros(FAILURE_WAIT_MICROS, failures, FAILURE_SCALE_MAX) / MILLISECOND,
    );
    expect(waits).toEqual([
      10, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 10240, 10240,
    ]);
  });

  test(
    ref('raft 1.9 heartbeat-backoff', 'heartbeats wait the same one failure later, capped'),
    () => {
      const waitsAt = (cap: number): number[] =>
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1000].map(
          // The formula is asked with the number of failures before this one.
          (failures) =>
            cappedBackoffMicros(FAILURE_WAIT_MICROS, failures - 1, FAILURE_SCALE_MAX, cap) /
            MILLISECOND,
        );
      expect(waitsAt(2500 * MILLISECOND)).toEqual([
        10, 10, 10, 20, 40, 80, 160, 320, 640, 1280, 2500, 2500, 2500,
      ]);
      expect(waitsAt(500 * MILLISECOND)).toEqual([
        10, 10, 10, 20, 40, 80, 160, 320, 500, 500, 500, 500, 500,
      ]);
    },
  );

  test(
    ref('raft 1.1 #2', 'the constants of the library: 10 ms, scale 12, lease check at 10 ms'),
    () => {
      expect(FAILURE_WAIT_MICROS).toBe(10 * MILLISECOND);
      expect(FAILURE_SCALE_MAX).toBe(12);
      expect(LEASE_CHECK_MICROS_MIN).toBe(10 * MILLISECOND);
      expect(TRANSPORT_MICROS).toBe(10 * SECOND);
    },
  );
});
