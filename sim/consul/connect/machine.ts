/**
 * The certificate authority of a leader (`consul:agent/consul/leader_connect_ca.go (CAManager)`;
 * reference: agents §5), with the provider that Consul brings, or one that may be out of reach.
 *
 * Known deviations: one datacenter, so that nothing is signed by another and the intermediate is the
 * root. The first root is written when leadership is established, not on the way there. A rotation is
 * one write, and what fails in the background is not tried again until the next leader.
 */
import type { Machine, Outbox, View } from '../../core/machine.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import type { ConnectChange } from '../state/connect.ts';
import { NOT_ENQUEUED, forgetProposal, lateProposals } from './proposals.ts';
import { changeIntention, initialize, onDutyAnswered, prune, rotate } from './roots.ts';
import { onGoOn, onPatience, onSign, onSigned, onSigningAnswered } from './signing.ts';
import { createCaState, saveCaState } from './state.ts';
import type { CaConfig, CaState, SignInput } from './state.ts';
import * as Kind from './vocabulary.ts';

function onEstablished(state: CaState, leads: boolean, out: Outbox): void {
  state.leads = leads;
  if (leads) {
    initialize(state, out);
    return;
  }
  state.provider = '';
  out.cancel(Kind.PRUNE_TIMER, 0);
}

function onAnswered(state: CaState, proposal: number, result: ApplyResult, out: Outbox): void {
  forgetProposal(state, proposal);
  if (!onSigningAnswered(state, proposal, result, out)) {
    onDutyAnswered(state, proposal, result, out);
  }
}

function onInput(state: CaState, input: number, from: number, body: unknown, out: Outbox): void {
  switch (input) {
    case Kind.ANSWERED:
      onAnswered(state, from, body as ApplyResult, out);
      return;
    case Kind.ESTABLISHED:
      onEstablished(state, from === 1, out);
      return;
    case Kind.SIGN:
      onSign(state, from, body as SignInput, out);
      return;
    case Kind.ROTATE:
      rotate(state, out);
      return;
    case Kind.CHANGE_INTENTION:
      changeIntention(state, body as ConnectChange, out);
      return;
    case Kind.REACHABLE:
      state.reachable = from === 1;
      return;
    case Kind.GO_ON_TIMER:
      onGoOn(state, from, out);
      return;
    case Kind.PATIENCE_TIMER:
      onPatience(state, from, out);
      return;
    case Kind.SIGNED_TIMER:
      onSigned(state, from, out);
      return;
    case Kind.PRUNE_TIMER:
      prune(state, out);
      return;
    case Kind.CALL_TIMER:
      for (const late of lateProposals(state, out)) onAnswered(state, late, NOT_ENQUEUED, out);
  }
}

function view({ provider, reachable, signings, places }: CaState): View {
  return { root: provider, reachable, signing: signings.size, places };
}

export const caMachine: Machine<CaState, null> = {
  name: 'authority',
  number: Kind.CA_MACHINE,
  lanes: Kind.CA_LANES,
  inputs: Kind.CA_INPUTS,
  notes: Kind.CA_NOTES,
  create: (config: CaConfig) => createCaState(config),
  onStart: () => {},
  onInput,
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: saveCaState,
  saveDurable: () => null,
};
