/** Stories of a serf pool; `npx vitest run test/golden/serf.test.ts -u` writes them anew. */
import { expect, test } from 'vitest';
import { FORCE_LEAVE, LEAVE_POOL } from '../../sim/protocol/serf/vocabulary.ts';
import { gossipPool } from '../support/gossip-pool.ts';
import { MILLISECOND, SECOND, story } from './story.ts';

test('graceful leave', async () => {
  const pool = gossipPool({ members: 4, seed: 3, serf: {} });
  pool.run(SECOND);
  pool.tell(2, LEAVE_POOL);
  pool.run(5 * SECOND);
  pool.tell(0, FORCE_LEAVE, 1);
  pool.run(2 * SECOND);
  const teaches = [
    'Four members; a3 leaves gracefully, and later somebody on a1 believes a2 to be gone.',
    '',
    'a3 first tells its intent, four times, then memberlist tells that it has left, then it stays for',
    'three seconds so that whoever probes it meanwhile gets an answer. Those who have heard the intent',
    'see a leave; to anybody else the same would be a failure. An intent about a2, which lives, reaches',
    'a2 too: it answers with a join of a later time, and is alive to all again.',
  ];
  await expect(story(teaches, pool)).toMatchFileSnapshot('graceful-leave.txt');
});

test('rejoin', async () => {
  const pool = gossipPool({ members: 4, seed: 5, serf: {}, join: [] });
  pool.run(SECOND);
  pool.crash(1);
  pool.crash(3);
  pool.run(20 * SECOND);
  pool.restart(3);
  pool.run(2 * SECOND);
  pool.restart(1);
  pool.run(1500 * MILLISECOND);
  const teaches = [
    'Four members without anybody to join at a start: they know whom to try from their snapshots.',
    '',
    'a2 and a4 lose power. What a4 had not synced is lost: by its file everybody is alive, and it tries',
    'them in random order. One that answers is enough: the exchange tells the rest. A restart knows',
    'incarnation 1, and hears that it is dead; so it raises its incarnation, and is alive to all.',
  ];
  await expect(story(teaches, pool)).toMatchFileSnapshot('rejoin.txt');
});
