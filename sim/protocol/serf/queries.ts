/**
 * Queries (`hashicorp/serf:serf/query.go`, `serf.go (Query, handleQuery, handleQueryResponse)`): asked of
 * everybody by gossip, answered to the asker directly, and through others besides where it wants that.
 *
 * Known deviation: filters by tags are not modelled, and programs answer at once or not at all.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from '../gossip/member.ts';
import { isGone } from '../gossip/messages.ts';
import { sendUserMessage } from '../gossip/packets.ts';
import { ceilLog10 } from '../gossip/timing.ts';
import { broadcastMessage } from './broadcasts.ts';
import { CONFLICT, conflictAnswer, onConflictVote } from './conflict.ts';
import { Status, knownNodes, statusOf } from './members.ts';
import { answer, query as makeQuery, relayed } from './messages.ts';
import type { Query, QueryAnswer } from './messages.ts';
import { recordQuery } from './snapshot.ts';
import { serfOf } from './state.ts';
import type { OpenQuery } from './state.ts';
import { QUERY_ENDS, SerfNote, USER_MESSAGE } from './vocabulary.ts';

/** What a program asks. */
export interface AskQuery {
  readonly name: string;
  readonly payload: string;
  readonly nodes?: readonly number[] | null;
  readonly wantsAck?: boolean;
  readonly relayFactor?: number;
  readonly timeoutMicros?: number;
}

const ID_MAX = 2 ** 31;

/** Members that are not gone, as memberlist counts them (`NumMembers`). */
function livingMembers({ pool, index }: Member): number {
  let count = 0;
  for (let node = 0; node < pool.views.nodes; node++) {
    const held = pool.views.get(index, node);
    if (held !== 0 && !isGone(held)) count++;
  }
  return count;
}

/** `DefaultQueryTimeout`. */
export function queryTimeoutMicros(member: Member): number {
  const { gossipIntervalMicros } = member.config;
  const { queryTimeoutMult } = serfOf(member).config;
  return gossipIntervalMicros * queryTimeoutMult * ceilLog10(livingMembers(member) + 1);
}

export function askQuery(member: Member, asked: AskQuery, out: Outbox): void {
  const serf = serfOf(member);
  const { node, pool } = member;
  const { name, payload, nodes = null, wantsAck = false, relayFactor = 0 } = asked;
  const timeoutMicros = asked.timeoutMicros ?? queryTimeoutMicros(member);
  const time = serf.queryClock;
  const id = out.draw('query').below(ID_MAX);
  const to = { address: pool.processOf[member.index], source: node, nodes, timeoutMicros };
  const query = makeQuery(
    { time, id, name, payload, wantsAck, isBroadcast: true, relayFactor, ...to },
    pool.nameBytes[node],
  );
  const deadlineMicros = out.now() + timeoutMicros;
  const room = livingMembers(member);
  serf.open.set(time, { query, deadlineMicros, room, answers: [], acks: [] });
  out.timer(QUERY_ENDS, time, timeoutMicros);
  onQuery(member, query, out);
  broadcastMessage(member, query, out);
}

/** Whether it goes on. */
export function onQuery(member: Member, query: Query, out: Outbox): boolean {
  const serf = serfOf(member);
  const { time, id, nodes, isBroadcast, wantsAck } = query;
  if (time >= serf.queryClock) serf.queryClock = time + 1;
  if (time < serf.queryTimeMin) return false;
  const { queryBuffer } = serf.config;
  if (serf.queryClock > queryBuffer && time < serf.queryClock - queryBuffer) return false;
  const slot = time % queryBuffer;
  const seen = serf.queries.get(slot);
  const before = seen?.time === time ? seen.what : [];
  if (before.includes(id)) return false;
  serf.queries.set(slot, { time, what: [...before, id] });
  recordQuery(member, time, out);
  if (nodes !== null && !nodes.includes(member.node)) return isBroadcast;
  if (wantsAck) respond(member, query, true, '', out);
  const said = query.name === CONFLICT ? conflictAnswer(member, query) : null;
  if (said !== null) respond(member, query, false, said, out);
  return isBroadcast;
}

function respond(member: Member, query: Query, isAck: boolean, payload: string, out: Outbox): void {
  const { node, pool } = member;
  const said = answer(query, node, isAck, payload, pool.nameBytes[node]);
  sendUserMessage(member, query.address, USER_MESSAGE, said, out);
  const known = knownNodes(serfOf(member));
  if (query.relayFactor === 0 || known.length < query.relayFactor + 1) return;
  for (const relay of drawRelays(member, known, query.relayFactor, out)) {
    const to = pool.addressOf(member.index, relay);
    sendUserMessage(member, to, USER_MESSAGE, relayed(query.address, said), out);
  }
}

/** `kRandomMembers`: draws with replacement, up to three times the list. */
function drawRelays(member: Member, known: readonly number[], wanted: number, out: Outbox) {
  const serf = serfOf(member);
  const draws = out.draw('query');
  const found: number[] = [];
  for (let tries = 3 * known.length; tries > 0 && found.length < wanted; tries--) {
    const node = draws.pick(known);
    if (node === member.node || found.includes(node)) continue;
    if (statusOf(serf, node) === Status.alive) found.push(node);
  }
  return found;
}

/** An answer to an own query that is still open; each member counts once, and only so many. */
export function onAnswer(member: Member, said: QueryAnswer, out: Outbox): void {
  const { open } = serfOf(member);
  const one = open.get(said.time);
  if (one === undefined || one.query.id !== said.id || out.now() > one.deadlineMicros) return;
  open.set(said.time, said.isAck ? withAck(one, said) : withAnswer(one, said));
}

function withAck(one: OpenQuery, { from }: QueryAnswer): OpenQuery {
  if (one.acks.includes(from) || one.acks.length >= one.room) return one;
  return { ...one, acks: [...one.acks, from] };
}

function withAnswer(one: OpenQuery, { from, payload }: QueryAnswer): OpenQuery {
  const { answers, room } = one;
  if (answers.some(([other]) => other === from) || answers.length >= room) return one;
  return { ...one, answers: [...answers, [from, payload]] };
}

export function onQueryEnds(member: Member, time: number, out: Outbox): void {
  const { open } = serfOf(member);
  const one = open.get(time);
  if (one === undefined) return;
  open.delete(time);
  out.note(SerfNote.queryEnded, time, one.answers.length, one.acks.length);
  if (one.query.name === CONFLICT) onConflictVote(member, one, out);
}
