/** Lanes, inputs and notes of the Raft machine. */
import { CONNECTION_LANE } from '../../core/machine.ts';
import type { InputSpec, LaneSpec, NoteSpec } from '../../core/machine.ts';
import type { AppendRequest } from './types.ts';

export const RAFT_MACHINE = 1;

export const MAIN_LANE = 0;
export const FSM_LANE = 1;
export const REPLICATE_LANE = 2;
export const HEARTBEAT_LANE = 3;
export const DECODE_LANE = 4;
export const TRANSFER_LANE = 5;
export const TRANSFER_WATCH_LANE = 6;

export const HEARTBEAT = 0x101;
export const APPEND = 0x102;
export const VOTE = 0x103;
export const PRE_VOTE = 0x104;
export const VOTE_RESULT = 0x105;
export const PRE_VOTE_RESULT = 0x106;
export const APPLY = 0x107;
export const COMMIT = 0x108;
export const STEP_DOWN = 0x109;
export const FOLLOWER_TIMER = 0x10a;
export const ELECTION_TIMER = 0x10b;
export const LEASE_TIMER = 0x10c;
export const TRIGGER = 0x10d;
export const REPLICATE_STOP = 0x10e;
export const COMMIT_TIMER = 0x10f;
export const PIPELINE_ANSWER = 0x110;
export const PIPELINE_FINISHED = 0x111;
export const HEARTBEAT_TIMER = 0x112;
export const HEARTBEAT_STOP = 0x113;
export const FSM_APPLY = 0x114;
export const VERIFY = 0x115;
export const VERIFIED = 0x116;
export const FORCE_HEARTBEAT = 0x117;
export const CHANGE = 0x118;
export const CHANGE_READY = 0x119;
export const TRANSFER = 0x11a;
export const TIMEOUT_NOW = 0x11b;
export const CATCH_UP = 0x11c;
export const TRANSFER_BEGIN = 0x11d;
export const CAUGHT_UP = 0x11e;
export const TRANSFER_STOP = 0x11f;
export const TRANSFER_TIMER = 0x120;
export const TRANSFER_DONE = 0x121;
export const TRANSFER_LEFT = 0x122;

/** `hashicorp/raft:api.go (NewRaft)`: channels of the main thread and their capacities. */
export const RAFT_LANES: readonly LaneSpec[] = [
  {
    name: 'main',
    channels: [
      { name: 'rpc', capacity: 0 },
      { name: 'apply', capacity: 0 },
      { name: 'votes', capacity: 0 },
      { name: 'pre-votes', capacity: 0 },
      { name: 'commit', capacity: 1 },
      { name: 'step-down', capacity: 1 },
      { name: 'heartbeat-timer', capacity: 1 },
      { name: 'election-timer', capacity: 1 },
      { name: 'lease-timer', capacity: 1 },
      { name: 'verify', capacity: 0 },
      { name: 'configuration-change', capacity: 0 },
      { name: 'leadership-transfer', capacity: 1 },
    ],
  },
  { name: 'fsm', channels: [{ name: 'mutate', capacity: 128 }] },
  {
    name: 'replicate',
    keyed: true,
    channels: [
      { name: 'trigger', capacity: 1 },
      { name: 'stop', capacity: 1 },
      { name: 'commit-timer', capacity: 1 },
      { name: 'finished', capacity: 1 },
      { name: 'deferred', capacity: 1 },
    ],
  },
  {
    name: 'heartbeat',
    keyed: true,
    channels: [
      { name: 'timer', capacity: 1 },
      { name: 'stop', capacity: 1 },
      { name: 'notify', capacity: 1 },
    ],
  },
  { name: 'decode', keyed: true, channels: [{ name: 'responses', capacity: 0 }] },
  {
    name: 'transfer',
    channels: [
      { name: 'caught-up', capacity: 0 },
      { name: 'stop', capacity: 1 },
    ],
  },
  {
    name: 'transfer-watch',
    channels: [
      { name: 'timer', capacity: 1 },
      { name: 'done', capacity: 1 },
      { name: 'left', capacity: 1 },
    ],
  },
];

/** Bytes on the wire (reference: raft §4.1). */
const HEARTBEAT_BYTES = 165;
const APPEND_BYTES = 172;
const APPEND_RESPONSE_BYTES = 125;
const ENTRY_BYTES = 69;
/** A KV command with a 100-byte value (reference: consul RPC §4.2, raft data of KVS.Apply). */
const COMMAND_BYTES = 217;

export const RAFT_INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  {
    name: 'heartbeat',
    lane: CONNECTION_LANE,
    channel: 0,
    messageClass: 'raft.heartbeat',
    size: HEARTBEAT_BYTES,
    answerSize: APPEND_RESPONSE_BYTES,
  },
  {
    name: 'append',
    lane: MAIN_LANE,
    channel: 0,
    messageClass: 'raft.append',
    size: (body: AppendRequest) =>
      APPEND_BYTES + body.entries.length * (ENTRY_BYTES + COMMAND_BYTES),
    answerSize: APPEND_RESPONSE_BYTES,
  },
  {
    name: 'vote',
    lane: MAIN_LANE,
    channel: 0,
    messageClass: 'raft.vote',
    size: 163,
    answerSize: 103,
  },
  {
    name: 'pre-vote',
    lane: MAIN_LANE,
    channel: 0,
    messageClass: 'raft.prevote',
    size: 118,
    answerSize: 96,
  },
  { name: 'vote result', lane: MAIN_LANE, channel: 2 },
  { name: 'pre-vote result', lane: MAIN_LANE, channel: 3 },
  { name: 'apply', lane: MAIN_LANE, channel: 1 },
  { name: 'commit', lane: MAIN_LANE, channel: 4 },
  { name: 'step down', lane: MAIN_LANE, channel: 5 },
  { name: 'heartbeat timeout', lane: MAIN_LANE, channel: 6 },
  { name: 'election timeout', lane: MAIN_LANE, channel: 7 },
  { name: 'lease check', lane: MAIN_LANE, channel: 8 },
  { name: 'trigger', lane: REPLICATE_LANE, channel: 0 },
  { name: 'stop', lane: REPLICATE_LANE, channel: 1 },
  { name: 'commit timeout', lane: REPLICATE_LANE, channel: 2 },
  { name: 'pipeline answer', lane: DECODE_LANE, channel: 0 },
  { name: 'pipeline finished', lane: REPLICATE_LANE, channel: 3 },
  { name: 'heartbeat tick', lane: HEARTBEAT_LANE, channel: 0 },
  { name: 'stop heartbeat', lane: HEARTBEAT_LANE, channel: 1 },
  { name: 'fsm apply', lane: FSM_LANE, channel: 0 },
  { name: 'verify leader', lane: MAIN_LANE, channel: 9 },
  { name: 'verified', lane: MAIN_LANE, channel: 9 },
  { name: 'force heartbeat', lane: HEARTBEAT_LANE, channel: 2 },
  { name: 'configuration change', lane: MAIN_LANE, channel: 10 },
  { name: 'configuration stable', lane: MAIN_LANE, channel: 10 },
  { name: 'transfer leadership', lane: MAIN_LANE, channel: 11 },
  {
    name: 'timeout now',
    lane: MAIN_LANE,
    channel: 0,
    messageClass: 'raft.timeout-now',
    size: () => 81,
    answerSize: () => 29,
  },
  { name: 'catch up', lane: REPLICATE_LANE, channel: 4 },
  { name: 'transfer begins', lane: TRANSFER_LANE, channel: 0 },
  { name: 'caught up', lane: TRANSFER_LANE, channel: 0 },
  { name: 'stop transfer', lane: TRANSFER_LANE, channel: 1 },
  { name: 'transfer timeout', lane: TRANSFER_WATCH_LANE, channel: 0 },
  { name: 'timeout now sent', lane: TRANSFER_WATCH_LANE, channel: 1 },
  { name: 'leadership left', lane: TRANSFER_WATCH_LANE, channel: 2 },
];

/** Low bytes of the notes; `RaftNote.x` is the full kind. */
export const RaftNote = {
  /** a: term, b: last index. */
  becameFollower: 0x101,
  becameCandidate: 0x102,
  becameLeader: 0x103,
  /** a: new term, b: old term. */
  term: 0x104,
  /** A real vote is granted: a: term, b: candidate. */
  voted: 0x105,
  /** A real election begins: a: term. */
  election: 0x106,
  preVote: 0x107,
  /** a: first index, b: last index, c: 1 on the leader. */
  appended: 0x108,
  /** a: first index removed, b: last. */
  truncated: 0x109,
  /** a: new commit index, b: old one. */
  committed: 0x10a,
  /** a: index, b: prefix, c: term. */
  applied: 0x10b,
  /** The leader hands a batch to its disk: a: first index, b: last, c: term. */
  dispatched: 0x10c,
  /** a: voters in contact, b: quorum. */
  leaseLost: 0x10d,
  /** a: peer, b: new next index. */
  rejected: 0x10e,
  /** Known leader: a: process or -1. */
  leaderKnown: 0x10f,
  /** a: candidate, b: term, c: number of the rule that refused (vote table of the reference). */
  refused: 0x110,
  /** A leader has a new configuration: a: its index, b: voters, c: servers. */
  reconfigured: 0x111,
} as const;

export const RAFT_NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'become follower', text: (a, b) => `term=${a} last=${b}` },
  { name: 'become candidate', text: (a, b) => `term=${a} last=${b}` },
  { name: 'become leader', text: (a, b) => `term=${a} last=${b}` },
  { name: 'new term', text: (a, b) => `term=${a} was=${b}` },
  { name: 'grant vote', text: (a, b, _, name) => `term=${a} to=${name(b)}` },
  { name: 'start election', text: (a) => `term=${a}` },
  { name: 'start pre-vote', text: (a) => `term=${a}` },
  { name: 'append', text: (a, b) => `${a}..${b}`, detail: 1 },
  { name: 'truncate', text: (a, b) => `${a}..${b}` },
  { name: 'commit', text: (a, b) => `index=${a} was=${b}`, detail: 1 },
  { name: 'apply', text: (a, _, c) => `index=${a} term=${c}`, detail: 1 },
  { name: 'dispatch', text: (a, b, c) => `${a}..${b} term=${c}`, detail: 1 },
  { name: 'lose lease', text: (a, b) => `contact=${a} quorum=${b}` },
  { name: 'append rejected', text: (a, b, _, name) => `by=${name(a)} next=${b}` },
  { name: 'leader known', text: (a, _b, _c, name) => `leader=${a < 0 ? '-' : name(a)}`, detail: 1 },
  { name: 'refuse vote', text: (a, b, c, name) => `to=${name(a)} term=${b} rule=${c}` },
  { name: 'new configuration', text: (a, b, c) => `index=${a} voters=${b} servers=${c}` },
];
