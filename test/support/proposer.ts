/** What proposes in a test cluster: a machine beside Raft that only collects what became of proposals. */
import { mix } from '../../sim/core/fingerprint.ts';
import type { Machine, Outbox, View } from '../../sim/core/machine.ts';
import type { ApplyResult, Entry, Fsm } from '../../sim/protocol/raft/types.ts';
import { EntryType } from '../../sim/protocol/raft/types.ts';
import type { Command } from '../../sim/protocol/raft/types.ts';

/** High enough to stay out of the way of real machines. */
const PROPOSER_MACHINE = 120;
export const PROPOSAL_APPLIED = (PROPOSER_MACHINE << 8) | 1;

export interface ProposerConfig {
  readonly onApplied: (server: number, tag: number, result: ApplyResult) => void;
}

type ProposerState = ProposerConfig;

export const proposerMachine: Machine<ProposerState, null> = {
  name: 'proposer',
  number: PROPOSER_MACHINE,
  lanes: [{ name: 'main', channels: [{ name: 'applied', capacity: 0 }] }],
  inputs: [undefined, { name: 'applied', lane: 0, channel: 0 }],
  notes: [],
  create: (config: ProposerConfig): ProposerState => config,
  onStart: () => {},
  onInput: (state: ProposerState, _input, from, body, out: Outbox) => {
    state.onApplied(out.self, from, body as ApplyResult);
  },
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view: (): View => ({}),
  save: (state) => state,
  saveDurable: () => null,
};

/** The digests applied so far, in order. The result of a command is how many there were. */
export const listFsm: Fsm<number[]> = {
  create: () => [],
  apply: (state, entry: Entry) => {
    if (entry.type !== EntryType.command) return 0;
    return state.push((entry.data as Command).digest);
  },
  save: (state) => state.slice(),
  bytes: (state) => 100 * state.length,
  digest: (state) => state.reduce(mix, 0),
};
