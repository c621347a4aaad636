/**
 * Links between hosts: which class a pair belongs to, how long a packet takes, and whether it is
 * lost. Rules (faults) are asked first. Datagrams and TCP segments both come through here.
 */
import type { Sampler } from './distribution.ts';
import type { Draws } from './draws.ts';
import { DROP, HOLD, PASS, Rules } from './rules.ts';
import type { RulesState, TransportMask, Verdict } from './rules.ts';

export interface Link {
  readonly latency: Sampler;
  /** Probability that a packet is lost. */
  readonly loss: number;
  /** Of one stream; left out: no limit. */
  readonly bytesPerSecond?: number | undefined;
}

export interface TcpOptions {
  /** First retransmission timeout, doubled at each loss. */
  readonly retransmitMicros: number;
  readonly retransmitMicrosMax: number;
  /** First retransmission of a SYN, doubled at each loss. */
  readonly synMicros: number;
  /** Deliver what a cut held back at the moment of the heal. */
  readonly ideal: boolean;
}

export interface NetworkSpec {
  readonly hosts: number;
  /** Class of an ordered pair of hosts, as an index into `links`. */
  readonly linkOf: (source: number, target: number) => number;
  readonly links: readonly Link[];
  readonly tcp: TcpOptions;
}

export interface NetworkState {
  readonly rules: RulesState;
  readonly slow: readonly number[] | null;
  readonly slowed: readonly number[];
}

/** Up to this many hosts the classes of all pairs are kept in one table. */
const DENSE_HOSTS = 128;

export class Network {
  readonly rules = new Rules();
  readonly tcp: TcpOptions;
  private readonly spec: NetworkSpec;
  private readonly table: Uint16Array | null;
  /** Some link loses packets. */
  private readonly lossy: boolean;
  /** Some link has a limited bandwidth. */
  readonly metered: boolean;
  /** Latency factor of each host's links; null while every factor is 1. */
  private slow: Float64Array | null = null;
  /** Packets from and to each host that such a factor has changed. */
  private readonly slowed: Float64Array;

  constructor(spec: NetworkSpec) {
    this.spec = spec;
    this.tcp = spec.tcp;
    this.lossy = spec.links.some(({ loss }) => loss > 0);
    this.metered = spec.links.some(({ bytesPerSecond }) => bytesPerSecond !== undefined);
    this.slowed = new Float64Array(spec.hosts);
    this.table = spec.hosts <= DENSE_HOSTS ? new Uint16Array(spec.hosts * spec.hosts) : null;
    if (this.table !== null) {
      for (let i = 0; i < spec.hosts; i++) {
        for (let j = 0; j < spec.hosts; j++) this.table[i * spec.hosts + j] = spec.linkOf(i, j);
      }
    }
  }

  /** Nothing drops, delays or slows any packet down: each takes what its link takes. */
  get calm(): boolean {
    return !this.lossy && this.slow === null && this.rules.size === 0;
  }

  get hosts(): number {
    return this.spec.hosts;
  }

  link(source: number, target: number): Link {
    const index =
      this.table === null
        ? this.spec.linkOf(source, target)
        : this.table[source * this.spec.hosts + target];
    return this.spec.links[index];
  }

  /** One-way time of a packet in microseconds, without what rules add. */
  latency(source: number, target: number, draws: Draws): number {
    const micros = draws.sample(this.link(source, target).latency);
    if (this.slow === null) return micros;
    if (this.slow[source] !== 1) this.slowed[source]++;
    if (this.slow[target] !== 1) this.slowed[target]++;
    return Math.round(micros * this.slow[source] * this.slow[target]);
  }

  /** For how long so many bytes keep the link busy. */
  transmissionMicros(source: number, target: number, bytes: number): number {
    const { bytesPerSecond } = this.link(source, target);
    if (bytesPerSecond === undefined) return 0;
    const factor = this.slow === null ? 1 : this.slow[source] * this.slow[target];
    return Math.round((bytes * 1e6 * factor) / bytesPerSecond);
  }

  /** Packets from and to a host whose latency a factor of its own has changed so far. */
  slowedAt(host: number): number {
    return this.slowed[host];
  }

  /** PASS, DROP or HOLD; `rules.extraMicros` and `rules.duplicates` hold what else rules want. */
  judge(
    source: number,
    target: number,
    messageClass: number,
    transport: TransportMask,
    draws: Draws,
  ): Verdict {
    if (this.rules.size !== 0) {
      const verdict = this.rules.judge(source, target, messageClass, transport);
      if (verdict !== PASS) return verdict;
    } else {
      this.rules.extraMicros = 0;
      this.rules.duplicates = 0;
    }
    if (!this.lossy) return PASS;
    const loss = this.link(source, target).loss;
    return loss > 0 && draws.chance(loss) ? DROP : PASS;
  }

  /** Multiplies the latency of all packets from and to a host. */
  slowDown(host: number, factor: number): void {
    this.slow ??= new Float64Array(this.spec.hosts).fill(1);
    this.slow[host] *= factor;
  }

  restoreSpeed(host: number, factor: number): void {
    if (this.slow === null) return;
    this.slow[host] /= factor;
    if (Math.abs(this.slow[host] - 1) < 1e-9) this.slow[host] = 1;
  }

  save(): NetworkState {
    return {
      rules: this.rules.save(),
      slow: this.slow === null ? null : Array.from(this.slow),
      slowed: Array.from(this.slowed),
    };
  }

  restore(state: NetworkState): void {
    this.rules.restore(state.rules);
    this.slow = state.slow === null ? null : Float64Array.from(state.slow);
    this.slowed.set(state.slowed);
  }
}

export { DROP, HOLD, PASS };
