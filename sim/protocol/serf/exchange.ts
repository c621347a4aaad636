/**
 * Serf's half of a full exchange (`hashicorp/serf:serf/delegate.go (LocalState, MergeRemoteState)`):
 * clocks, the time of each member's status, who has left, and recent user events. Nothing that is
 * learnt this way is told on by gossip.
 */
import type { Outbox } from '../../core/machine.ts';
import type { UserState } from '../gossip/delegate.ts';
import type { Member } from '../gossip/member.ts';
import { onJoinIntent, onLeaveIntent, witness } from './intents.ts';
import { FOUNDER, Status, maybeComplete, memberOf } from './members.ts';
import { joinIntent, leaveIntent, userEvent } from './messages.ts';
import { serfOf } from './state.ts';
import type { Seen, Serf } from './state.ts';
import { onUserEvent } from './user-events.ts';

export interface SerfState extends UserState {
  readonly clock: number;
  readonly eventClock: number;
  readonly queryClock: number;
  /** Nodes of a formed pool that are not in `times` are as everybody holds them. */
  readonly complete: boolean;
  readonly times: readonly (readonly [node: number, time: number])[];
  readonly left: readonly number[];
  readonly events: readonly Seen<readonly [name: string, payload: string]>[];
}

const HEADER_BYTES = 70;
const MEMBER_BYTES = 4;

export function localState(member: Member): SerfState {
  const serf = serfOf(member);
  const { clock, eventClock, queryClock, complete } = serf;
  const times = [...serf.members.keys()]
    .toSorted((one, other) => one - other)
    .flatMap((node): [number, number][] => {
      const { status, time } = memberOf(serf, node);
      // A founder that was erased is not in the original's map; time 0 says as much.
      return status === Status.none && !complete ? [] : [[node, time]];
    });
  const events = [...serf.events.values()].toSorted((one, other) => one.time - other.time);
  const left = serf.left.slice();
  const bytes = bytesOf(member, serf, events);
  return { clock, eventClock, queryClock, complete, times, left, events, bytes };
}

function bytesOf(member: Member, serf: Serf, events: SerfState['events']): number {
  const { nameBytes } = member.pool;
  const name = nameBytes[member.node];
  const told = events.flatMap(({ what }) => what.map(([one, payload]) => one + payload));
  const body = told.reduce((sum, text) => sum + text.length + MEMBER_BYTES, 0);
  const members = serf.count * (MEMBER_BYTES + name);
  const left = serf.left.reduce((sum, node) => sum + 1 + nameBytes[node], 0);
  return HEADER_BYTES + serf.config.eventBuffer + members + left + body;
}

export function mergeState(member: Member, theirs: SerfState, join: boolean, out: Outbox): void {
  const serf = serfOf(member);
  // Nobody has used the present time of a clock yet.
  witness(member, theirs.clock - 1, out);
  serf.eventClock = Math.max(serf.eventClock, theirs.eventClock);
  serf.queryClock = Math.max(serf.queryClock, theirs.queryClock);
  mergeTimes(member, theirs, out);
  if (join && serf.ignoresOld) {
    serf.eventTimeMin = Math.max(serf.eventTimeMin, theirs.eventClock);
  }
  for (const { time, what } of theirs.events) {
    for (const [name, payload] of what) onUserEvent(member, userEvent(time, name, payload), out);
  }
  maybeComplete(serf);
}

/** Those who left first, one time past their status: their leave has no time of its own here. */
function mergeTimes(member: Member, theirs: SerfState, out: Outbox): void {
  const { founders, complete } = serfOf(member);
  const times = new Map(theirs.times);
  const left = new Set(theirs.left);
  for (const node of theirs.left) {
    const time = (times.get(node) ?? FOUNDER.time) + 1;
    onLeaveIntent(member, leaveIntent(time, node, false, 0), out);
  }
  const joined = (node: number, time: number): void => {
    if (!left.has(node)) onJoinIntent(member, joinIntent(time, node, 0), out);
  };
  for (const [node, time] of theirs.times) joined(node, time);
  // Who holds the same of the others learns nothing from what is as everybody holds it.
  if (!theirs.complete) return;
  const nodes = complete
    ? [...serfOf(member).members.keys()].toSorted((x, y) => x - y)
    : founders.keys();
  for (const node of nodes) {
    if (founders[node] === 1 && !times.has(node)) joined(node, FOUNDER.time);
  }
}
