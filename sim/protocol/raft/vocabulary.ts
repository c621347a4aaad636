/** Lanes, inputs and notes of the Raft machine. */
import { CONNECTION_LANE } from '../../core/machine.ts';
import type { InputSpec, LaneSpec, NoteSpec } from '../../core/machine.ts';
import type { InstallPart } from './snapshot-types.ts';
import type { AppendRequest } from './types.ts';

export const RAFT_MACHINE = 1;

export const MAIN_LANE = 0;
export const FSM_LANE = 1;
export const REPLICATE_LANE = 2;
export const HEARTBEAT_LANE = 3;
export const DECODE_LANE = 4;
export const TRANSFER_LANE = 5;
export const TRANSFER_WATCH_LANE = 6;
export const SNAPSHOT_LANE = 7;

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

/** Inputs and notes from here on are those of snapshots. */
const SNAPSHOT_INPUTS = 0x40;
export const INSTALL = 0x140;
export const INSTALL_PART = 0x141;
export const INSTALL_ANSWER = 0x142;
export const SNAPSHOT_TIMER = 0x143;
export const FSM_SNAPSHOT = 0x144;
export const CONFIGURATIONS = 0x145;
export const FSM_RESTORE = 0x146;
export const BOOTSTRAP = 0x147;

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
      { name: 'configurations', capacity: 8 },
      { name: 'bootstrap', capacity: 1 },
    ],
  },
  {
    name: 'fsm',
    channels: [
      { name: 'mutate', capacity: 128 },
      { name: 'snapshot', capacity: 0 },
    ],
  },
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
  { name: 'snapshot', channels: [{ name: 'timer', capacity: 1 }] },
];

/** Index of a channel of the main thread. */
function mainChannel(name: string): number {
  return RAFT_LANES[MAIN_LANE].channels.findIndex((channel) => channel.name === name);
}

/** Bytes on the wire (reference: raft §4.1). */
const HEARTBEAT_BYTES = 165;
const APPEND_BYTES = 172;
const APPEND_RESPONSE_BYTES = 125;
const ENTRY_BYTES = 69;
/** A KV command with a 100-byte value (reference: consul RPC §4.2, raft data of KVS.Apply). */
const COMMAND_BYTES = 217;

/** Head of an InstallSnapshot without the state (reference: raft §4.1). */
const INSTALL_BYTES = 300;
const INSTALL_RESPONSE_BYTES = 103;

const INPUTS: readonly (InputSpec | undefined)[] = [
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

export const RAFT_INPUTS: readonly (InputSpec | undefined)[] = [
  ...padded(INPUTS, SNAPSHOT_INPUTS),
  {
    name: 'install snapshot',
    lane: MAIN_LANE,
    channel: 0,
    messageClass: 'raft.install',
    pool: 'fresh',
    size: INSTALL_BYTES,
    answerSize: INSTALL_RESPONSE_BYTES,
  },
  {
    name: 'snapshot part',
    lane: MAIN_LANE,
    channel: 0,
    messageClass: 'raft.install',
    pool: 'fresh',
    size: ({ bytes }: InstallPart) => bytes,
  },
  { name: 'install answer', lane: DECODE_LANE, channel: 0 },
  { name: 'snapshot check', lane: SNAPSHOT_LANE, channel: 0 },
  { name: 'fsm snapshot', lane: FSM_LANE, channel: 1 },
  { name: 'configurations', lane: MAIN_LANE, channel: mainChannel('configurations') },
  { name: 'fsm restore', lane: FSM_LANE, channel: 0 },
  { name: 'bootstrap', lane: MAIN_LANE, channel: mainChannel('bootstrap') },
];

function padded<T>(list: readonly (T | undefined)[], length: number): (T | undefined)[] {
  return [...list, ...Array.from({ length: length - list.length }, () => undefined)];
}

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
  /** A verification of leadership begins: a: its number, b: term. */
  verifying: 0x112,
  /** A quorum has confirmed the leader: a: number of the verification. */
  verified: 0x113,
  /** A leader tells another to take over: a: target, b: term. */
  handingOver: 0x114,
  /** The target has heard it: a: target. */
  handedOver: 0x115,
  /** Appends wait after failures: a: peer, b: microseconds. */
  backoff: 0x116,
  /** The FSM thread captures its state: a: index, b: term, c: digest of the state. */
  captured: 0x140,
  /** A snapshot is on disk: a: index, b: term, c: digest of the state. */
  snapshot: 0x141,
  /** The log is trimmed: a: last index removed. */
  trimmed: 0x142,
  /** A leader sends its newest snapshot: a: peer, b: index, c: bytes. */
  sending: 0x143,
  /** An InstallSnapshot is over: a: index, b: term, c: digest of the state. */
  installed: 0x144,
  /** The FSM thread restores a snapshot: a: index, b: prefix, c: digest of the state. */
  restored: 0x145,
  /** A server bootstraps its cluster: a: 1 done, 0 refused. */
  bootstrap: 0x146,
} as const;

const NOTES: readonly (NoteSpec | undefined)[] = [
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
  { name: 'verify leader', text: (a, b) => `number=${a} term=${b}`, detail: 1 },
  { name: 'leader verified', text: (a) => `number=${a}`, detail: 1 },
  { name: 'hand over', text: (a, b, _c, name) => `to=${name(a)} term=${b}` },
  { name: 'handed over', text: (a, _b, _c, name) => `to=${name(a)}` },
  { name: 'back off', text: (a, b, _c, name) => `from=${name(a)} for=${b / 1000}ms`, detail: 1 },
];

export const RAFT_NOTES: readonly (NoteSpec | undefined)[] = [
  ...padded(NOTES, SNAPSHOT_INPUTS),
  { name: 'capture', text: (a, b) => `index=${a} term=${b}`, detail: 1 },
  { name: 'snapshot', text: (a, b) => `index=${a} term=${b}` },
  { name: 'trim log', text: (a) => `to=${a}` },
  { name: 'send snapshot', text: (a, b, c, name) => `to=${name(a)} index=${b} bytes=${c}` },
  { name: 'install', text: (a, b) => `index=${a} term=${b}` },
  { name: 'restore', text: (a) => `index=${a}` },
  { name: 'bootstrap', text: (a) => (a === 1 ? 'done' : 'refused') },
];
