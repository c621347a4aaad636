/** Datagrams on their way out: judged by the rules, delayed, multiplied, or held until a rule ends. */
import { DATAGRAM } from './events.ts';
import type { InputKind, ProcessIndex } from './machine.ts';
import { HOLD, PASS } from './network.ts';
import { Transport } from './rules.ts';
import type { World } from './world.ts';

/** What a `hold` rule keeps in the network; it leaves when the rules let it. */
export interface HeldDatagram {
  readonly from: ProcessIndex;
  readonly to: ProcessIndex;
  readonly input: InputKind;
  readonly messageClass: number;
  readonly body: unknown;
  readonly cause: number;
}

export class Datagrams {
  private held: HeldDatagram[] = [];
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  send(
    from: ProcessIndex,
    to: ProcessIndex,
    input: InputKind,
    messageClass: number,
    body: unknown,
  ): void {
    const { world } = this;
    const { network } = world;
    const sender = world.processes[from];
    const source = world.hostOf[from];
    const target = world.hostOf[to];
    const draws = sender.datagramDraws;
    const verdict = network.judge(source, target, messageClass, Transport.udp, draws);
    if (verdict !== PASS) {
      if (verdict === HOLD) {
        this.held.push({ from, to, input, messageClass, body, cause: world.cause });
      }
      return;
    }
    const { extraMicros, duplicates } = network.rules;
    for (let copies = 0; copies <= duplicates; copies++) {
      let delay = network.latency(source, target, draws) + extraMicros;
      if (world.decisions !== null) delay = world.decisions.delay(from, to, messageClass, delay);
      world.push(world.now + world.sendDelay + delay, DATAGRAM, to, input, from, 0, body);
    }
  }

  /** Rules changed: what is held is judged again, in the order in which it was sent. */
  onNetworkChanged(): void {
    if (this.held.length === 0) return;
    const { world } = this;
    const { held } = this;
    this.held = [];
    for (const { from, to, input, messageClass, body, cause } of held) {
      world.cause = cause;
      this.send(from, to, input, messageClass, body);
    }
    world.cause = world.event;
  }

  save(): readonly HeldDatagram[] {
    return this.held.slice();
  }

  restore(state: readonly HeldDatagram[]): void {
    this.held = state.slice();
  }
}
