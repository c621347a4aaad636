/** Lanes, inputs and notes of the machine that does a leader's duties. */
import type { InputSpec, LaneSpec, NoteSpec } from '../../core/machine.ts';
import { STATUS_NAMES } from '../membership/members.ts';

export const LEADER_MACHINE = 7;

/** Raft's answers; the first input of every machine that proposes. */
export const ANSWERED = 0x701;
export const LEADERSHIP = 0x702;
export const LOOP_ENDED = 0x703;
export const STOP = 0x704;
export const MEMBER_CHANGED = 0x705;
export const MEMBER_WAITS = 0x706;
export const INTERVAL = 0x707;
export const REASSERT = 0x708;
export const CALL_TIMER = 0x709;
export const CHECKPOINT = 0x70a;
export const LEAVE = 0x70b;
/** Serf has left the LAN pool. */
export const POOL_LEFT = 0x70c;

export const LOOP_LANE = 2;
export const LEAVE_LANE = 4;

/** The one step of its lane: the loop goes on with what Raft has answered. */
export const GO_ON = 1;

/** `hashicorp/consul:agent/consul/server.go`: the channel that Raft sends on blocks beyond this. */
const NOTIFICATIONS_MAX = 10;

export const LEADER_LANES: readonly LaneSpec[] = [
  { name: 'answers', channels: [{ name: 'answers', capacity: 0 }] },
  {
    name: 'monitor',
    channels: [
      { name: 'leadership', capacity: NOTIFICATIONS_MAX },
      { name: 'ended', capacity: 1 },
    ],
  },
  {
    name: 'leader-loop',
    keyed: true,
    channels: [
      { name: 'stop', capacity: 1 },
      { name: 'members', capacity: 1 },
      { name: 'interval', capacity: 1 },
      { name: 'reassert', capacity: 1 },
    ],
  },
  { name: 'verification', channels: [{ name: 'ticks', capacity: 1 }] },
  { name: 'leave', channels: [{ name: 'requests', capacity: 1 }] },
];

export const LEADER_INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { name: 'raft answer', lane: 0, channel: 0 },
  { name: 'leadership', lane: 1, channel: 0 },
  { name: 'leader loop ended', lane: 1, channel: 1 },
  { name: 'stop leader loop', lane: LOOP_LANE, channel: 0 },
  { name: 'member changed', lane: 0, channel: 0 },
  { name: 'member waits', lane: LOOP_LANE, channel: 1 },
  { name: 'reconcile interval', lane: LOOP_LANE, channel: 2 },
  { name: 'reassert leadership', lane: LOOP_LANE, channel: 3 },
  { name: 'enqueue timeout', lane: 0, channel: 0 },
  { name: 'verification checkpoint', lane: 3, channel: 0 },
  { name: 'leave', lane: LEAVE_LANE, channel: 0 },
  { name: 'lan pool left', lane: 0, channel: 0 },
];

export const LeaderNote = {
  /** The leader loop begins: a: how many this server has run. */
  began: 0x701,
  /** It has ended. */
  ended: 0x702,
  /** Leadership is established: consistent reads are served. */
  established: 0x703,
  /** What was established is taken back. */
  revoked: 0x704,
  /** The loop could not get its barrier: a: error of Raft. */
  barrierFailed: 0x705,
  /** Establishing has failed: a: error of Raft. */
  establishFailed: 0x706,
  /** reconcileCh was full: a: process of the member, b: its status. */
  dropped: 0x707,
  /** All members have been reconciled: a: how many. */
  reconciled: 0x708,
  /** A notification of leadership met a loop that runs (1), or none (0). */
  unexpected: 0x709,
  /** A graceful leave is over: the program may end. */
  left: 0x70a,
} as const;

export const LEADER_NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'begin leader loop', text: (a) => `number=${a}` },
  { name: 'end leader loop', text: (a) => `number=${a}` },
  { name: 'establish leadership' },
  { name: 'revoke leadership' },
  { name: 'barrier failed', text: (a) => `error=${a}` },
  { name: 'establish failed', text: (a) => `error=${a}` },
  { name: 'drop member', text: (a, b, _, name) => `${name(a)} ${STATUS_NAMES[b]}` },
  { name: 'reconcile', text: (a) => `members=${a}`, detail: 1 },
  { name: 'unexpected leadership', text: (a) => (a === 1 ? 'gained twice' : 'lost twice') },
  { name: 'left' },
];
