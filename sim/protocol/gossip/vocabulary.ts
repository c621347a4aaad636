/** Lanes, inputs and notes of the gossip machine. */
import { CONNECTION_LANE } from '../../core/machine.ts';
import type { InputSpec, LaneSpec, NoteSpec } from '../../core/machine.ts';
import { datagramBytes } from './packets.ts';
import type { Datagram } from './packets.ts';
import type { Snapshot } from './push-pull.ts';
import { ackBytes, pingBytes } from './sizes.ts';

export const GOSSIP_MACHINE = 4;

export const PACKET_LANE = 0;
export const WORKER_LANE = 1;
export const PROBE_LANE = 2;
export const GOSSIP_LANE = 3;
export const PUSH_PULL_LANE = 4;
export const RELAY_LANE = 5;
export const SUSPICION_LANE = 6;
export const OPERATION_LANE = 7;

export const PING = 0x401;
export const PING_REQUEST = 0x402;
export const ACK = 0x403;
export const NACK = 0x404;
export const GOSSIP = 0x405;
export const PUSH_PULL = 0x406;
export const STREAM_PING = 0x407;
export const STREAM_ACK = 0x408;
export const HANDOFF = 0x409;
export const PROBE_TICK = 0x40a;
export const PROBE_TIMEOUT = 0x40b;
export const PROBE_DEADLINE = 0x40c;
export const PROBE_SENT = 0x40d;
export const PROBE_NEXT = 0x40e;
export const GOSSIP_TICK = 0x40f;
export const GOSSIP_TURN = 0x410;
export const GOSSIP_REST = 0x411;
export const PUSH_PULL_TIMER = 0x412;
export const NACK_TIMER = 0x413;
export const SUSPICION_TIMER = 0x414;
export const JOIN = 0x415;
export const JOIN_RETRY = 0x416;
export const LEAVE = 0x417;
export const UPDATE = 0x418;
export const BROADCAST_TIMEOUT = 0x419;

/** Steps of lanes that wait for an answer. */
export const PUSH_PULL_ANSWERED = 1;
export const JOIN_ANSWERED = 2;

/** The goroutines of `hashicorp/memberlist:state.go (schedule)`, `net.go`; timers have their own. */
export const GOSSIP_LANES: readonly LaneSpec[] = [
  { name: 'packets', channels: [{ name: 'packets', capacity: 0 }] },
  { name: 'worker', channels: [{ name: 'handoff', capacity: 1 }] },
  {
    name: 'probe',
    channels: [
      { name: 'ticks', capacity: 1 },
      { name: 'answers', capacity: 0 },
    ],
  },
  { name: 'gossip', channels: [{ name: 'ticks', capacity: 1 }] },
  { name: 'push-pull', channels: [{ name: 'timer', capacity: 1 }] },
  { name: 'relays', channels: [{ name: 'timers', capacity: 0 }] },
  { name: 'suspicions', channels: [{ name: 'timers', capacity: 0 }] },
  { name: 'operations', channels: [{ name: 'operations', capacity: 0 }] },
];

const datagram = (name: string, messageClass: string): InputSpec => ({
  name,
  lane: PACKET_LANE,
  channel: 0,
  messageClass,
  size: (body: Datagram) => datagramBytes(body),
});

/** Names that a ping over TCP has no room for in its body: about as long as most. */
const NAME_BYTES = 4;

export const GOSSIP_INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  datagram('ping', 'gossip.probe'),
  datagram('ping request', 'gossip.probe'),
  datagram('ack', 'gossip.probe'),
  datagram('nack', 'gossip.probe'),
  datagram('gossip', 'gossip.gossip'),
  {
    name: 'push/pull',
    lane: CONNECTION_LANE,
    channel: 0,
    messageClass: 'gossip.push-pull',
    pool: 'fresh',
    size: (body: Snapshot) => body.bytes,
    answerSize: (body: Snapshot) => body.bytes,
  },
  {
    name: 'ping over tcp',
    lane: CONNECTION_LANE,
    channel: 0,
    messageClass: 'gossip.probe',
    pool: 'fresh',
    size: () => pingBytes(NAME_BYTES, NAME_BYTES),
    answerSize: () => ackBytes(0),
  },
  { name: 'ack over tcp', lane: PROBE_LANE, channel: 1 },
  { name: 'handoff', lane: WORKER_LANE, channel: 0 },
  { name: 'probe tick', lane: PROBE_LANE, channel: 0 },
  { name: 'probe timeout', lane: PROBE_LANE, channel: 1 },
  { name: 'probe deadline', lane: PROBE_LANE, channel: 1 },
  { name: 'ping sent', lane: PROBE_LANE, channel: 1 },
  { name: 'next probe', lane: PROBE_LANE, channel: 1 },
  { name: 'gossip tick', lane: GOSSIP_LANE, channel: 0 },
  { name: 'gossip turn', lane: GOSSIP_LANE, channel: 0 },
  { name: 'gossip rest', lane: GOSSIP_LANE, channel: 0 },
  { name: 'push/pull timer', lane: PUSH_PULL_LANE, channel: 0 },
  { name: 'nack timer', lane: RELAY_LANE, channel: 0 },
  { name: 'suspicion timeout', lane: SUSPICION_LANE, channel: 0 },
  { name: 'join', lane: OPERATION_LANE, channel: 0 },
  { name: 'join retry', lane: OPERATION_LANE, channel: 0 },
  { name: 'leave', lane: OPERATION_LANE, channel: 0 },
  { name: 'update', lane: OPERATION_LANE, channel: 0 },
  { name: 'broadcast timeout', lane: OPERATION_LANE, channel: 0 },
];

/** Nodes in notes are processes: those that bear the name from the start. */
export const GossipNote = {
  /** An unknown, dead or left node is alive: a: node, b: incarnation. */
  joined: 0x401,
  /** A suspect is alive again: a: node, b: incarnation. */
  cleared: 0x402,
  /** a: node, b: incarnation, c: accuser. */
  suspected: 0x403,
  /** A suspicion was confirmed: a: node, b: confirmations so far, c: accuser. */
  confirmed: 0x404,
  /** a: node, b: incarnation, c: who says so. */
  died: 0x405,
  /** a: node, b: incarnation. */
  left: 0x406,
  /** a: own new incarnation, b: the accused one, c: accuser or -1. */
  refuted: 0x407,
  /** a: target, b: nacks expected, c: nacks received. */
  probeFailed: 0x408,
  /** A target was reached over TCP alone: a: target. */
  streamOnly: 0x409,
  /** Health score: a: new, b: old. */
  health: 0x40a,
  /** a: node. */
  purged: 0x40b,
  /** Two addresses claim a name: a: node, b: process of the other. */
  conflict: 0x40c,
  /** Tags changed: a: node, b: incarnation. */
  updated: 0x40d,
  /** Own incarnation: a: new. */
  announced: 0x40e,
  /** Full states were exchanged: a: peer, b: 1 for a join. */
  merged: 0x40f,
  /** a: peer, b: error cause, c: 1 for a join. */
  mergeFailed: 0x410,
  /** A message for the worker found its queue full: a: type. */
  dropped: 0x411,
  /** The awaited broadcast ended: a: 1 complete, 0 not in time. */
  broadcastEnded: 0x412,
  /** Join is over: a: members reached, b: members asked. */
  joinEnded: 0x413,
  /** The member begins to leave. */
  leaving: 0x414,
  /** Newer evidence of a node changes no state: a: node, b: its incarnation. */
  witnessed: 0x415,
} as const;

export const GOSSIP_NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'member joins', text: (a, b, _, name) => `${name(a)} inc=${b}` },
  { name: 'member is alive', text: (a, b, _, name) => `${name(a)} inc=${b}` },
  { name: 'suspect', text: (a, b, c, name) => `${name(a)} inc=${b} from=${name(c)}` },
  {
    name: 'confirm',
    text: (a, b, c, name) => `${name(a)} confirmed=${b} from=${name(c)}`,
    detail: 1,
  },
  { name: 'member dies', text: (a, b, c, name) => `${name(a)} inc=${b} from=${name(c)}` },
  { name: 'member leaves', text: (a, b, _, name) => `${name(a)} inc=${b}` },
  {
    name: 'refute',
    text: (a, b, c, name) => `inc=${a} accused=${b} from=${c < 0 ? '-' : name(c)}`,
  },
  { name: 'probe fails', text: (a, b, c, name) => `${name(a)} nacks=${c}/${b}` },
  { name: 'reach over tcp', text: (a, _b, _c, name) => name(a) },
  { name: 'health score', text: (a, b) => `${a} was=${b}` },
  { name: 'purge', text: (a, _b, _c, name) => name(a), detail: 1 },
  { name: 'conflict', text: (a, b, _, name) => `${name(a)} at=${name(b)}` },
  { name: 'member updates', text: (a, b, _, name) => `${name(a)} inc=${b}` },
  { name: 'announce', text: (a) => `inc=${a}`, detail: 1 },
  { name: 'merge', text: (a, b, _, name) => `${name(a)}${b === 1 ? ' join' : ''}`, detail: 1 },
  {
    name: 'merge fails',
    text: (a, b, c, name) => `${name(a)} error=${b}${c === 1 ? ' join' : ''}`,
  },
  { name: 'drop message', text: (a) => `type=${a}` },
  { name: 'broadcast ends', text: (a) => (a === 1 ? 'complete' : 'not in time') },
  { name: 'join ends', text: (a, b) => `reached=${a}/${b}` },
  { name: 'leave' },
  { name: 'see evidence', text: (a, b, _, name) => `${name(a)} inc=${b}`, detail: 1 },
];
