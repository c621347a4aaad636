/** Serf behind memberlist's delegate: which of its functions memberlist calls for what. */
import type { Outbox } from '../../core/machine.ts';
import type { Delegate, UserMessage, UserState } from '../gossip/delegate.ts';
import type { Member } from '../gossip/member.ts';
import { sendUserMessage } from '../gossip/packets.ts';
import { broadcastMessage, endLeaveWait, fillPacket } from './broadcasts.ts';
import { onNameConflict } from './conflict.ts';
import { localState, mergeState } from './exchange.ts';
import type { SerfState } from './exchange.ts';
import { broadcastJoin, onJoinIntent, onLeaveIntent } from './intents.ts';
import { onMemberEvent } from './member-events.ts';
import type { SerfMessage } from './messages.ts';
import { onAnswer, onQuery } from './queries.ts';
import { serfOf } from './state.ts';
import { onUserEvent } from './user-events.ts';
import { USER_MESSAGE } from './vocabulary.ts';

/** `NotifyMsg`: what is news goes on. */
function onMessage(member: Member, message: SerfMessage, out: Outbox): void {
  switch (message.kind) {
    case 'leave':
      if (onLeaveIntent(member, message, out)) broadcastMessage(member, message, out);
      return;
    case 'join':
      if (onJoinIntent(member, message, out)) broadcastMessage(member, message, out);
      return;
    case 'event':
      if (onUserEvent(member, message, out)) broadcastMessage(member, message, out);
      return;
    case 'query':
      if (onQuery(member, message, out)) broadcastMessage(member, message, out);
      return;
    case 'answer':
      onAnswer(member, message, out);
      return;
    case 'relayed':
      sendUserMessage(member, message.to, USER_MESSAGE, message.answer, out);
  }
}

export const serfDelegate: Delegate = {
  onEvent: (member, event, node, out) => onMemberEvent(member, event, node, out),
  onMessage: (member: Member, message: UserMessage, out: Outbox) =>
    onMessage(member, message as SerfMessage, out),
  fillPacket,
  localState,
  mergeState: (member, theirs: UserState, join, out) =>
    mergeState(member, theirs as SerfState, join, out),
  onBroadcast: (member, _complete, out) => endLeaveWait(member, out),
  onConflict: (member, node, out) => onNameConflict(member, node, out),
  onJoining: (member) => {
    serfOf(member).ignoresOld = serfOf(member).config.joinIgnoresOld;
  },
  onJoined: (member, reached, out) => {
    const serf = serfOf(member);
    serf.ignoresOld = false;
    if (reached > 0 && serf.state === 'alive') broadcastJoin(member, out);
  },
};
