import { describe, expect, test } from 'vitest';
import { start } from './support.ts';
import type { ClusterText, FaultRun } from './support.ts';

/** Latency is constant, so that what a fault adds can be seen exactly. */
const EVEN = ['network: { lan: { latency: 1ms } }'];

function run(fault: string, text: Partial<ClusterText> = {}): FaultRun {
  return start({ load: true, more: EVEN, faults: [fault], ...text });
}

/** Messages of streams that are on their way or held back somewhere. */
function held({ world }: FaultRun): number {
  let count = 0;
  world.connections.pool.forEach(({ toServer, toClient }) => {
    count += toServer.held.length + toClient.held.length;
  });
  return count;
}

describe('loss', () => {
  test('loses a share of the packets, and no more when it is over', () => {
    const lossy = run('{ at: 10s, for: 10s, loss: 20% }');
    lossy.to(20);
    const [{ affected }] = lossy.faults.results();
    expect(affected).toBeGreaterThan(50);
    expect(lossy.world.network.rules.size).toBe(0);
    lossy.to(30);
    expect(lossy.faults.results()[0].affected).toBe(affected);
  });

  test('of two faults adds up', () => {
    const faults = ['{ at: 10s, for: 10s, loss: 10% }', '{ at: 12s, for: 2s, loss: 100% }'];
    const both = start({ load: true, more: EVEN, faults });
    both.to(13);
    expect(both.world.network.rules.size).toBe(2);
    both.to(15);
    expect(both.world.network.rules.size).toBe(1);
    both.to(20);
    expect(both.world.network.rules.size).toBe(0);
  });

  test('of links in one direction, and between two in both', () => {
    const oneway = run('{ at: 10s, for: 10s, loss: 100%, from: s1, to: s2 }');
    oneway.to(12);
    expect(oneway.world.network.rules.cuts(0, 1)).toBe(true);
    expect(oneway.world.network.rules.cuts(1, 0)).toBe(false);
    expect(oneway.told()[0]).toMatch(/^loss s1 > s2 /);
    const pair = run('{ at: 10s, for: 10s, loss: 100%, between: [s1, s2] }');
    pair.to(12);
    expect(pair.world.network.rules.cuts(1, 0)).toBe(true);
    expect(pair.told()[0]).toMatch(/^loss s1 <> s2 /);
  });
});

describe('delay and reorder', () => {
  test('add to the latency of the messages of their class', () => {
    for (const verb of ['delay', 'reorder']) {
      const slow = run(`{ at: 10s, for: 10s, ${verb}: 200ms, only: rpc }`);
      const { rules } = slow.world.network;
      slow.to(12);
      const judge = (name: string): number => {
        rules.judge(0, 1, slow.world.classes.indexOf(name), 2);
        return rules.extraMicros;
      };
      expect(judge('rpc.read')).toBe(200_000);
      expect(judge('raft.append')).toBe(0);
      slow.to(20);
      expect(rules.size).toBe(0);
      expect(slow.faults.results()[0].affected).toBeGreaterThan(20);
    }
  });

  test('draw from a stream of the fault, not from those of the senders', () => {
    const names = (fault: string | null): readonly string[] => {
      const one = start({ load: true, faults: fault === null ? [] : [fault] });
      one.to(15);
      return one.world.streams.save().names;
    };
    expect(names(null).filter((name) => name.startsWith('fault'))).toEqual([]);
    const drawn = names('{ at: 10s, for: 1s..2s, delay: 1ms..2ms }');
    expect(drawn.filter((name) => name.startsWith('fault'))).toEqual([
      'fault/1/messages',
      'fault/1',
    ]);
  });
});

test('duplicate touches streams not at all, and says so', () => {
  const twice = run('{ at: 10s, for: 10s, duplicate: 100% }');
  twice.to(20);
  expect(twice.told()).toEqual(['duplicate everywhere 10..20 affected 0']);
});

test('hold keeps messages until it ends, then all arrive at once', () => {
  const held1 = run('{ at: 10s, for: 400ms, hold: true, between: [s1, [s2, s3]] }');
  held1.to(10.39);
  expect(held(held1)).toBeGreaterThan(4);
  held1.to(10.4);
  expect(held(held1)).toBe(0);
  const [{ affected }] = held1.faults.results();
  expect(affected).toBeGreaterThan(4);
});

test('a rule that begins and ends changes nothing before it begins', () => {
  const without = start({ load: true, faults: [] });
  const later = start({ load: true, faults: ['{ at: 30s, for: 1s, loss: 50% }'] });
  without.to(29.999999);
  later.to(29.999999);
  expect(later.world.fingerprint.hex()).toBe(without.world.fingerprint.hex());
  expect(later.world.event).toBe(without.world.event);
});
