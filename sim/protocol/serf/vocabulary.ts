/** Lanes, inputs and notes of serf, which runs in one machine with the memberlist below it. */
import type { InputSpec, LaneSpec, NoteSpec } from '../../core/machine.ts';
import { datagramBytes } from '../gossip/packets.ts';
import type { Datagram } from '../gossip/packets.ts';
import { GOSSIP_INPUTS, GOSSIP_LANES, GOSSIP_NOTES, PACKET_LANE } from '../gossip/vocabulary.ts';

const FIRST_LANE = GOSSIP_LANES.length;
export const SERF_LANE = FIRST_LANE;
export const RECONNECT_LANE = FIRST_LANE + 1;
export const REJOIN_LANE = FIRST_LANE + 2;
export const LEAVE_LANE = FIRST_LANE + 3;
export const SNAPSHOT_LANE = FIRST_LANE + 4;

/** Inputs from here on are serf's. */
export const SERF_INPUTS_FROM = 0x440;
export const USER_MESSAGE = 0x440;
export const REAP_TICK = 0x441;
export const RECONNECT_TICK = 0x442;
export const QUEUE_TICK = 0x443;
export const CLOCK_TICK = 0x444;
export const LEAVE_POOL = 0x445;
export const FORCE_LEAVE = 0x446;
export const FIRE_EVENT = 0x447;
export const ASK_QUERY = 0x448;
export const QUERY_ENDS = 0x449;
export const REJOIN = 0x44a;
export const REFUTE_LEAVE = 0x44b;
export const RESOLVE_CONFLICT = 0x44c;
export const LEAVE_TIMEOUT = 0x44d;
export const PRUNE_TIMER = 0x44e;
export const SNAPSHOT_LINES = 0x44f;

/** Steps of lanes that wait; memberlist's are below. */
export const RECONNECTED = 16;
export const REJOINED = 17;
export const LEAVE_GOES_ON = 18;
export const SNAPSHOT_WRITTEN = 19;

/** The goroutines of `hashicorp/serf:serf/serf.go (Create)`; reap and queue checks take no time. */
export const SERF_LANES: readonly LaneSpec[] = [
  ...GOSSIP_LANES,
  { name: 'serf', channels: [{ name: 'serf', capacity: 0 }] },
  { name: 'reconnect', channels: [{ name: 'ticks', capacity: 1 }] },
  { name: 'rejoin', channels: [{ name: 'start', capacity: 1 }] },
  { name: 'leave', channels: [{ name: 'start', capacity: 1 }] },
  { name: 'snapshot', channels: [{ name: 'lines', capacity: 0 }] },
];

const input = (name: string, lane: number): InputSpec => ({ name, lane, channel: 0 });

const OWN_INPUTS: readonly InputSpec[] = [
  {
    name: 'user message',
    lane: PACKET_LANE,
    channel: 0,
    messageClass: 'gossip.gossip',
    size: (body: Datagram) => datagramBytes(body),
  },
  input('reap tick', SERF_LANE),
  input('reconnect tick', RECONNECT_LANE),
  input('queue check', SERF_LANE),
  input('clock tick', SERF_LANE),
  input('leave pool', LEAVE_LANE),
  input('force leave', SERF_LANE),
  input('fire event', SERF_LANE),
  input('ask query', SERF_LANE),
  input('query ends', SERF_LANE),
  input('rejoin', REJOIN_LANE),
  input('refute leave', SERF_LANE),
  input('resolve conflict', SERF_LANE),
  input('leave timeout', SERF_LANE),
  input('prune', SERF_LANE),
  input('snapshot lines', SNAPSHOT_LANE),
];

/** Numbers between memberlist's and serf's are unused. */
function placed<T>(below: readonly T[], own: readonly T[]): (T | undefined)[] {
  const all: (T | undefined)[] = [...below];
  while (all.length < (SERF_INPUTS_FROM & 0xff)) all.push(undefined);
  return [...all, ...own];
}

export const SERF_INPUTS: readonly (InputSpec | undefined)[] = placed(GOSSIP_INPUTS, OWN_INPUTS);

/** Nodes in notes are processes. */
export const SerfNote = {
  /** a: node, b: its new status, c: the old one. */
  status: 0x440,
  /** A leave intent about itself is refuted: a: its time. */
  refutedLeave: 0x441,
  /** a: node that is tried. */
  reconnecting: 0x442,
  /** A member of before is found again at a start: a: node, b: members tried. */
  rejoined: 0x443,
  /** Nobody of before was found: a: members tried. */
  rejoinFailed: 0x444,
  /** A user event is delivered: a: its time. */
  event: 0x445,
  /** a: time of the query, b: answers, c: acks. */
  queryEnded: 0x446,
  /** A queue was cut to its limit: a: which, b: messages it had. */
  pruned: 0x447,
  /** A vote on its name: a: answers, b: those that know this one. */
  conflictVoted: 0x448,
  /** A graceful leave begins, and is over. */
  leaving: 0x449,
  left: 0x44a,
  /** The snapshot was written anew: a: its bytes before. */
  compacted: 0x44b,
} as const;

const STATUSES = ['none', 'alive', 'leaving', 'left', 'failed'] as const;

const OWN_NOTES: readonly NoteSpec[] = [
  { name: 'member', text: (a, b, c, name) => `${name(a)} ${STATUSES[b]} was=${STATUSES[c]}` },
  { name: 'refute leave', text: (a) => `time=${a}` },
  { name: 'reconnect', text: (a, _b, _c, name) => name(a) },
  { name: 'rejoin', text: (a, b, _, name) => `${name(a)} tried=${b}` },
  { name: 'rejoin fails', text: (a) => `tried=${a}` },
  { name: 'user event', text: (a) => `time=${a}` },
  { name: 'query ends', text: (a, b, c) => `time=${a} answers=${b} acks=${c}` },
  { name: 'prune queue', text: (a, b) => `queue=${a} messages=${b}` },
  { name: 'vote on name', text: (a, b) => `matching=${b}/${a}` },
  { name: 'leave pool' },
  { name: 'left pool' },
  { name: 'compact snapshot', text: (a) => `bytes=${a}`, detail: 1 },
];

export const SERF_NOTES: readonly (NoteSpec | undefined)[] = placed(GOSSIP_NOTES, OWN_NOTES);
