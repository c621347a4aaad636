import { describe, expect, test } from 'vitest';
import { RaftNote } from '../../sim/protocol/raft/vocabulary.ts';
import { notes, scenarioOf, start } from './support.ts';
import type { ClusterText, FaultRun } from './support.ts';

/** `s1 s2 s4n`: the configuration that a server knows as the latest, non-voters marked. */
function configuration({ execution }: FaultRun, server: number): string {
  const { servers } = execution.simulation.raft(server)!.latest;
  return servers.map(({ id, voter }) => `s${id + 1}${voter ? '' : 'n'}`).join(' ');
}

/** Servers of which the last ones are outside the configuration; s1 has the longest log and leads. */
function cluster(servers: number, outside: string, faults: readonly string[]): ClusterText {
  const initial = `initial: { s1: { log: [1, 1] }, ${outside} }`;
  return { servers, faults, more: [initial] };
}

describe('add and remove', () => {
  test('servers outside the configuration wait, and join with a vote or without', () => {
    const run = start(
      cluster(5, 's4..s5: { suffrage: none }', [
        '{ at: 10s, add: s4 }',
        '{ at: 20s, add: s5, as: nonvoter }',
        '{ at: 30s, add: s5 }',
      ]),
    );
    run.to(9);
    expect(run.execution.simulation.raft(3)).toMatchObject({
      latestIndex: 0,
      lastIndex: 0,
      term: 0,
    });
    expect(configuration(run, 0)).toBe('s1 s2 s3');
    run.to(11);
    for (const server of [0, 1, 2, 3]) expect(configuration(run, server)).toBe('s1 s2 s3 s4');
    run.to(21);
    for (const server of [0, 3, 4]) expect(configuration(run, server)).toBe('s1 s2 s3 s4 s5n');
    run.to(31);
    expect(configuration(run, 4)).toBe('s1 s2 s3 s4 s5');
    expect(run.told()).toEqual([
      'add s4 10..10 affected 1',
      'add s5 20..20 affected 1',
      'add s5 30..30 affected 1',
    ]);
  });

  test('a server that is removed hears of nobody any more', () => {
    const run = start(cluster(4, '', ['{ at: 10s, remove: s4 }', '{ at: 20s, demote: s3 }']));
    run.to(15);
    expect(configuration(run, 0)).toBe('s1 s2 s3');
    run.to(25);
    expect(configuration(run, 1)).toBe('s1 s2 s3n');
    expect(run.execution.simulation.raft(3)!.leader).toBe(-1);
  });

  test('several at once are changed one after the other', () => {
    const run = start(cluster(5, 's4..s5: { suffrage: none }', ['{ at: 10s, add: s4..s5 }']));
    run.to(12);
    expect(configuration(run, 4)).toBe('s1 s2 s3 s4 s5');
    expect(notes(run, RaftNote.reconfigured).map(({ b }) => b)).toEqual([4, 5]);
    expect(run.told()).toEqual(['add s4 s5 10..10 affected 2']);
  });

  test('the leader can be removed; the others elect another', () => {
    const run = start(cluster(4, '', ['{ at: 10s, remove: leader }']));
    run.to(20);
    const leader = run.leader();
    expect(leader).not.toBe('s1');
    expect(leader).not.toBe('');
    expect(configuration(run, 1)).toBe('s2 s3 s4');
  });

  test('waits for a leader as long as its patience', () => {
    const faults = ['{ at: 10s, for: 8s, pause: servers }', '{ at: 9s, crash: s1, for: 20s }'];
    const run = start(cluster(3, '', [...faults, '{ at: 10s, remove: s1, patience: 1s }']));
    run.to(30);
    expect(run.told()[2]).toBe('remove s1 10..11 affected 0');
  });

  test('of a client is inert', () => {
    const run = start({ ...cluster(3, '', ['{ at: 10s, add: "kv#1" }']), load: true });
    run.to(11);
    expect(run.told()).toEqual(['add kv#1 10..10 affected 0']);
  });
});

describe('a rolling restart', () => {
  test('does not wait for whom nobody speaks to, nor for votes of those who have none', () => {
    for (const wait of ['voted', 'caught-up']) {
      const outside = 's4: { suffrage: nonvoter, log: [1] }, s5: { suffrage: none }';
      const fault = `{ at: 10s, restart: s4..s5, one_by_one: true, wait: ${wait} }`;
      const run = start(cluster(5, outside, [fault]));
      run.to(25);
      expect(run.told()).toEqual([
        expect.stringMatching(/^restart s4 s5 10\.\.1\d\S* affected 2$/),
      ]);
      expect(run.faults.inForce()).toEqual([]);
    }
  });
});

describe('transfer', () => {
  test('hands leadership to whom it names', () => {
    const run = start(cluster(3, '', ['{ at: 10s, transfer: leader, to: s3 }']));
    run.to(10);
    expect(run.leader()).toBe('s1');
    run.to(10.1);
    expect(run.leader()).toBe('s3');
    expect(run.told()).toEqual(['transfer s1 to s3 10..10 affected 1']);
  });

  test('hands it to somebody, and touches nobody that is down', () => {
    const faults = ['{ at: 10s, transfer: leader }', '{ at: 11s, crash: s1 }'];
    const run = start(cluster(3, '', [...faults, '{ at: 12s, transfer: s1 }']));
    run.to(13);
    expect(run.leader()).toBe('s2');
    expect(run.told().at(-1)).toBe('transfer s1 12..12 affected 0');
  });
});

describe('TimeoutNow on its way', () => {
  const transferred = (fault: string): FaultRun => {
    const run = start(cluster(3, '', [fault, '{ at: 10s, transfer: leader, to: s3 }']));
    run.to(16);
    return run;
  };

  test('can be held, and then comes late', () => {
    const run = transferred('{ at: 9s, for: 5s, hold: true, only: [raft.timeout-now] }');
    expect(notes(run, RaftNote.election)).toMatchObject([
      { time: expect.closeTo(14, 1), host: 's3' },
    ]);
    expect(run.told()[0]).toMatch(/^hold everywhere 9..14 affected [1-9]/);
  });

  test('comes once where messages are duplicated: it travels on a stream', () => {
    const run = transferred('{ at: 9s, for: 5s, duplicate: 100%, only: [raft.timeout-now] }');
    expect(notes(run, RaftNote.election)).toHaveLength(1);
    expect(run.leader()).toBe('s3');
  });
});

describe('the configuration that a run begins with', () => {
  const problems = (initial: string): string => {
    try {
      scenarioOf({ faults: [], more: [`initial: ${initial}`] });
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };

  test('has voters, non-voters and servers outside it', () => {
    const run = start({
      servers: 4,
      faults: [],
      more: ['initial: { s3: { suffrage: nonvoter }, s4: { suffrage: none } }'],
    });
    run.to(5);
    expect(configuration(run, 0)).toBe('s1 s2 s3n');
    expect(['s1', 's2']).toContain(run.leader());
    const raft = (server: number) => run.execution.simulation.raft(server)!;
    expect(raft(2).leader).toBeGreaterThanOrEqual(0);
    expect(raft(3)).toMatchObject({ leader: -1, lastIndex: 0 });
  });

  test('needs a voter, and a majority of them to start formed', () => {
    expect(problems('{ servers: { suffrage: nonvoter } }')).toBe('leaves no voter');
    expect(problems('{ s2..s3: { suffrage: none, down: true } }')).toBe('');
    expect(problems('{ s3: { suffrage: nonvoter }, s2: { down: true } }')).toBe(
      'leaves 1 of 2 voters up, no majority for "start: formed"',
    );
  });

  test('gives no log to a server outside it', () => {
    expect(problems('{ s3: { suffrage: none, log: [1, 1] } }')).toBe(
      'none has an empty disk; leave out log and term',
    );
  });
});
