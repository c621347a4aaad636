/**
 * Packed views against a plain table: the same members, told the same in the same order, hold the
 * same, whatever is swept away in between.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { State, key } from '../../../sim/protocol/gossip/messages.ts';
import { LONG_AGO, Views } from '../../../sim/protocol/gossip/views.ts';
import { gossipPool } from '../../support/gossip-pool.ts';
import { ref } from '../../support/reference.ts';
import { SECOND } from './kit.ts';

/** The same without any packing. */
class PlainViews {
  readonly held: Map<string, number>;
  readonly times = new Map<string, number>();
  private readonly nodes: number;

  constructor(members: number, nodes: number, initial: number) {
    this.nodes = nodes;
    this.held = new Map();
    for (let member = 0; member < members; member++) {
      for (let node = 0; node < nodes; node++) this.held.set(`${member}/${node}`, initial);
    }
  }

  get(member: number, node: number): number {
    return this.held.get(`${member}/${node}`)!;
  }

  forget(member: number): void {
    for (let node = 0; node < this.nodes; node++) this.held.set(`${member}/${node}`, 0);
  }
}

const MEMBERS = 50;
const NODES = 50;
const STATES = [
  0,
  ...[1, 2, 3].flatMap((inc) =>
    Object.values(State)
      .slice(1)
      .map((s) => key(s, inc)),
  ),
];

const member = fc.nat(MEMBERS - 1);
const act = fc.oneof(
  { weight: 40, arbitrary: fc.tuple(fc.constant('set'), member, fc.nat(NODES - 1), fc.nat(12)) },
  { weight: 6, arbitrary: fc.tuple(fc.constant('all'), member, fc.nat(NODES - 1), fc.nat(12)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('sweep'), member, fc.nat(1), fc.nat(1)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('forget'), member, fc.nat(1), fc.nat(1)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('settle'), member, fc.nat(1), fc.nat(1)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('restore'), member, fc.nat(1), fc.nat(1)) },
);

describe('packed views', () => {
  test('hold what a plain table holds', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 400, maxLength: 1000 }), (acts) => {
        const packed = new Views(MEMBERS, NODES, 4);
        const plain = new PlainViews(MEMBERS, NODES, key(State.alive, 1));
        for (let node = 0; node < NODES; node++) packed.setDefault(node, key(State.alive, 1));
        const run = new Uint8Array(MEMBERS).fill(1);
        let saved = packed.save();
        let savedPlain = new Map(plain.held);
        const set = (who: number, node: number, held: number): void => {
          packed.set(who, node, held, 0);
          plain.held.set(`${who}/${node}`, held);
        };
        for (const [what, who, node, state] of acts) {
          if (what === 'set') set(who, node, STATES[state]!);
          if (what === 'all') for (let i = 0; i < MEMBERS; i++) set(i, node, STATES[state]!);
          if (what === 'sweep') packed.sweep(run, 100, 30);
          if (what === 'forget') {
            packed.forget(who);
            plain.forget(who);
          }
          if (what === 'settle' && packed.isStranger(who)) packed.settle(who);
          if (what === 'restore') {
            packed.restore(saved);
            plain.held.clear();
            for (const [at, held] of savedPlain) plain.held.set(at, held);
            saved = packed.save();
            savedPlain = new Map(plain.held);
          }
        }
        for (let who = 0; who < MEMBERS; who++) {
          for (let node = 0; node < NODES; node++) {
            expect(packed.get(who, node)).toBe(plain.get(who, node));
          }
        }
      }),
      { numRuns: 20, seed: 11 },
    );
  });

  test('are nothing again when all agree', () => {
    const views = new Views(4, 4, 4);
    const run = new Uint8Array(4).fill(1);
    for (let who = 0; who < 3; who++) views.set(who, 2, key(State.alive, 2), 0);
    views.sweep(run, 0, 0);
    expect(views.deviations()).toEqual([2]);
    run[3] = 0;
    views.sweep(run, 0, 0);
    expect(views.deviations()).toEqual([]);
    expect(views.get(3, 2)).toBe(key(State.alive, 2));
  });

  test('keep a suspicion, and a death as long as its time matters', () => {
    const views = new Views(2, 2, 4);
    const run = new Uint8Array(2).fill(1);
    for (let who = 0; who < 2; who++) {
      views.set(who, 0, key(State.suspect, 1), 0);
      views.set(who, 1, key(State.dead, 1), 0);
      views.setChangedAt(who, 1, 100);
    }
    views.sweep(run, 120, 30);
    expect(views.deviations()).toEqual([0, 1]);
    expect(views.changedAt(0, 1)).toBe(100);
    views.sweep(run, 131, 30);
    expect(views.deviations()).toEqual([0]);
    expect(views.changedAt(0, 1)).toBe(LONG_AGO);
    expect(views.get(1, 1)).toBe(key(State.dead, 1));
  });
});

describe('a pool', () => {
  test(ref('gossip 5.6 #1', 'without faults suspects nobody, and its columns stay away'), () => {
    const pool = gossipPool({ members: 100 });
    const notes = pool.notes();
    pool.run(120 * SECOND);
    expect(notes.filter(({ kind }) => kind !== 0x40f)).toEqual([]);
    expect(pool.pool.views.deviations()).toEqual([]);
  });

  test('forgets its columns after the dead are purged', () => {
    const pool = gossipPool({ members: 20 });
    pool.run(2 * SECOND);
    pool.crash(3);
    pool.run(30 * SECOND);
    expect(pool.pool.views.deviations()).toEqual([3]);
    pool.run(90 * SECOND);
    expect(pool.views(3)).toEqual(['unknown']);
    expect(pool.pool.views.deviations()).toEqual([]);
  });

  test('goes on the same after it was saved and restored in the middle of everything', () => {
    const pool = gossipPool({ members: 40, loss: 0.05 });
    pool.run(2 * SECOND);
    pool.crash(3);
    pool.crash(4);
    pool.run(6 * SECOND);
    pool.restart(4);
    pool.run(SECOND / 2);
    const { world } = pool;
    const saved = world.save();
    const ends = [0, 1].map(() => {
      world.restore(saved);
      world.runUntil(saved.now + 60 * SECOND);
      return { hash: world.fingerprint.hex(), events: world.event, views: pool.pool.views.save() };
    });
    expect(ends[1]).toEqual(ends[0]);
    expect(pool.views(4)).toEqual([expect.stringMatching(/^alive/)]);
  });
});
