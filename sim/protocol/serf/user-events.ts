/** User events (`hashicorp/serf:serf/serf.go (UserEvent, handleUserEvent)`): each is delivered once. */
import { assert } from '../../core/assert.ts';
import type { Outbox } from '../../core/machine.ts';
import type { Member } from '../gossip/member.ts';
import { broadcastMessage } from './broadcasts.ts';
import { EVENT_BYTES_MAX, userEvent } from './messages.ts';
import type { UserEvent } from './messages.ts';
import { recordEvent } from './snapshot.ts';
import { serfOf } from './state.ts';
import { SerfNote } from './vocabulary.ts';

/** What a program asks to be told to all. */
export interface FireEvent {
  readonly name: string;
  readonly payload: string;
}

export function fireEvent(member: Member, { name, payload }: FireEvent, out: Outbox): void {
  const serf = serfOf(member);
  const event = userEvent(serf.eventClock, name, payload);
  assert(event.bytes <= EVENT_BYTES_MAX, 'a user event is small');
  serf.eventClock++;
  onUserEvent(member, event, out);
  broadcastMessage(member, event, out);
}

/** Whether it is news. */
export function onUserEvent(member: Member, event: UserEvent, out: Outbox): boolean {
  const serf = serfOf(member);
  const { time, name, payload } = event;
  if (time >= serf.eventClock) serf.eventClock = time + 1;
  if (time < serf.eventTimeMin) return false;
  const { eventBuffer } = serf.config;
  if (serf.eventClock > eventBuffer && time < serf.eventClock - eventBuffer) return false;
  const slot = time % eventBuffer;
  const seen = serf.events.get(slot);
  const before = seen?.time === time ? seen.what : [];
  if (before.some(([other, said]) => other === name && said === payload)) return false;
  serf.events.set(slot, { time, what: [...before, [name, payload]] });
  out.note(SerfNote.event, time, 0, 0);
  recordEvent(member, time, out);
  serf.config.application.onUserEvent?.(name, payload, out);
  return true;
}
