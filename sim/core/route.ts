/** Where an input goes and what it weighs: an InputSpec compiled to one shape for the hot path. */
import { CONNECTION_LANE, UNKNOWN_LANE } from './machine.ts';
import type { InputSpec, Machine, PoolKind, Size } from './machine.ts';

/** The same for all processes that run the machine. */
export class Route {
  readonly name: string;
  /** Index into the machine's lanes, CONNECTION_LANE or UNKNOWN_LANE. */
  readonly lane: number;
  readonly channel: number;
  /** Of that channel; 0: senders queue. */
  readonly capacity: number;
  readonly keyed: boolean;
  /** Number of the message class; 0: does not come over the network. */
  readonly messageClass: number;
  readonly pool: PoolKind;
  private readonly size: Size;
  private readonly answerSize: Size;

  constructor(machine: Machine, input: InputSpec, messageClass: number) {
    this.name = input.name;
    this.lane = input.lane;
    this.channel = input.channel;
    const isLane = input.lane !== CONNECTION_LANE && input.lane !== UNKNOWN_LANE;
    const lane = isLane ? machine.lanes[input.lane] : undefined;
    this.capacity = lane?.channels[input.channel].capacity ?? 0;
    this.keyed = lane?.keyed === true;
    this.messageClass = messageClass;
    this.pool = input.pool ?? 'pooled';
    this.size = input.size ?? 0;
    this.answerSize = input.answerSize ?? 0;
  }

  /** Bytes of a request or datagram with this body. */
  bytes(body: unknown): number {
    const { size } = this;
    return typeof size === 'number' ? size : size(body as never);
  }

  answerBytes(body: unknown): number {
    const { answerSize } = this;
    return typeof answerSize === 'number' ? answerSize : answerSize(body as never);
  }
}
