/**
 * What a reader of the Raft paper would not expect of leaders of hashicorp/raft, each as a small story
 * with an assertion that names the surprise. `npx vitest run test/golden -u` writes the stories anew.
 */
import { expect, test } from 'vitest';
import { createLog } from '../../sim/protocol/raft/log.ts';
import { Role } from '../../sim/protocol/raft/types.ts';
import { formatSeconds } from '../../sim/core/transcript.ts';
import { RaftNote } from '../../sim/protocol/raft/vocabulary.ts';
import { raftCluster } from '../support/cluster.ts';
import type { RaftCluster } from '../support/cluster.ts';
import { leaders, onNote, runUntil } from '../protocol/raft/hold.ts';
import { logOf } from '../protocol/raft/server.ts';
import { advance, begin, parse } from '../run/kit.ts';
import { MILLISECOND, REAL_BUGS as bugs, SECOND, story } from './story.ts';

const file = (name: string): string => `surprises/${name}.txt`;

test('the next index is max(1, min(next - 1, last + 1))', async () => {
  const logs = [[1, 1, 3, 3], [1, 1, 2, 2, 2, 2, 2], [1]];
  const next: number[][] = [[], [], []];
  const cluster = raftCluster({
    servers: 3,
    seed: 6,
    formed: 0,
    bugs,
    durable: (server) => ({ currentTerm: 4, lastVoteTerm: 4, log: createLog(logOf(logs[server]!)) }),
  });
  onNote(cluster, RaftNote.rejected, 0, (peer, index) => next[peer]!.push(index));
  cluster.run(300 * MILLISECOND);
  // Longer than the leader's: its last index says nothing, and the search goes entry by entry.
  expect(next[1]).toEqual([4, 3]);
  // Shorter: straight behind its end.
  expect(next[2]).toEqual([2]);
  const teaches = [
    's1 leads with four entries. s2 has three of those, by index, that another leader wrote, and three',
    'more; s3 has one. A rejection tells the last index of whoever rejects and nothing else. Where that',
    'is lower than what was tried it is taken at its word; else the next attempt is one entry earlier.',
  ];
  await expect(story(teaches, cluster)).toMatchFileSnapshot(file('next-index'));
});

test('stepping down at a newer term does not adopt it', async () => {
  const cluster = raftCluster({
    servers: 3,
    seed: 8,
    formed: 0,
    bugs,
    durable: (server) => (server === 2 ? { currentTerm: 9, formedLeader: -1 } : {}),
  });
  cluster.run(100 * MILLISECOND);
  expect(cluster.raft(0)).toMatchObject({ role: Role.follower, term: 2 });
  cluster.run(10 * SECOND);
  expect(leaders(cluster)).toHaveLength(2);
  const teaches = [
    's1 leads term 2; s3 has seen term 9 and says so in its first answer to an append. s1 becomes a',
    'follower at once, but of term 2: the newer term is not taken from that answer. It learns of it only',
    'when somebody campaigns, here by an answer to a pre-vote that is higher than what was asked for.',
  ];
  await expect(story(teaches, cluster)).toMatchFileSnapshot(file('step-down-without-term'));
});

test('after a heal entries may be ten seconds late while heartbeats arrive', async () => {
  const cluster = raftCluster({ servers: 3, seed: 9, formed: 0, bugs });
  cluster.run(SECOND);
  cluster.crash(2);
  runUntil(cluster, 60 * SECOND, () => failuresTo(cluster, 2) === 12);
  const mark = cluster.world.notes.rows;
  cluster.restart(2);
  cluster.propose(0, 7);
  const back = cluster.world.now;
  runUntil(cluster, 2 * SECOND, () => cluster.raft(2)?.leader === 0);
  const heard = cluster.world.now - back;
  runUntil(cluster, 20 * SECOND, () => cluster.raft(2)!.lastIndex === 3);
  const silent = cluster.world.now - back;
  cluster.run(200 * MILLISECOND);
  expect(heard).toBeLessThan(SECOND);
  expect(silent).toBeGreaterThan(10 * SECOND);
  expect(silent).toBeLessThan(10.4 * SECOND);
  const teaches = [
    's3 was down for long enough that twelve appends to it failed, and is back now, just after the',
    'twelfth. Heartbeats wait half a heartbeat timeout at most after a failure, so that s3 knows its',
    'leader within the second and does not campaign. Appends wait 10.24 seconds, and the write that',
    'comes meanwhile does not wake them: s3 has a fresh contact and an old log.',
  ];
  const text = story(teaches, cluster, { from: mark, detail: 1 });
  await expect(text).toMatchFileSnapshot(file('silence-after-heal'));
});

function failuresTo(cluster: RaftCluster, peer: number): number {
  const replications = cluster.raft(0)!.replications;
  return replications.find((one) => one?.peer === peer)!.failures;
}

/** Reads all the time, of a key that is written once, just before its leader is lost. */
const FRESH_LEADER = `
duration: 12s
settle: 1s
cluster:
  raft: { alone: true }
  datacenters: { dc1: { servers: 3 } }
  agent: { performance: { raft_multiplier: 1 } }
disks: { all: { fsync: 20ms } }
initial: { kv: { k0: old } }
load:
  write: { kind: kv, clients: 1, rate: 1/s, keys: 1, mix: { put: 100% }, timeout: 9s }
  read: { kind: kv, clients: 8, rate: 200/s, keys: 1, mix: { get: 100% } }
faults:
  - { when: { committed: 4 }, after: 3ms, crash: leader }
`;

test('a default read on a fresh leader may miss what was acknowledged', async () => {
  const execution = begin(parse(FRESH_LEADER), 1);
  advance(execution, 3 * SECOND);
  const records = execution.history.records();
  const put = records.find(({ f, type, time }) => f === 'put' && type === 'ok' && time > 0)!;
  const reads = records.filter(({ f, type, time }) => f === 'get' && type === 'ok' && time > put.time);
  const stale = reads.filter(({ value }) => value === 'old');
  const fresh = reads.filter(({ value }) => value === put.value);
  expect(stale.length).toBeGreaterThan(0);
  expect(fresh[0]!.time).toBeGreaterThan(stale.at(-1)!.time);
  const judged = execution.checks!.violations();
  expect(new Set(judged.map(({ status }) => status))).toEqual(new Set(['allowed']));
  expect(judged.map(({ invariant }) => invariant)).toContain('kv.linearizable');
  const teaches = [
    'A write of k0, which was "old", is acknowledged, and the leader is killed right after. Its successor',
    'has the entry in its log, as it must, but does not know that it is committed before its Noop is, and',
    'has not applied it. A default read asks nobody: in those 40 ms it answers "old" (hashicorp/consul',
    'issues 2644 and 3649). Below the story the answers that clients got, from their servers.',
  ];
  const answers = [put, ...stale.slice(0, 3), stale.at(-1)!, fresh[0]!].map(
    ({ time, f, value, host }) => `${formatSeconds(time).padStart(10)}  ${host}  ${f} ${value}`,
  );
  const text = story(teaches, execution, {}, ['', ...answers]);
  await expect(text).toMatchFileSnapshot(file('default-read-on-fresh-leader'));
});
