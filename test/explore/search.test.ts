/** Searches: they find what is planted, whatever the number of threads, and go on where they were. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Exploration } from '../../sim/explore/search/report.ts';
import { Desk } from '../cli/support/host.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => desk.clear());

/** Everything but what the machine decides. */
function stable({
  wallSeconds: _w,
  runsPerSecond: _r,
  simulatedHoursPerSecond: _s,
  ...rest
}: Exploration) {
  return rest;
}

async function explore(...words: string[]): Promise<Exploration & { code: number }> {
  const { code, stdout, stderr } = await desk.run(['explore', '--reporter', 'json', ...words]);
  expect(stderr).not.toContain('Internal error');
  return { ...(JSON.parse(stdout) as Exploration), code };
}

const VOTES = ['any-faults', '--set', 'plant=[B4]', '--set', 'cluster.raft.alone=true'];

describe('lictor explore', { timeout: 180_000 }, () => {
  test('finds a planted bug, makes it simpler and keeps both', async () => {
    const { code, findings, runs } = await explore(...VOTES, '--seeds', '16', '--jobs', '1', '-x');
    expect(code).toBe(1);
    expect(runs).toBeLessThanOrEqual(64);
    const found = findings.find(({ invariant }) => invariant === 'raft.vote-once')!;
    expect(found.shrunk!.faults).toBeLessThanOrEqual(3);
    expect(found.shrunk!.faults).toBeLessThan(found.size.faults);
    expect(found.shrunk!.hosts).toBeLessThanOrEqual(5);
    for (const name of ['found.yaml', 'shrunk.yaml']) {
      const text = readFileSync(join(desk.folder, found.written!, name), 'utf8');
      expect(text).toContain('violates: raft.vote-once');
    }
  });

  test('finds the same with one thread and with three', async () => {
    const words = [...VOTES, '--seeds', '12', '--no-shrink', '--fresh'];
    const one = await explore(...words, '--jobs', '1');
    const three = await explore(...words, '--jobs', '3');
    expect(one.findings.length).toBeGreaterThan(0);
    expect(stable(three)).toEqual(stable(one));
  });

  test.each(['random', 'coverage', 'pct'])('has a strategy %s', async (strategy) => {
    const words = [...VOTES, '--strategy', strategy, '--no-shrink', '--jobs', '1'];
    const { findings, states } = await explore(...words, '--seeds', '24');
    // With priorities over messages this bug shows more seldom.
    const expected = strategy === 'pct' ? [] : ['raft.vote-once'];
    expect(findings.map(({ invariant }) => invariant)).toEqual(expect.arrayContaining(expected));
    expect(states).toBeGreaterThan(20);
  });

  test('goes on where it was, and comes to what it would have come to at once', async () => {
    const short = ['--set', 'duration=4s', '--set', 'settle=1s'];
    const words = ['elections', ...short, '--no-shrink', '--jobs', '1'];
    const strategy = ['--strategy', 'coverage'];
    await explore(...words, ...strategy, '--seeds', '64', '--out', 'twice');
    const resumed = await explore(...words, ...strategy, '--seeds', '100', '--out', 'twice');
    const whole = await explore(...words, ...strategy, '--seeds', '100', '--out', 'once');
    expect(resumed.runs).toBe(100);
    const found = ({ findings }: Exploration) => findings.map((one) => ({ ...one, written: '' }));
    expect(resumed.findings.length).toBeGreaterThan(0);
    expect(found(resumed)).toEqual(found(whole));
    expect([resumed.states, resumed.events]).toEqual([whole.states, whole.events]);
  });

  test('Ctrl-C ends it with what it has, and what is on disk can be gone on with', async () => {
    const words = ['explore', 'elections', '--set', 'duration=5s', '--jobs', '1', '--seeds', '70'];
    const stopped = await desk.run([...words, '--reporter', 'json'], {
      onBreath: (press, breath) => {
        if (breath === 20) press();
      },
    });
    expect(stopped.code).toBe(130);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ interrupted: true, runs: 20 });
    const { runs, code } = await explore(...words.slice(1));
    expect([runs, code]).toEqual([70, 0]);
  });

  test('shards find together what one machine finds, in any order', async () => {
    const words = [...VOTES, '--seeds', '18', '--no-shrink', '--jobs', '1'];
    for (const part of [1, 2, 3]) {
      const blob = ['--reporter', `blob=${part}.part`, '--shard', `${part}/3`];
      await desk.run(['explore', ...words, ...blob]);
    }
    const merge = async (...names: string[]) => {
      const answer = await desk.run(['merge', ...names, '--reporter', 'json']);
      return { ...answer, report: JSON.parse(answer.stdout) as Exploration };
    };
    const { report, code } = await merge('3.part', '1.part', '2.part', '1.part');
    const whole = await explore(...words);
    expect([report.runs, report.states, code]).toEqual([18, whole.states, 1]);
    const plain = ({ findings }: Exploration) =>
      findings.map(({ key, count, runs, events, seed }) => ({ key, count, runs, events, seed }));
    expect(plain(report)).toEqual(plain(whole));
    expect((await merge('1.part', '3.part')).stderr).toContain('Shards 2 of 3 are missing');
  });

  test('a time ends it', async () => {
    const { runs, interrupted, code } = await explore('elections', '--time', '1s', '--jobs', '1');
    expect(runs).toBeGreaterThan(0);
    expect([interrupted, code]).toEqual([false, 0]);
  });

  test('a disk that takes nothing more costs the files, not the findings', async () => {
    const words = ['explore', 'elections', '--seeds', '4', '--jobs', '1', '--reporter', 'json'];
    const place = join(desk.folder, 'reports/out/explore/elections-swarm/state.json');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'in-the-way'), '');
    const { code, stdout, stderr } = await desk.run(words);
    expect(JSON.parse(stdout)).toMatchObject({ runs: 4, exitCode: 0 });
    expect([code, stderr]).toEqual([74, expect.stringContaining('Cannot write')]);
    rmSync(place, { recursive: true });
    expect((await desk.run(words)).code).toBe(0);
  });

  test.each([
    [['--strategy', 'clever'], 'unknown word'],
    [['--seeds', 'many'], 'write how many'],
    [['--time', 'soon'], 'write a duration'],
    [['--shard', '3/2'], 'write part/parts'],
    [['--reporter', 'junit'], 'this verb has other reporters'],
    [['--shrink-runs', '0'], 'a count from 1'],
  ])('says what is wrong with %j', async (words, message) => {
    const { code, stderr } = await desk.run(['explore', 'elections', ...words]);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });
});
