/**
 * Lanes and inputs of the textbook machine. What others see of it (proposals, notes, the FSM thread)
 * has the numbers of `protocol/raft`; its messages are datagrams, which may be lost, late or twice.
 */
import type { InputSpec, LaneSpec } from '../../core/machine.ts';
import {
  APPLY,
  APPEND,
  ELECTION_TIMER,
  FSM_APPLY,
  HEARTBEAT,
  HEARTBEAT_TIMER,
  PRE_VOTE,
  PRE_VOTE_RESULT,
  RAFT_INPUTS,
  VOTE,
  VOTE_RESULT,
} from '../raft/vocabulary.ts';

export const APPEND_RESULT = 0x150;

const MAIN_LANE = 0;
const FSM_LANE = 1;

/** One thread does everything; a second one applies. */
export const PAPER_LANES: readonly LaneSpec[] = [
  {
    name: 'main',
    channels: [
      { name: 'messages', capacity: 0 },
      { name: 'apply', capacity: 0 },
      { name: 'election-timer', capacity: 1 },
      { name: 'heartbeat-timer', capacity: 1 },
    ],
  },
  { name: 'fsm', channels: [{ name: 'mutate', capacity: 128 }] },
];

/** Bytes on the wire, as those of hashicorp/raft's messages. */
const ANSWER_BYTES = 125;
const VOTE_ANSWER_BYTES = 103;

type Size = NonNullable<InputSpec['size']>;

function message(name: string, messageClass: string, size: Size): InputSpec {
  return { name, lane: MAIN_LANE, channel: 0, messageClass, size };
}

const bytesOf = (input: number): Size => RAFT_INPUTS[input & 255]!.size!;

const SPECS: readonly (readonly [number, InputSpec])[] = [
  [HEARTBEAT, message('heartbeat', 'raft.heartbeat', bytesOf(APPEND))],
  [APPEND, message('append', 'raft.append', bytesOf(APPEND))],
  [APPEND_RESULT, message('append result', 'raft.append', () => ANSWER_BYTES)],
  [VOTE, message('vote', 'raft.vote', bytesOf(VOTE))],
  [VOTE_RESULT, message('vote result', 'raft.vote', () => VOTE_ANSWER_BYTES)],
  [PRE_VOTE, message('pre-vote', 'raft.prevote', bytesOf(PRE_VOTE))],
  [PRE_VOTE_RESULT, message('pre-vote result', 'raft.prevote', () => VOTE_ANSWER_BYTES)],
  [APPLY, { name: 'apply', lane: MAIN_LANE, channel: 1 }],
  [ELECTION_TIMER, { name: 'election timeout', lane: MAIN_LANE, channel: 2 }],
  [HEARTBEAT_TIMER, { name: 'heartbeat tick', lane: MAIN_LANE, channel: 3 }],
  [FSM_APPLY, { name: 'fsm apply', lane: FSM_LANE, channel: 0 }],
];

export const PAPER_INPUTS: readonly (InputSpec | undefined)[] = Array.from(
  { length: (APPEND_RESULT & 255) + 1 },
  (_, low) => SPECS.find(([input]) => (input & 255) === low)?.[1],
);
