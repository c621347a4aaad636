/** Lanes, inputs and notes of the autopilot. */
import { CONNECTION_LANE } from '../../core/machine.ts';
import type { InputSpec, LaneSpec, NoteSpec } from '../../core/machine.ts';

export const AUTOPILOT_MACHINE = 8;

/** Raft's answers; the first input of every machine that proposes. */
export const ANSWERED = 0x801;
export const RAFT_STATS = 0x802;
export const STATS = 0x803;
export const UPDATE_TICK = 0x804;
export const FETCH_DEADLINE = 0x805;
export const RECONCILE_TICK = 0x806;
export const PRUNE = 0x807;

export const RECONCILE_LANE = 1;

/** The one step of its lane. */
export const GO_ON = 1;

/** The goroutines of `hashicorp/raft-autopilot:run.go`: the state's, and that of changes. */
export const AUTOPILOT_LANES: readonly LaneSpec[] = [
  { name: 'state', channels: [{ name: 'ticks', capacity: 0 }] },
  {
    name: 'reconcile',
    channels: [
      { name: 'ticks', capacity: 1 },
      { name: 'dead servers', capacity: 1 },
    ],
  },
];

export const AUTOPILOT_INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { name: 'raft answer', lane: 0, channel: 0 },
  {
    name: 'raft stats',
    lane: CONNECTION_LANE,
    channel: 0,
    messageClass: 'rpc.status',
    pool: 'multiplexed',
    size: 60,
    answerSize: 80,
  },
  { name: 'stats', lane: 0, channel: 0 },
  { name: 'update state', lane: 0, channel: 0 },
  { name: 'end of fetch', lane: 0, channel: 0 },
  { name: 'reconcile', lane: RECONCILE_LANE, channel: 0 },
  { name: 'remove dead servers', lane: RECONCILE_LANE, channel: 1 },
];

export const AutopilotNote = {
  /** A server's health as this one sees it: a: server, b: 1 healthy. */
  health: 0x801,
  /** It asks for a vote for a server that has none: a: server. */
  promote: 0x802,
  /** It has a dead server leave: a: server, b: voters before, c: 1 where it had a vote. */
  prune: 0x803,
  /** A dead voter stays, lest too few remain: a: server, b: voters. */
  spare: 0x804,
} as const;

export const AUTOPILOT_NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'health', text: (a, b, _, name) => `${name(a)} ${b === 1 ? 'healthy' : 'unhealthy'}` },
  { name: 'promote', text: (a, _b, _c, name) => `${name(a)}` },
  { name: 'prune', text: (a, b, c, name) => `${name(a)} voters=${b} vote=${c}` },
  { name: 'spare', text: (a, b, _, name) => `${name(a)} voters=${b}`, detail: 1 },
];
