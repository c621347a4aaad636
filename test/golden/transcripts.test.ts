/**
 * Whole stories, line by line. The files beside this one are read by people first: each opens with
 * what it teaches. `npx vitest run test/golden -u` writes them anew; read the difference.
 */
import { expect, test } from 'vitest';
import { ChangeCommand } from '../../sim/protocol/raft/configuration.ts';
import { ApplyError } from '../../sim/protocol/raft/types.ts';
import { createLog } from '../../sim/protocol/raft/log.ts';
import { logOf } from '../protocol/raft/server.ts';
import { raftCluster } from '../support/cluster.ts';
import { MILLISECOND, REAL_BUGS as bugs, SECOND, story } from './story.ts';

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

test('membership', async () => {
  const cluster = raftCluster({ servers: 4, members: 3, seed: 8, formed: 0, bugs });
  cluster.run(300 * MILLISECOND);
  cluster.change(0, ChangeCommand.addVoter, 3);
  cluster.run(300 * MILLISECOND);
  cluster.change(0, ChangeCommand.removeServer, 0);
  cluster.run(4 * SECOND);
  const teaches = [
    'Three servers and a fourth outside, s4. The leader adds s4 and then removes itself.',
    '',
    'Each change is one entry with the whole new list, and in force as soon as it is on the leader',
    'disk: three of four must store the first, of whom s4 may be one once it has the log. It begins',
    'with nothing, rejects the first append and gets all from the beginning. The leader that removes',
    'itself leads on without counting itself until the entry is committed, then steps down. It is not',
    'asked for votes any more and stays passive; the others notice its silence as they would a crash.',
  ];
  const text = story(teaches, cluster, { detail: 1 });
  await expect(text).toMatchFileSnapshot('membership.txt');
});

test('transfer', async () => {
  const cluster = raftCluster({ servers: 3, seed: 9, formed: 0, bugs });
  cluster.run(300 * MILLISECOND);
  cluster.propose(0, 7);
  cluster.run(1200);
  cluster.transfer(0, 2);
  cluster.run(1);
  cluster.propose(0, 8);
  cluster.run(300 * MILLISECOND);
  expect(cluster.outcomes().map(({ tag, error }) => [tag, error])).toEqual([
    [2, ApplyError.transferInProgress],
    [0, ApplyError.none],
    [1, ApplyError.none],
  ]);
  const teaches = [
    'The leader is asked to hand over to s3 while a write is on its way, and a second one comes.',
    '',
    'The first write goes to its disk and to s3 before s3 is told to campaign; the second is refused.',
    's3 skips the pre-vote, and those who know a leader vote all the same, the old leader too, which',
    'steps down for the new term. Writes were out for a few milliseconds: three stable writes at the',
    'target, three at a voter, and two round trips.',
  ];
  const text = story(teaches, cluster, { detail: 1 });
  await expect(text).toMatchFileSnapshot('transfer.txt');
});
