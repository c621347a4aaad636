/** Lanes and inputs of the membership machine. */
import type { InputSpec, LaneSpec } from '../../core/machine.ts';

export const MEMBERSHIP_MACHINE = 6;

export const EVENT = 0x601;
export const PEERS = 0x602;

/** Steps of the event lane, which waits while it asks for peers. */
export const PEERS_ANSWERED = 1;
export const PEERS_AGAIN = 2;

/** `consul:agent/consul/server.go (serfEventChSize)`. */
const EVENTS_MAX = 2048;

export const MEMBERSHIP_LANES: readonly LaneSpec[] = [
  { name: 'serf-events', channels: [{ name: 'events', capacity: EVENTS_MAX }] },
  { name: 'status', channels: [{ name: 'requests', capacity: 0 }] },
];

export const MEMBERSHIP_INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { name: 'member event', lane: 0, channel: 0 },
  {
    name: 'peers',
    lane: 1,
    channel: 0,
    messageClass: 'rpc.status',
    pool: 'multiplexed',
    size: 60,
    answerSize: 100,
  },
];
