/**
 * One member alone, with the network in a test's hands: member 0 of a formed pool, at a time when
 * it has run for long. Nodes are numbers; messages and views are told as `suspect 3`.
 */
import { Recording } from '../../../sim/core/recording.ts';
import type { Coordinates } from '../../../sim/protocol/coordinate/coordinates.ts';
import { CONSUL_LAN } from '../../../sim/protocol/gossip/config.ts';
import type { MemberlistConfig } from '../../../sim/protocol/gossip/config.ts';
import type { Delegate } from '../../../sim/protocol/gossip/delegate.ts';
import { gossipMachine } from '../../../sim/protocol/gossip/machine.ts';
import type { Member, MemberConfig } from '../../../sim/protocol/gossip/member.ts';
import * as Messages from '../../../sim/protocol/gossip/messages.ts';
import type { Datagram, Packet } from '../../../sim/protocol/gossip/packets.ts';
import { GossipPool } from '../../../sim/protocol/gossip/pool.ts';
import { queued } from '../../../sim/protocol/gossip/queue.ts';
import * as Kind from '../../../sim/protocol/gossip/vocabulary.ts';

export const SECOND = 1_000_000;
export const MS = 1_000;
/** When tests begin, by the member's clock. */
export const NOW = 1000 * SECOND;

export interface AloneOptions {
  readonly members?: number;
  readonly config?: Partial<MemberlistConfig>;
  /** Nodes that nobody knows yet. */
  readonly unknown?: readonly number[];
  /** False: the member has just started and knows itself alone. */
  readonly formed?: boolean;
  readonly join?: readonly number[];
  readonly delegate?: Delegate;
  readonly coordinates?: Coordinates;
  readonly nameOf?: Readonly<Record<number, number>>;
}

export class Alone {
  readonly pool: GossipPool;
  readonly recording: Recording<Member, null>;

  constructor(options: AloneOptions = {}) {
    const { members = 10, unknown = [], formed = true } = options;
    const memberlist = { ...CONSUL_LAN, ...options.config };
    const specs = Array.from({ length: members }, (_, process) => {
      const nameOf = options.nameOf?.[process];
      const named = nameOf === undefined ? {} : { nameOf };
      return { process, name: `a${process}`, metaBytes: 100, ...named };
    });
    this.pool = new GossipPool(specs, [memberlist], options.delegate, options.coordinates);
    const others = specs.map(({ process }) => process).filter((one) => !unknown.includes(one));
    this.pool.form(formed ? others : others.slice(1));
    const config: MemberConfig = {
      pool: this.pool,
      member: 0,
      memberlist,
      join: options.join ?? [],
    };
    this.recording = new Recording(gossipMachine, config, { now: NOW });
    this.recording.start();
  }

  get member(): Member {
    return this.recording.state;
  }

  get now(): number {
    return this.recording.now;
  }

  /** A broadcast arrives: `alive 2`, of a node; who accuses, or which announcement it is. */
  hear(text: string, node: number, aux = 5): void {
    const word = messageOf(text, node);
    const accuses = (word & 3) === Messages.Type.suspect || (word & 3) === Messages.Type.dead;
    this.receive(Kind.GOSSIP, 1, [word, accuses ? aux : aux === 5 ? 0 : aux]);
  }

  receive(input: number, from: number, messages: readonly number[], more?: Partial<Packet>): void {
    const body: Datagram = {
      stamp: 0,
      bytes: 100,
      target: -1,
      address: -1,
      messages,
      ...more,
    };
    this.recording.deliver(input, from, body);
  }

  /** Brings a node, known or not, to a state at an incarnation, and forgets what was said of it. */
  bring(node: number, text: string): void {
    const [state, incarnation] = text.split(' ');
    if (state === 'unknown') return;
    this.hear(`alive ${incarnation}`, node);
    const last = this.pool.size - 1 === node ? 0 : this.pool.size - 1;
    if (state === 'suspect') this.hear(`suspect ${incarnation}`, node, last);
    if (state === 'dead') this.hear(`dead ${incarnation}`, node, last);
    if (state === 'left') this.hear(`dead ${incarnation}`, node, node);
    this.forget();
  }

  /** What has been said and done so far no longer counts. */
  forget(): void {
    this.member.queue.length = 0;
    this.recording.effects.length = 0;
  }

  view(node: number): string {
    const held = this.pool.views.get(0, node);
    return held === 0 ? 'unknown' : `${Messages.STATE_NAMES[held & 7]} ${held >>> 3}`;
  }

  /** The queue, best first: `suspect 3 of 1 from 5`. */
  queue(): string[] {
    return queued(this.member.queue).map(({ word, aux }) => messageText(word, aux));
  }

  /** Names of notes so far, each with its numbers. */
  notes(): string[] {
    return this.recording.of('note').map(({ note, a, b, c }) => {
      const name = Object.entries(Kind.GossipNote).find(([, kind]) => kind === note)![0];
      return [name, a, b, c].join(' ');
    });
  }

  /** Datagrams so far: input name, receiver and body. */
  sent(input?: number): { input: number; to: number; body: Datagram }[] {
    return this.recording
      .of('datagram')
      .filter((sent) => input === undefined || sent.input === input)
      .map(({ input: kind, to, body }) => ({ input: kind, to, body: body as Datagram }));
  }

  /** The first packet of a kind so far that has broadcasts on board. */
  packet(input: number): Packet {
    return this.sent(input)[0]!.body as Packet;
  }

  /** Sequence number of the probe under way. */
  get sequence(): number {
    return this.member.probe.sequence;
  }

  /** Lets the next probe begin, of this node. */
  probe(node: number): void {
    const order = this.member.order!;
    const at = order.indexOf(node);
    this.member.cursor = at;
    this.recording.fire(Kind.PROBE_TICK);
  }

  ack(from: number, sequence = this.sequence): void {
    this.recording.deliver(Kind.ACK, from, (sequence << 8) | 20);
  }

  nack(from: number, sequence = this.sequence): void {
    this.recording.deliver(Kind.NACK, from, (sequence << 8) | 11);
  }
}

export function messageOf(text: string, node: number): number {
  const [type, incarnation] = text.split(' ');
  const types: Record<string, Messages.Type> = Messages.Type;
  return Messages.message(types[type!]!, node, Number(incarnation));
}

export function messageText(word: number, aux: number): string {
  const type = Object.keys(Messages.Type)[word & 3]!;
  const accuses = type === 'suspect' || type === 'dead';
  const text = `${type} ${word >>> 18} of ${Messages.nodeOf(word)}`;
  return accuses ? `${text} from ${aux}` : text;
}
