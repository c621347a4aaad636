/**
 * Members of the pool -> servers of the Raft configuration and nodes of the catalog
 * (`consul:agent/consul/leader.go (reconcile, reconcileMember, reconcileReaped)`,
 * `leader_registrator_v1.go`; reference: consul §2.6). One member after the other, one entry each.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Step, StepResult } from '../../core/procedure.ts';
import { NEXT, after, jump } from '../../core/procedure.ts';
import { ChangeCommand } from '../../protocol/raft/configuration.ts';
import { ApplyError, EntryType, isMember } from '../../protocol/raft/types.ts';
import type { Command } from '../../protocol/raft/types.ts';
import { MemberStatus } from '../membership/members.ts';
import type { MemberSpec } from '../membership/members.ts';
import { knownMembers, membershipOf, raftOf } from '../membership/server.ts';
import { PRUNE } from '../autopilot/vocabulary.ts';
import type { Duty } from './loop.ts';
import { change, propose } from './state.ts';
import type { LeaderState, Loop, MemberChange } from './state.ts';
import { LeaderNote } from './vocabulary.ts';

function specOf({ process }: MemberChange, out: Outbox): MemberSpec {
  return membershipOf(out)!.config.members.find((member) => member.process === process)!;
}

/** A server that is alive joins the configuration, without a vote at first; one that left leaves it. */
function changePeers(state: LeaderState, member: MemberChange, out: Outbox): boolean {
  if (!specOf(member, out).server) return false;
  const { process: server, status } = member;
  const known = isMember(raftOf(out).latest, server);
  if (status === MemberStatus.alive && !known) {
    change(state, { command: ChangeCommand.addNonvoter, server }, out);
    return true;
  }
  const leaves = status === MemberStatus.left || status === MemberStatus.reaped;
  // A leader that leaves lets another take over, and that one does this.
  if (!leaves || !known || server === state.self) return false;
  change(state, { command: ChangeCommand.removeServer, server }, out);
  return true;
}

function commandFor(state: LeaderState, member: MemberChange, out: Outbox): Command | null {
  const { catalog } = state.config;
  const { fsm } = raftOf(out);
  const spec = specOf(member, out);
  switch (member.status) {
    case MemberStatus.alive:
      return catalog.alive(fsm, spec);
    case MemberStatus.failed:
      return catalog.failed(fsm, spec);
    case MemberStatus.left:
    case MemberStatus.reaped:
      return member.process === state.self ? null : catalog.gone(fsm, spec);
    default:
      return null;
  }
}

export const reconcileSteps: readonly Step<Duty, Loop>[] = [
  {
    name: 'reconcile',
    run: ({ out }, loop): StepResult => {
      loop.left = knownMembers(membershipOf(out)!).map(({ spec: { process }, member }) => ({
        process,
        status: member.status,
      }));
      loop.whole = true;
      out.note(LeaderNote.reconciled, loop.left.length, 0, 0);
      return NEXT;
    },
  },
  {
    name: 'member',
    run: ({ state, out }, loop): StepResult => {
      loop.member = loop.left.shift() ?? null;
      if (loop.member === null) return jump(loop.whole ? 'nodes without a member' : 'wait');
      state.answer = null;
      return changePeers(state, loop.member, out) ? after('a new configuration') : NEXT;
    },
  },
  {
    name: 'catalog',
    run: ({ state, out }, loop): StepResult => {
      const { member } = loop;
      if (state.answer !== null) {
        if (state.answer.error !== ApplyError.none) return jump('member');
        if (member!.status === MemberStatus.alive) out.post(PRUNE, 0, 0, null);
      }
      const command = commandFor(state, member!, out);
      if (command === null) return jump('member');
      propose(state, EntryType.command, command, out);
      return after('the catalog');
    },
  },
  { name: 'next member', run: (): StepResult => jump('member') },
  {
    name: 'nodes without a member',
    run: ({ state, out }, loop): StepResult => {
      const members = knownMembers(membershipOf(out)!).map(({ spec }) => spec);
      loop.unknown = state.config.catalog.unknown(raftOf(out).fsm, members);
      return NEXT;
    },
  },
  {
    name: 'deregister',
    run: ({ state, out }, loop): StepResult => {
      const command = loop.unknown.shift();
      if (command === undefined) {
        loop.listens = true;
        return jump('wait');
      }
      propose(state, EntryType.command, command, out);
      return after('the catalog');
    },
  },
  { name: 'next node', run: (): StepResult => jump('deregister') },
];
