/**
 * One member of a serf pool alone, with the network in a test's hands: member 0 of a formed pool of
 * five, named a0 to a4. Intents are told as `leave 4`, statuses by name.
 */
import { Recording } from '../../../sim/core/recording.ts';
import { CONSUL_LAN } from '../../../sim/protocol/gossip/config.ts';
import type { Member } from '../../../sim/protocol/gossip/member.ts';
import { Type, message } from '../../../sim/protocol/gossip/messages.ts';
import type { Packet } from '../../../sim/protocol/gossip/packets.ts';
import { GossipPool } from '../../../sim/protocol/gossip/pool.ts';
import { queued } from '../../../sim/protocol/gossip/queue.ts';
import { GOSSIP } from '../../../sim/protocol/gossip/vocabulary.ts';
import { CONSUL_SERF } from '../../../sim/protocol/serf/config.ts';
import type { SerfConfig } from '../../../sim/protocol/serf/config.ts';
import { serfDelegate } from '../../../sim/protocol/serf/delegate.ts';
import type { SerfDurable } from '../../../sim/protocol/serf/durable.ts';
import { serfMachine } from '../../../sim/protocol/serf/machine.ts';
import { STATUS_NAMES, memberOf } from '../../../sim/protocol/serf/members.ts';
import { joinIntent, leaveIntent } from '../../../sim/protocol/serf/messages.ts';
import type { SerfMessage } from '../../../sim/protocol/serf/messages.ts';
import { serfOf } from '../../../sim/protocol/serf/state.ts';
import type { Serf, SerfMachineConfig } from '../../../sim/protocol/serf/state.ts';

export const SECOND = 1_000_000;
export const NOW = 1000 * SECOND;
/** Nobody answers here, so nobody is probed. */
const QUIET = { ...CONSUL_LAN, probeIntervalMicros: 0, pushPullIntervalMicros: 0 };

export interface AloneOptions {
  readonly config?: Partial<SerfConfig>;
  readonly members?: number;
  /** Nodes that nobody knows yet. */
  readonly unknown?: readonly number[];
  /** False: it has just started and knows itself alone. */
  readonly formed?: boolean;
  readonly durable?: SerfDurable;
  readonly nameOf?: Readonly<Record<number, number>>;
}

export class AloneSerf {
  readonly pool: GossipPool;
  readonly recording: Recording<Member, SerfDurable>;
  /** What the program above serf was told: `failed 3`, or the name of a user event. */
  readonly events: string[] = [];

  constructor(options: AloneOptions = {}) {
    const { members = 5, unknown = [], formed = true } = options;
    const specs = Array.from({ length: members }, (_, process) => {
      const nameOf = options.nameOf?.[process];
      const named = nameOf === undefined ? {} : { nameOf };
      return { process, name: `a${process}`, metaBytes: 100, ...named };
    });
    this.pool = new GossipPool(specs, [QUIET], serfDelegate);
    const known = specs.map(({ process }) => process).filter((one) => !unknown.includes(one));
    this.pool.form(formed ? known : known.slice(1));
    const serf: SerfConfig = {
      ...CONSUL_SERF,
      application: {
        onEvent: (node, event) => void this.events.push(`${event} ${node}`),
        onUserEvent: (name) => void this.events.push(name),
        onLeft: () => void this.events.push('gone'),
      },
      ...options.config,
    };
    const config: SerfMachineConfig = {
      pool: this.pool,
      member: 0,
      memberlist: QUIET,
      join: [],
      serf,
    };
    const { durable } = options;
    this.recording = new Recording(serfMachine, config, {
      now: NOW,
      ...(durable === undefined ? {} : { durable }),
    });
    this.recording.start();
  }

  get member(): Member {
    return this.recording.state;
  }

  get serf(): Serf {
    return serfOf(this.member);
  }

  /** `alive 1`: the status, and the time of the last intent. */
  holds(node: number): string {
    const { status, time } = memberOf(this.serf, node);
    return `${STATUS_NAMES[status]} ${time}`;
  }

  /** Messages of serf arrive in one packet. */
  hear(...user: SerfMessage[]): void {
    const packet: Packet = {
      stamp: 0,
      bytes: 100,
      target: -1,
      address: -1,
      messages: [],
      user,
    };
    this.recording.deliver(GOSSIP, 1, packet);
  }

  /** `leave 4` or `join 4`, about a node. */
  intend(text: string, node: number, prune = false): void {
    const [kind, time] = text.split(' ');
    const at = Number(time);
    this.hear(kind === 'leave' ? leaveIntent(at, node, prune, 2) : joinIntent(at, node, 2));
  }

  /** memberlist learns that a node is `alive 2`, or `dead 1`, or `left 1`. */
  learn(text: string, node: number): void {
    const [state, incarnation] = text.split(' ');
    const type = state === 'alive' ? Type.alive : Type.dead;
    const from = state === 'left' ? node : this.pool.size - 1 === node ? 1 : this.pool.size - 1;
    const word = message(type, node, Number(incarnation));
    const messages = [word, type === Type.alive ? 0 : from];
    const packet: Packet = { stamp: 0, bytes: 100, target: -1, address: -1, messages };
    this.recording.deliver(GOSSIP, 1, packet);
  }

  /** Brings a node to a status. */
  bring(node: number, status: string): void {
    if (status === 'leaving' || status === 'left') this.intend('leave 5', node);
    if (status === 'failed') this.learn('dead 1', node);
    if (status === 'left') this.learn('left 1', node);
    this.forget();
  }

  /** What was said and done so far no longer counts. */
  forget(): void {
    for (const queue of [...this.serf.outgoing.queues, this.member.queue]) queue.length = 0;
    this.recording.effects.length = 0;
    this.events.length = 0;
  }

  /** Messages that wait in serf's queues, in the order in which they will be sent. */
  queue(): string[] {
    const { queues, messages } = this.serf.outgoing;
    return queues.flatMap((queue) =>
      queued(queue).map(({ word }) => {
        const one = messages.get(word)!;
        if (one.kind === 'leave' || one.kind === 'join')
          return `${one.kind} ${one.time} of ${one.node}`;
        return 'name' in one ? `${one.kind} ${one.name}` : one.kind;
      }),
    );
  }
}
