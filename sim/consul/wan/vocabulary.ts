/** Numbers of what a server has because there are other datacenters: the WAN pool, and the router. */
import type { InputSpec, LaneSpec } from '../../core/machine.ts';
import {
  FORCE_LEAVE,
  LEAVE_POOL,
  SERF_INPUTS,
  SERF_LANES,
} from '../../protocol/serf/vocabulary.ts';

/** Serf for the WAN: the machine of the LAN a second time. */
export const WAN_MACHINE = 0x20;
const WAN = WAN_MACHINE << 8;

/** As the machine itself knows them; far behind those of serf. */
export const FLOOD_TICK = 0x4f0;
export const FLOOD = 0x4f1;
/** As other machines post them. */
export const FLOOD_WAN = WAN | 0xf1;

export const FORCE_LEAVE_WAN = WAN | (FORCE_LEAVE & 0xff);
export const LEAVE_WAN = WAN | (LEAVE_POOL & 0xff);

export const FLOOD_LANE = SERF_LANES.length;
/** Step of the flooder, which waits for a join; those of serf and memberlist are below. */
export const FLOODED = 32;

export const WAN_LANES: readonly LaneSpec[] = [
  ...SERF_LANES,
  {
    name: 'flood',
    channels: [
      { name: 'ticks', capacity: 1 },
      { name: 'signals', capacity: 0 },
    ],
  },
];

const FLOOD_INPUTS: readonly InputSpec[] = [
  { name: 'flood tick', lane: FLOOD_LANE, channel: 0 },
  { name: 'flood', lane: FLOOD_LANE, channel: 1 },
];

const UNUSED = Array.from({ length: (FLOOD_TICK & 0xff) - SERF_INPUTS.length }, () => undefined);
export const WAN_INPUTS: readonly (InputSpec | undefined)[] = [
  ...SERF_INPUTS,
  ...UNUSED,
  ...FLOOD_INPUTS,
];

export const ROUTER_MACHINE = 0x21;
/** An event of the WAN pool: node, and what happened. */
export const ROUTER_EVENT = 0x2101;
/** By number of the datacenter, from 1. */
export const ROUTER_REBALANCE = 0x2102;
export const ROUTER_PING = 0x2103;

export const REBALANCE_LANE = 1;
export const PINGED = 1;

/** `consul:agent/consul/server.go (serfEventChSize)`. */
const EVENTS_MAX = 2048;

export const ROUTER_LANES: readonly LaneSpec[] = [
  { name: 'wan-events', channels: [{ name: 'events', capacity: EVENTS_MAX }] },
  { name: 'rebalance', channels: [{ name: 'timer', capacity: 1 }], keyed: true },
  { name: 'status', channels: [{ name: 'requests', capacity: 0 }] },
];

export const ROUTER_INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { name: 'wan event', lane: 0, channel: 0 },
  { name: 'rebalance', lane: REBALANCE_LANE, channel: 0 },
  {
    name: 'ping server',
    lane: 2,
    channel: 0,
    messageClass: 'rpc.status',
    pool: 'multiplexed',
    size: 60,
    answerSize: 60,
  },
];

export const RouterNote = {
  /** A rebalance is over: a: number of the datacenter, b: pings, c: 1 if one was answered. */
  rebalanced: 0x2101,
} as const;
