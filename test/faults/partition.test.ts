import { describe, expect, test } from 'vitest';
import { Transport } from '../../sim/core/rules.ts';
import { start } from './support.ts';
import type { FaultRun } from './support.ts';

/** Who cannot reach whom, as `s1>s2` for every ordered pair of hosts that is cut. */
function cutPairs({ world }: FaultRun, messageClass = 'raft.append'): string[] {
  const index = world.classes.indexOf(messageClass);
  const pairs: string[] = [];
  for (const source of world.hosts) {
    for (const target of world.hosts) {
      const verdict = world.network.rules.judge(source.index, target.index, index, Transport.tcp);
      if (verdict !== 0) pairs.push(`${source.name}>${target.name}`);
    }
  }
  return pairs;
}

/** Both directions of pairs such as `s1-s2`. */
function both(...pairs: string[]): string[] {
  return pairs.flatMap((pair) => {
    const [a, b] = pair.split('-');
    return [`${a}>${b}`, `${b}>${a}`];
  });
}

function cutBy(partition: string, servers: number, rest = '', more: string[] = []): FaultRun {
  const faults = [`{ at: 10s, for: 5s, partition: ${partition}${rest} }`];
  const run = start({ servers, load: true, faults, more });
  run.to(12);
  return run;
}

const sorted = (pairs: readonly string[]): string[] => pairs.toSorted();

describe('a partition', () => {
  test('isolate: each host is cut off from every other, clients too', () => {
    const run = cutBy('{ isolate: [s1, s2] }', 3);
    expect(sorted(cutPairs(run))).toEqual(
      sorted(both('s1-s2', 's1-s3', 's2-s3', 's1-kv#1', 's1-kv#2', 's2-kv#1', 's2-kv#2')),
    );
    expect(run.told()[0]).toMatch(/^partition isolate s1 s2 10\.\.12 affected \d\d/);
    run.to(15);
    expect(cutPairs(run)).toEqual([]);
  });

  test('halves: two random halves, clients reach both', () => {
    const run = cutBy('{ halves: true }', 5);
    const [{ name }] = run.faults.results();
    const [small, large] = name
      .replace('partition ', '')
      .split(' | ')
      .map((half) => expand(half));
    expect([small.length, large.length]).toEqual([2, 3]);
    const pairs = small.flatMap((a) => large.map((b) => `${a}-${b}`));
    expect(sorted(cutPairs(run))).toEqual(sorted(both(...pairs)));
  });

  test('groups: hosts in none reach everybody, one in two belongs to the first', () => {
    const run = cutBy('{ groups: [[s1, s2], [s2, s3]] }', 4);
    expect(sorted(cutPairs(run))).toEqual(sorted(both('s1-s3', 's2-s3')));
  });

  test('ring: every server reaches its two neighbours only', () => {
    const run = cutBy('{ ring: true }', 5);
    const order = run.faults.results()[0].name.replace('partition ring ', '').split(' ');
    expect(order.toSorted()).toEqual(['s1', 's2', 's3', 's4', 's5']);
    const apart = order.map((name, i) => `${name}-${order[(i + 2) % 5]}`);
    expect(sorted(cutPairs(run))).toEqual(sorted(both(...apart)));
  });

  test('ring: of three servers loses nothing, and is inert', () => {
    const run = cutBy('{ ring: true }', 3);
    expect(cutPairs(run)).toEqual([]);
    run.to(20);
    expect(run.faults.results()[0]).toMatchObject({ affected: 0, inert: true });
  });

  test('bridge: the others fall into halves that both reach it', () => {
    const run = cutBy('{ bridge: s3 }', 5);
    const { name } = run.faults.results()[0];
    const [first, second] = name.replace('partition bridge s3: ', '').split(' | ').map(expand);
    expect([first.length, second.length]).toEqual([2, 2]);
    const pairs = first.flatMap((a) => second.map((b) => `${a}-${b}`));
    expect(sorted(cutPairs(run))).toEqual(sorted(both(...pairs)));
  });

  test('oneway: messages of one direction are lost', () => {
    const run = cutBy('{ oneway: { from: s1, to: [s2, s3] } }', 3);
    expect(sorted(cutPairs(run))).toEqual(['s1>s2', 's1>s3']);
  });

  test('between: the first and the second cannot reach each other', () => {
    const run = cutBy('{ between: [s1, [s2, s3]] }', 4);
    expect(sorted(cutPairs(run))).toEqual(sorted(both('s1-s2', 's1-s3')));
  });

  test('zone: its hosts reach each other, but nobody else', () => {
    const cluster =
      'cluster: { raft: { alone: true }, datacenters: { dc1: { servers: 4, zones: [a, b] } } }';
    const faults = ['{ at: 10s, for: 5s, partition: { zone: a } }'];
    const run = start({ cluster, faults, load: true });
    run.to(12);
    const inside = run.world.hosts.filter(({ zone }) => zone === 'a').map(({ name }) => name);
    const outside = run.world.hosts.filter(({ zone }) => zone !== 'a').map(({ name }) => name);
    expect(inside.length).toBe(2);
    const pairs = inside.flatMap((a) => outside.map((b) => `${a}-${b}`));
    expect(sorted(cutPairs(run))).toEqual(sorted(both(...pairs)));
  });

  test('touches only the classes and the transport that it names', () => {
    const run = cutBy('{ isolate: s1 }', 3, ', only: raft.vote');
    expect(cutPairs(run, 'raft.append')).toEqual([]);
    expect(cutPairs(run, 'raft.vote').length).toBe(8);
    const datagrams = cutBy('{ isolate: s1 }', 3, ', transport: udp');
    expect(cutPairs(datagrams)).toEqual([]);
  });

  test('and another one: each takes only its own rule away', () => {
    const run = start({
      faults: [
        '{ at: 10s, for: 10s, partition: { isolate: s1 } }',
        '{ at: 15s, for: 10s, partition: { isolate: s1 } }',
      ],
    });
    run.to(20);
    expect(cutPairs(run).length).toBe(4);
    run.to(25);
    expect(cutPairs(run)).toEqual([]);
    run.to(40);
    expect(run.leader()).not.toBe('');
  });

  test('that is healed lets streams go on at once where TCP is ideal', () => {
    const stall = (tcp: string): number => {
      const run = start({
        more: [`network: { tcp: ${tcp} }`],
        faults: ['{ at: 10s, for: 300ms, partition: { isolate: [s1, s2, s3] } }'],
      });
      run.to(10.3);
      const held = (): number => {
        let count = 0;
        run.world.connections.pool.forEach(({ toServer, toClient }) => {
          count += toServer.held.length + toClient.held.length;
        });
        return count;
      };
      return held();
    };
    expect(stall('{ ideal: true }')).toBe(0);
    expect(stall('{ retransmit: 10s }')).toBeGreaterThan(0);
  });
});

/** `s1..s3 s5` -> s1, s2, s3, s5. */
function expand(text: string): string[] {
  return text.split(' ').flatMap((word) => {
    const [first, last] = word.split('..').map((name) => Number(name.slice(1)));
    if (last === undefined) return [word];
    return Array.from({ length: last - first + 1 }, (_, i) => `s${first + i}`);
  });
}
