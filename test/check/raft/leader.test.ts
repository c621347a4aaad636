/** Whom invariants take for the leader. */
import { expect, test } from 'vitest';
import { leaderOf, leadersStore } from '../../../sim/check/leader.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';

function contextOf(states: readonly (readonly [Role, number] | null)[], paused = -1) {
  return {
    servers: states.map((_, process) => ({ process, host: process })),
    raft: (process: number) => {
      const state = states[process];
      return state && { role: state[0], term: state[1], fsm: `store of ${process}` };
    },
    world: {
      processes: states.map((_, process) => ({
        status: process === paused ? 'paused' : 'running',
      })),
    },
  } as never;
}

test('the leader of the highest term counts, not one that was deposed and does not know', () => {
  const { follower, leader } = Role;
  const two = [[leader, 2], [follower, 3], [leader, 3], null] as const;
  expect(leaderOf(contextOf(two))).toMatchObject({ process: 2, state: { term: 3 } });
  expect(
    leaderOf(
      contextOf([
        [leader, 3],
        [leader, 2],
      ]),
    )?.process,
  ).toBe(0);
  expect(leaderOf(contextOf([[follower, 3], null]))).toBeUndefined();
});

test('what a leader that stands still has applied is nothing to go by', () => {
  const states = [
    [Role.leader, 2],
    [Role.leader, 3],
  ] as const;
  expect(leadersStore(contextOf(states))).toBe('store of 1');
  expect(leadersStore(contextOf(states, 1))).toBeNull();
  expect(leadersStore(contextOf([null]))).toBeNull();
});
