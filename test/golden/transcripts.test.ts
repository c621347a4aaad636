/**
 * Whole stories, line by line. The files beside this one are read by people first: each opens with
 * what it teaches. `npx vitest run test/golden -u` writes them anew; read the difference.
 */
import { expect, test } from 'vitest';
import { Transcript } from '../../sim/core/transcript.ts';
import type { TranscriptOptions } from '../../sim/core/transcript.ts';
import { createLog } from '../../sim/protocol/raft/log.ts';
import { logOf } from '../protocol/raft/server.ts';
import { raftCluster } from '../support/cluster.ts';
import type { RaftCluster } from '../support/cluster.ts';

const SECOND = 1_000_000;
const MILLISECOND = 1000;

/** The real program: its open bugs are in. */
const bugs = { B1: true, B5: true, B9: true, B10: true, B11: true };

function story(teaches: readonly string[], cluster: RaftCluster, options?: TranscriptOptions) {
  const lines = new Transcript(cluster.world).lines(options);
  return [...teaches.map((line) => (line === '' ? '#' : `# ${line}`)), '', ...lines, ''].join('\n');
}

test('election', async () => {
  const cluster = raftCluster({ servers: 3, seed: 4, formed: 0, bugs });
  cluster.run(SECOND);
  cluster.crash(0);
  cluster.run(3 * SECOND);
  cluster.restart(0);
  cluster.run(500 * MILLISECOND);
  const teaches = [
    'Three servers; the leader is killed after a second and comes back three seconds later.',
    '',
    'The first survivor whose own check comes due campaigns, and is refused its pre-vote by rule 3:',
    'the other still believes in the dead leader, until its own check comes due. So an election ends',
    'when enough others have noticed too. A pre-vote raises no term; only the real election does, and',
    'it costs three stable writes on either side before it is won.',
  ];
  await expect(story(teaches, cluster)).toMatchFileSnapshot('election.txt');
});

test('replication', async () => {
  const cluster = raftCluster({ servers: 3, seed: 5, formed: 0, bugs });
  cluster.run(400 * MILLISECOND);
  cluster.propose(0, 7);
  cluster.run(150 * MILLISECOND);
  for (const digest of [8, 9, 10]) cluster.propose(0, digest);
  cluster.run(150 * MILLISECOND);
  const teaches = [
    'A leader and two followers, one write, then three more in the same microsecond.',
    '',
    'The leader stores an entry before it sends it. It is committed when one follower has stored it',
    'too, and the leader applies and answers at once. A follower learns of that only with the next',
    'append: with new entries, or from the idle append that goes out after 50 to 100 ms. Heartbeats',
    'carry no commit index. Of the three writes the first goes to the disk alone; the others come',
    'while it is there, wait, and are stored together.',
  ];
  const text = story(teaches, cluster, { detail: 1 });
  await expect(text).toMatchFileSnapshot('replication.txt');
});

test('log repair', async () => {
  const divergent = [1, 1, 2, 2, 2, 2, 2, 2];
  const cluster = raftCluster({
    servers: 3,
    seed: 6,
    formed: 0,
    bugs,
    durable: (server) => ({
      currentTerm: 4,
      lastVoteTerm: 4,
      log: createLog(logOf([[1, 1, 3, 3, 3, 3], divergent, [1]][server]!)),
    }),
  });
  cluster.run(400 * MILLISECOND);
  const teaches = [
    'A new leader s1 with entries 3 to 6 of term 3. s2 was leader of term 2 and holds six entries',
    'that nobody else has; s3 holds only the first.',
    '',
    'The short log is found in one step: its rejection tells its last index. The long one is searched',
    'backwards, an entry for each rejection, for its last index says nothing. Then the entries of',
    'term 2 are cut off in one stable write and those of the leader stored in a second one.',
  ];
  const text = story(teaches, cluster, { detail: 1 });
  await expect(text).toMatchFileSnapshot('log-repair.txt');
});

test('isolated leader', async () => {
  const cluster = raftCluster({ servers: 3, seed: 7, formed: 0, bugs });
  cluster.run(SECOND);
  cluster.isolate([0]);
  cluster.run(200 * MILLISECOND);
  cluster.propose(0, 7);
  cluster.run(5 * SECOND);
  cluster.heal();
  cluster.run(10 * SECOND);
  const teaches = [
    'The leader is cut off for five seconds, with one write in its log that nobody else gets.',
    '',
    'It steps down when its lease ends, half a second after the last answer, without a new term. The',
    'others elect a leader of term 3. Alone, it campaigns in vain: pre-vote leaves its term as it is,',
    'so that at the heal nobody is disturbed. The connections that the cut held up resume at their',
    'own times; then its lonely entry is cut off.',
  ];
  await expect(story(teaches, cluster)).toMatchFileSnapshot('isolated-leader.txt');
});
