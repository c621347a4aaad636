/**
 * Fifty members that share packed views, beside fifty that are plain objects written from the rules
 * alone: told the same ten thousand messages at the same times, all hold the same of each other.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recording } from '../../../sim/core/recording.ts';
import { CONSUL_LAN } from '../../../sim/protocol/gossip/config.ts';
import { gossipMachine } from '../../../sim/protocol/gossip/machine.ts';
import type { Member } from '../../../sim/protocol/gossip/member.ts';
import { STATE_NAMES, Type, message } from '../../../sim/protocol/gossip/messages.ts';
import { GossipPool } from '../../../sim/protocol/gossip/pool.ts';
import { GOSSIP, PROBE_TICK } from '../../../sim/protocol/gossip/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { SECOND } from './kit.ts';

const MEMBERS = 50;
const MESSAGES = 10_000;
/** Of fifty members: four times 1.698 s, and six times that. */
const SHORTEST = 6.792 * SECOND;
const WANTED = 2;

interface PlainNode {
  state: 'alive' | 'suspect' | 'dead' | 'left';
  incarnation: number;
  accusers: number[];
  since: number;
}

/** memberlist's handlers over a Map, without packing, columns, queues or timers. */
class PlainMember {
  readonly nodes = new Map<number, PlainNode>();
  incarnation = 1;
  health = 0;
  private readonly self: number;

  constructor(self: number) {
    this.self = self;
    for (let node = 0; node < MEMBERS; node++) {
      this.nodes.set(node, { state: 'alive', incarnation: 1, accusers: [], since: 0 });
    }
  }

  hear(
    type: 'alive' | 'suspect' | 'dead',
    node: number,
    incarnation: number,
    from: number,
    now: number,
  ): void {
    const held = this.nodes.get(node)!;
    const mine = node === this.self;
    if (type === 'alive') {
      if (incarnation <= held.incarnation) return;
      if (mine) this.refute(held, incarnation);
      else Object.assign(held, { state: 'alive', incarnation, accusers: [] });
      return;
    }
    if (incarnation < held.incarnation || held.state === 'dead' || held.state === 'left') return;
    if (mine) {
      this.refute(held, incarnation);
    } else if (type === 'dead') {
      Object.assign(held, { state: from === node ? 'left' : 'dead', incarnation, since: now });
    } else if (held.state === 'alive') {
      Object.assign(held, { state: 'suspect', incarnation, accusers: [from], since: now });
    } else if (held.accusers.length <= WANTED && !held.accusers.includes(from)) {
      held.accusers.push(from);
    }
  }

  private refute(held: PlainNode, accused: number): void {
    this.incarnation = Math.max(this.incarnation, accused) + 1;
    this.health = Math.min(7, this.health + 1);
    held.incarnation = this.incarnation;
  }

  /** Suspicions that have lasted long enough. */
  pass(now: number): void {
    for (const held of this.nodes.values()) {
      if (held.state !== 'suspect') continue;
      const confirmed = held.accusers.length - 1;
      const share = Math.log(confirmed + 1) / Math.log(WANTED + 1);
      const seconds = (6 - 5 * share) * (SHORTEST / SECOND);
      const timeout = Math.max(SHORTEST, Math.floor(1000 * seconds) * 1000);
      if (now >= held.since + timeout) held.state = 'dead';
    }
  }
}

function packedMembers(): { pool: GossipPool; members: Recording<Member, null>[] } {
  const memberlist = { ...CONSUL_LAN, gossipNodes: 0, pushPullIntervalMicros: 0 };
  const specs = Array.from({ length: MEMBERS }, (_, process) => {
    return { process, name: `a${process}`, metaBytes: 0 };
  });
  const pool = new GossipPool(specs, [memberlist]);
  pool.form(specs.map(({ process }) => process));
  const members = specs.map(({ process: member }) => {
    const config = { pool, member, memberlist, join: [] };
    const recording = new Recording(gossipMachine, config, { self: member });
    recording.start();
    recording.cancelTimer(PROBE_TICK, 0);
    return recording;
  });
  return { pool, members };
}

/** Told as `suspect 3`. */
function packedView(pool: GossipPool, member: number, node: number): string {
  const held = pool.views.get(member, node);
  return `${STATE_NAMES[held & 7]} ${held >>> 3}`;
}

const TYPES = ['alive', 'suspect', 'suspect', 'dead'] as const;

function run(seed: number): void {
  const { pool, members } = packedMembers();
  const plain = members.map((_, self) => new PlainMember(self));
  // A generator of its own: ten thousand messages are too many for one to shrink.
  let state = seed;
  const below = (n: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const highest = Array.from({ length: MEMBERS }, () => 1);
  let now = 0;
  for (let i = 0; i < MESSAGES; i++) {
    now += below(20_000);
    const [to, node] = [below(MEMBERS), below(8) === 0 ? below(MEMBERS) : below(6)];
    const type = TYPES[below(TYPES.length)]!;
    const incarnation = Math.max(1, highest[node]! + 1 - below(3));
    highest[node] = Math.max(highest[node]!, Math.min(8000, incarnation));
    const from = below(10) === 0 ? node : below(MEMBERS);
    const recording = members[to]!;
    recording.advance(now - recording.now);
    plain[to]!.pass(now);
    const word = message(Type[type], node, incarnation);
    const messages = [word, type === 'alive' ? 0 : from];
    recording.deliver(GOSSIP, from, { stamp: 0, bytes: 0, target: -1, address: -1, messages });
    plain[to]!.hear(type, node, incarnation, from, now);
    recording.effects.length = 0;
    if (i % 500 === 0) pool.maybeSweep(now);
  }
  now += 100 * SECOND;
  for (const [member, recording] of members.entries()) {
    recording.advance(now - recording.now);
    plain[member]!.pass(now);
    const { incarnation, health } = plain[member]!;
    expect([recording.state.incarnation, recording.state.health]).toEqual([incarnation, health]);
    for (let node = 0; node < MEMBERS; node++) {
      const held = plain[member]!.nodes.get(node)!;
      expect(packedView(pool, member, node)).toBe(`${held.state} ${held.incarnation}`);
    }
  }
}

test(ref('gossip 1.7 #1', 'as plain objects written from the rules would have it'), () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 31 }), run), { numRuns: 5, seed: 3 });
});
