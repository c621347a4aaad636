import { describe, expect, test } from 'vitest';
import { KernelNote } from '../../sim/core/observer.ts';
import { RaftNote } from '../../sim/protocol/raft/vocabulary.ts';
import { SECOND, notes, start } from './support.ts';
import type { FaultRun } from './support.ts';

const begins = (run: FaultRun): number[] => run.faults.results().map(({ begin }) => begin);

describe('every', () => {
  test('counts from one beginning to the next, from since until until', () => {
    const run = start({
      faults: ['{ every: 5s, since: 10s, until: 30s, for: 8s, loss: 1%, from: s1 }'],
    });
    run.to(60);
    expect(begins(run)).toEqual([15, 20, 25, 30]);
    expect(run.faults.results().map(({ end }) => end)).toEqual([23, 28, 33, 38]);
    expect(run.faults.effects()).toMatchObject([{ number: 1, occurrences: 4 }]);
  });

  test('begins after warmup, and not after duration', () => {
    const run = start({ more: ['warmup: 20s'], faults: ['{ every: 15s, for: 1s, pause: s1 }'] });
    run.to(80);
    expect(begins(run)).toEqual([35, 50]);
  });

  test('draws each period and each length', () => {
    const run = start({ faults: ['{ every: 2s..4s, for: 100ms..900ms, pause: random }'] });
    run.to(60);
    const results = run.faults.results();
    expect(results.length).toBeGreaterThan(12);
    expect(new Set(results.map(({ begin, end }) => Math.round((end - begin) * 1e6))).size).toBe(
      results.length,
    );
    expect(new Set(results.map(({ name }) => name)).size).toBe(3);
  });
});

describe('when', () => {
  test('elected: the n-th election, not counting the leader of a formed cluster', () => {
    const run = start({
      faults: [
        '{ at: 5s, for: 20s, crash: leader }',
        '{ when: { elected: 1 }, for: 1s, loss: 1% }',
      ],
    });
    run.to(40);
    const elections = notes(run, RaftNote.becameLeader);
    expect(elections[0].time).toBe(0);
    expect(run.faults.results()[1].begin).toBe(elections[1].time);
  });

  test('elected: counts from the beginning in a cluster that starts cold', () => {
    const run = start({
      more: ['start: cold'],
      faults: ['{ when: { elected: 1 }, after: 50ms, for: 3s, pause: leader }'],
    });
    run.to(40);
    const [first] = notes(run, RaftNote.becameLeader);
    expect(begins(run)[0]).toBeCloseTo(first.time + 0.05, 9);
    expect(notes(run, KernelNote.paused)[0].host).toBe(first.host);
  });

  test('leader: one of these comes to lead, as often as times says', () => {
    const run = start({
      faults: [
        '{ when: { leader: servers }, times: 2, for: 15s, crash: leader }',
        '{ at: 5s, for: 5s, crash: leader }',
      ],
    });
    run.to(60);
    const elections = notes(run, RaftNote.becameLeader).slice(1);
    const crashes = run.faults.results().slice(1);
    expect(crashes.map(({ begin }) => begin)).toEqual(
      elections.slice(0, 2).map(({ time }) => time),
    );
    expect(elections.length).toBeGreaterThan(2);
  });

  test('voted: somebody has granted a vote to another', () => {
    const run = start({
      more: ['start: cold'],
      faults: ['{ when: { voted: [s1, s3] }, for: 1s, loss: 1% }'],
    });
    run.to(20);
    const granted = notes(run, RaftNote.voted).filter(
      ({ host, b }) => ['s1', 's3'].includes(host) && b !== Number(host.slice(1)) - 1,
    );
    expect(begins(run)).toEqual([granted[0].time]);
  });

  test('campaign, appended, committed, crashed, write', () => {
    const run = start({
      load: true,
      faults: [
        '{ at: 20s, for: 10s, crash: leader }',
        '{ when: { campaign: followers }, for: 1s, loss: 1% }',
        '{ when: { appended: s2, count: 5 }, for: 1s, loss: 1% }',
        '{ when: { committed: 12 }, for: 1s, loss: 1% }',
        '{ when: { crashed: leader }, for: 1s, loss: 1% }',
        '{ when: { write: s3 }, for: 1s, loss: 1% }',
      ],
    });
    run.to(40);
    const appends = notes(run, RaftNote.appended).filter(({ host }) => host === 's2');
    let entries = 0;
    const fifth = appends.find(({ a, b }) => (entries += b - a + 1) >= 5)!;
    const expected = [
      20,
      notes(run, RaftNote.becameCandidate)[0].time,
      fifth.time,
      notes(run, RaftNote.committed).find(({ a }) => a >= 12)!.time,
      notes(run, KernelNote.crashed)[0].time,
      notes(run, KernelNote.write).find(({ host }) => host === 's3')!.time,
    ];
    expect(begins(run).toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
  });

  test('that never comes true is told as inert, at the time of asking', () => {
    const run = start({ faults: ['{ when: { crashed: s1 }, for: 1s, pause: s2 }'] });
    run.to(70);
    expect(run.told()).toEqual(['pause s2 70..70 affected 0']);
    expect(run.faults.effects()).toMatchObject([{ occurrences: 0, affected: 0 }]);
  });
});

describe('patience', () => {
  const nobody = '{ at: 5s, for: 30s, crash: [s1, s2] }';

  test('waits for somebody to aim at', () => {
    const run = start({ faults: [nobody, '{ at: 20s, for: 1s, pause: leader, patience: 30s }'] });
    run.to(20);
    expect(run.leader()).toBe('');
    run.to(60);
    const elected = notes(run, RaftNote.becameLeader)[1];
    expect(run.faults.results()[1]).toMatchObject({
      name: `pause ${elected.host}`,
      begin: elected.time,
      affected: 1,
    });
  });

  test('runs out, and the fault is inert', () => {
    const run = start({ faults: [nobody, '{ at: 20s, for: 1s, pause: leader }'] });
    run.to(40);
    expect(run.told()[1]).toBe('pause leader 20..30 affected 0');
  });

  test('of 0 gives up at once', () => {
    const run = start({ faults: [nobody, '{ at: 20s, for: 1s, pause: leader, patience: 0 }'] });
    run.to(21);
    expect(run.told()[1]).toBe('pause leader 20..20 affected 0');
  });

  test('draws nothing while it waits', () => {
    const shape = '{ oneway: { from: random, to: leader } }';
    const fault = `{ at: 20s, for: 1s, partition: ${shape}, patience: 30s }`;
    const drawn = (first: string, seed: number): string => {
      const run = start({ seed, faults: [first, fault] });
      run.to(60);
      return run.faults.results().find(({ name }) => name.startsWith('partition'))!.name;
    };
    for (let seed = 1; seed <= 6; seed++) {
      const [, waited] = /partition (\w+) >/.exec(drawn(nobody, seed))!;
      const [, atOnce] = /partition (\w+) >/.exec(drawn('{ at: 50s, heal: true }', seed))!;
      expect(waited).toBe(atOnce);
    }
  });
});

describe('a sequence', () => {
  test('begins each step when the one before has ended', () => {
    const run = start({
      faults: [
        'steps: [{ at: 10s, for: 3s, crash: s1 }, { for: 2s, pause: s2 }, { after: 4s, for: 1s, loss: 1% }]',
      ],
    });
    run.to(30);
    expect(begins(run)).toEqual([10, 13, 19]);
    expect(run.faults.results().map(({ end }) => end)).toEqual([13, 15, 20]);
  });

  test('counts a step without an end as ended at once, a restart when it is done', () => {
    const run = start({
      faults: [
        'steps: [{ at: 10s, crash: s3 }, { after: 1s, restart: [s1, s2], one_by_one: true, wait: 2s }, { pause: s1, for: 1s }]',
      ],
    });
    run.to(30);
    expect(begins(run)).toEqual([10, 11, 15]);
    expect(run.status('s3')).toBe('down');
  });

  test('watches for a condition only when it comes to it', () => {
    const run = start({
      faults: [
        'steps: [{ at: 30s, for: 1s, pause: s1 }, { when: { crashed: s2 }, for: 1s, pause: s3 }]',
        '{ every: 20s, for: 1s, crash: s2 }',
      ],
    });
    run.to(59);
    const paused = run.faults.results().filter(({ name }) => name.startsWith('pause'));
    expect(paused.map(({ begin }) => begin)).toEqual([30, 40]);
  });

  test('takes what is true already as true', () => {
    const run = start({
      load: true,
      faults: [
        'steps: [{ at: 30s, for: 1s, pause: s1 }, { when: { committed: 3 }, for: 1s, pause: s3 }]',
      ],
    });
    run.to(40);
    expect(begins(run)).toEqual([30, 31]);
  });

  test('goes on when a step has found nobody', () => {
    const run = start({
      faults: [
        '{ at: 5s, for: 50s, crash: [s1, s2] }',
        'steps: [{ at: 20s, for: 1s, pause: leader, patience: 3s }, { for: 1s, pause: s3 }]',
      ],
    });
    run.to(40);
    expect(begins(run)).toEqual([5, 20, 23]);
  });

  test('does not go on after the end of duration', () => {
    const run = start({
      faults: ['steps: [{ at: 55s, for: 10s, pause: s1 }, { for: 1s, pause: s3 }]'],
    });
    run.to(80);
    expect(run.told()).toEqual(['pause s1 55..60 affected 1', 'pause s3 80..80 affected 0']);
    expect(run.faults.lastEndMicros).toBe(60 * SECOND);
  });
});
