/** Lanes, inputs and notes of the membership machine. */
import type { InputSpec, LaneSpec, NoteSpec } from '../../core/machine.ts';
import { STATUS_NAMES } from './members.ts';
import type { News } from './members.ts';

export const MEMBERSHIP_MACHINE = 6;

export const BEAT = 0x602;
export const BEAT_TICK = 0x603;
export const SUSPICION = 0x604;
export const EVENT = 0x605;
export const FORCE_LEAVE = 0x606;
export const LEAVE = 0x607;
export const PEERS = 0x608;

export const EVENT_LANE = 1;

/** Steps of the event lane, which waits while it asks for peers. */
export const PEERS_ANSWERED = 1;
export const PEERS_AGAIN = 2;

/** What one server tells another: its news of every member, in the order of the configuration. */
export type Beat = readonly News[];

/** `consul:agent/consul/server.go (serfEventChSize)`. */
const EVENTS_MAX = 2048;

export const MEMBERSHIP_LANES: readonly LaneSpec[] = [
  { name: 'pool', channels: [{ name: 'pool', capacity: 0 }] },
  { name: 'serf-events', channels: [{ name: 'events', capacity: EVENTS_MAX }] },
  { name: 'status', channels: [{ name: 'requests', capacity: 0 }] },
];

const HEAD_BYTES = 60;
const NEWS_BYTES = 24;

export const MEMBERSHIP_INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  undefined,
  {
    name: 'beat',
    lane: 0,
    channel: 0,
    messageClass: 'gossip.gossip',
    size: (body: Beat) => HEAD_BYTES + body.length * NEWS_BYTES,
  },
  { name: 'beat tick', lane: 0, channel: 0 },
  { name: 'suspicion timeout', lane: 0, channel: 0 },
  { name: 'member event', lane: EVENT_LANE, channel: 0 },
  { name: 'force leave', lane: 0, channel: 0 },
  { name: 'leave', lane: 0, channel: 0 },
  {
    name: 'peers',
    lane: 2,
    channel: 0,
    messageClass: 'rpc.status',
    pool: 'multiplexed',
    size: 60,
    answerSize: 100,
  },
];

export const MembershipNote = {
  /** a: process of the member, b: its new status, c: the old one. */
  status: 0x601,
  /** An event did not fit the leader's channel: a: process of the member, b: its status. */
  dropped: 0x602,
} as const;

export const MEMBERSHIP_NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  {
    name: 'member',
    text: (a, b, c, name) => `${name(a)} ${STATUS_NAMES[b]} was=${STATUS_NAMES[c]}`,
  },
  { name: 'drop event', text: (a, b, _, name) => `${name(a)} ${STATUS_NAMES[b]}` },
];
