/**
 * The one interface through which nondeterminism is steered: null in a plain run. Exploration,
 * shrinking and "hold this message" implement it. A drawn value has been consumed before it is asked,
 * so that an overridden draw never shifts later ones.
 */
import type { Draws } from './draws.ts';
import type { ProcessIndex } from './machine.ts';

export interface Decisions {
  /**
   * One-way delay of a datagram, request or answer in microseconds; `drawn` is what the plain run
   * would take. What opens and closes streams is not asked about.
   */
  delay(from: ProcessIndex, to: ProcessIndex, messageClass: number, drawn: number): number;
  /** Which of a lane's `count` ready channels is served, 0-based in channel order. */
  select(process: ProcessIndex, lane: number, count: number, drawn: number): number;
  /** The stream a machine draws from for a purpose. */
  draw(process: ProcessIndex, purpose: string, draws: Draws): Draws;
  /** Microseconds for which other goroutines run at a named point; 0 goes on at once. */
  preempt(process: ProcessIndex, lane: number, step: number): number;
  save(): unknown;
  restore(state: unknown): void;
}

/** Names a message independently of the code's event numbers: ordinal within its class and link. */
export interface MessageName {
  readonly from: ProcessIndex;
  readonly to: ProcessIndex;
  readonly messageClass: number;
  /** 1 = the first of its class to leave on that link since the sender's first start. */
  readonly ordinal: number;
}

/** Delays named messages; counts only the links that it names. */
export class DelayOverrides implements Decisions {
  private readonly wanted = new Map<string, Map<number, number>>();
  private counts = new Map<string, number>();
  /** Names asked for and met, in order. */
  readonly met: MessageName[] = [];

  constructor(overrides: readonly { name: MessageName; delayMicros: number }[]) {
    for (const { name, delayMicros } of overrides) {
      const link = linkKey(name.from, name.to, name.messageClass);
      const ordinals = this.wanted.get(link) ?? new Map<number, number>();
      ordinals.set(name.ordinal, delayMicros);
      this.wanted.set(link, ordinals);
    }
  }

  delay(from: ProcessIndex, to: ProcessIndex, messageClass: number, drawn: number): number {
    const link = linkKey(from, to, messageClass);
    const ordinals = this.wanted.get(link);
    if (ordinals === undefined) return drawn;
    const ordinal = (this.counts.get(link) ?? 0) + 1;
    this.counts.set(link, ordinal);
    const override = ordinals.get(ordinal);
    if (override === undefined) return drawn;
    this.met.push({ from, to, messageClass, ordinal });
    return override;
  }

  select(_process: ProcessIndex, _lane: number, _count: number, drawn: number): number {
    return drawn;
  }

  draw(_process: ProcessIndex, _purpose: string, draws: Draws): Draws {
    return draws;
  }

  preempt(_process: ProcessIndex, _lane: number, _step: number): number {
    return 0;
  }

  save(): unknown {
    return { counts: new Map(this.counts), met: this.met.length } satisfies OverridesState;
  }

  restore(state: unknown): void {
    const { counts, met } = state as OverridesState;
    this.counts = new Map(counts);
    this.met.length = met;
  }
}

interface OverridesState {
  readonly counts: ReadonlyMap<string, number>;
  readonly met: number;
}

function linkKey(from: ProcessIndex, to: ProcessIndex, messageClass: number): string {
  return `${from}>${to}/${messageClass}`;
}
