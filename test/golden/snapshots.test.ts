/** Stories of snapshots, line by line; see transcripts.test.ts for how they are rewritten. */
import { expect, test } from 'vitest';
import { Transcript } from '../../sim/core/transcript.ts';
import type { Detail } from '../../sim/core/transcript.ts';
import { raftCluster } from '../support/cluster.ts';
import type { RaftCluster } from '../support/cluster.ts';

const SECOND = 1_000_000;

/** Snapshots after ten entries, of which two stay in the log. */
function smallLogs(seed: number): RaftCluster {
  const config = { snapshotIntervalMicros: SECOND, snapshotThreshold: 10, trailingLogs: 2 };
  return raftCluster({ servers: 3, seed, formed: 0, config });
}

function write(cluster: RaftCluster, values: number): void {
  for (let i = 0; i < values; i++) {
    cluster.propose(cluster.leader(), i);
    cluster.run(SECOND / 10);
  }
}

/** What happens from now on, told after what it teaches. */
function from(
  cluster: RaftCluster,
  teaches: readonly string[],
  detail: Detail,
  act: () => void,
): string {
  const { now } = cluster.world;
  act();
  const lines = new Transcript(cluster.world).lines({ detail });
  const told = lines.filter((line) => Number.parseFloat(line) * SECOND >= now);
  return `${teaches.map((line) => `# ${line}`.trimEnd()).join('\n')}\n\n${told.join('\n')}\n`;
}

test('install', async () => {
  const cluster = smallLogs(9);
  cluster.run(SECOND / 2);
  cluster.isolate([2]);
  write(cluster, 25);
  cluster.run(SECOND);
  const teaches = [
    's3 has been cut off while the others took snapshots and trimmed their logs.',
    '',
    'Its pre-votes are refused when the network is back. What it needs next is not in the log of the',
    'leader any more, so it gets the newest snapshot, over a connection of its own, stores and restores',
    'it. Its WAL is emptied: the store then says that it ends at 0, and at its next look the server',
    'takes a snapshot of the same entry again.',
  ];
  const text = from(cluster, teaches, 0, () => {
    cluster.heal();
    cluster.run(5 * SECOND);
  });
  await expect(text).toMatchFileSnapshot('install.txt');
});

test('restart', async () => {
  const cluster = smallLogs(10);
  cluster.run(SECOND / 2);
  write(cluster, 25);
  cluster.run(2 * SECOND);
  const teaches = [
    's3 has a snapshot and a few entries behind it. It is killed and comes back.',
    '',
    'It begins with the state of the snapshot. The entries behind it are on its disk, but nobody has',
    'told it yet that they are committed: the next append of the leader does.',
  ];
  const text = from(cluster, teaches, 1, () => {
    cluster.crash(2);
    cluster.run(SECOND);
    cluster.restart(2);
    cluster.run(SECOND);
    expect(cluster.raft(2)!.snapshotIndex).toBeGreaterThan(10);
    expect(cluster.raft(2)!.fsm).toEqual(cluster.raft(cluster.leader())!.fsm);
  });
  await expect(text).toMatchFileSnapshot('restart.txt');
});
