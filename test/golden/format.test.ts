/** The form of a transcript's lines, which scripts and people read. */
import { describe, expect, test } from 'vitest';
import { Transcript, formatSeconds } from '../../sim/core/transcript.ts';
import { raftCluster } from '../support/cluster.ts';

const SECOND = 1_000_000;

describe('a line', () => {
  test('has its time to the microsecond, exactly', () => {
    expect(formatSeconds(0)).toBe('0.000000s');
    expect(formatSeconds(12_482_310)).toBe('12.482310s');
    expect(formatSeconds(1)).toBe('0.000001s');
    expect(formatSeconds(4_000_000 * SECOND + 999_999)).toBe('4000000.999999s');
  });

  test('has fixed columns: time, host, machine, what, arguments, event', () => {
    const cluster = raftCluster({ servers: 3, seed: 1, formed: 0 });
    cluster.run(11 * SECOND);
    cluster.crash(0, 'power');
    cluster.run(0);
    const lines = new Transcript(cluster.world).lines();
    expect(lines[1]).toBe(' 0.000000s  s1      raft    become leader          term=2 last=1  <- #1');
    expect(lines.at(-1)).toMatch(/^11\.000000s {2}s1 {6}kernel {2}crash {18}how=power {2}<- #\d+$/);
  });

  test('names the event, which the trace tells more about', () => {
    const { world } = raftCluster({ servers: 3, seed: 1, formed: 0 });
    world.runUntil(SECOND);
    for (const line of new Transcript(world).lines({ detail: 1 })) {
      const [, time, event] = /^ *([\d.]+s) .* <- #(\d+)$/.exec(line)!;
      expect(formatSeconds(world.trace.time(Number(event)))).toBe(time);
    }
  });

  test('tells why a program ended itself and how it was paused', () => {
    const cluster = raftCluster({ servers: 3, seed: 1, formed: 0 });
    const { world } = cluster;
    cluster.run(SECOND);
    cluster.at(world.now, () => {
      world.power.pause(world.processes[1], 'io');
      world.power.resume(world.processes[1], 'io');
      world.hosts[2].disk.failWrites(1);
    });
    cluster.crash(0);
    // The third server cannot store a term any more.
    cluster.run(10 * SECOND);
    const text = new Transcript(world).lines().join('\n');
    expect(text).toContain('s2      kernel  pause                  kind=io  <-');
    expect(text).toContain('s2      kernel  resume  <-');
    expect(text).toContain('s3      kernel  panic                  failed to save current term  <-');
  });
});

describe('a transcript', () => {
  test('tells the story at detail 0, and every append and apply at detail 1', () => {
    const cluster = raftCluster({ servers: 3, seed: 1, formed: 0 });
    cluster.run(SECOND);
    const transcript = new Transcript(cluster.world);
    const told = transcript.lines();
    const all = transcript.lines({ detail: 1 });
    expect(all).toEqual(expect.arrayContaining(told));
    expect(told.join('\n')).not.toContain('apply');
    expect(all.join('\n')).toContain('apply');
  });

  test('can be asked for a stretch of the log', () => {
    const cluster = raftCluster({ servers: 3, seed: 1, formed: 0 });
    cluster.run(SECOND);
    const transcript = new Transcript(cluster.world);
    const { rows } = cluster.world.notes;
    const whole = transcript.lines({ detail: 1 });
    const halves = [
      ...transcript.lines({ detail: 1, to: 5 }),
      ...transcript.lines({ detail: 1, from: 5 }),
    ];
    expect(whole).toHaveLength(rows);
    expect(halves).toEqual(whole);
    expect(transcript.line(rows, 1)).toBeUndefined();
  });
});
