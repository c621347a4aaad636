/**
 * Decisions by name: what a saved failure needs beyond its seed. Each names one choice of a run in a
 * way that survives changes of the code (design §4): the how-manieth message of its class on a link,
 * select of a lane or draw of a stream. Only what is named is counted.
 */
import type { Decisions } from './decisions.ts';
import { DelayOverrides } from './decisions.ts';
import type { MessageName } from './decisions.ts';
import { Draws } from './draws.ts';
import type { ProcessIndex } from './machine.ts';

export type NamedDecision =
  | { readonly kind: 'delay'; readonly name: MessageName; readonly delayMicros: number }
  | {
      readonly kind: 'select';
      readonly process: ProcessIndex;
      readonly lane: number;
      readonly ordinal: number;
      /** Among the channels that are ready, from 0. */
      readonly choice: number;
    }
  | {
      readonly kind: 'draw';
      readonly process: ProcessIndex;
      readonly purpose: string;
      readonly ordinal: number;
      /** In [0, 1), in the place of what is drawn. */
      readonly value: number;
    };

/** What became of a decision: `unasked` where the run never came to it. */
export type Outcome = 'applied' | 'defaulted' | 'unasked';

interface NamedState {
  readonly delays: unknown;
  readonly counts: ReadonlyMap<string, number>;
  readonly outcomes: readonly Outcome[];
}

export class NamedDecisions implements Decisions {
  private readonly list: readonly NamedDecision[];
  private readonly delays: DelayOverrides;
  /** Places in the list, by what is counted and then by ordinal. */
  private readonly wanted = new Map<string, Map<number, number>>();
  private counts = new Map<string, number>();
  private outcomes: Outcome[];
  /** Streams whose draws are counted, by process and purpose. */
  private readonly streams = new Map<string, CountedDraws>();

  constructor(list: readonly NamedDecision[]) {
    this.list = list;
    this.outcomes = list.map(() => 'unasked');
    this.delays = new DelayOverrides(
      list.flatMap((one) => (one.kind === 'delay' ? [{ ...one, name: one.name }] : [])),
    );
    list.forEach((decision, place) => {
      if (decision.kind === 'delay') return;
      const key = keyOf(decision);
      const ordinals = this.wanted.get(key) ?? new Map<number, number>();
      ordinals.set(decision.ordinal, place);
      this.wanted.set(key, ordinals);
    });
  }

  /** In the order of the list. */
  results(): readonly Outcome[] {
    const met = new Set(this.delays.met.map(messageKey));
    return this.outcomes.map((outcome, place) => {
      const decision = this.list[place];
      if (decision.kind !== 'delay') return outcome;
      return met.has(messageKey(decision.name)) ? 'applied' : 'unasked';
    });
  }

  delay(from: ProcessIndex, to: ProcessIndex, messageClass: number, drawn: number): number {
    return this.delays.delay(from, to, messageClass, drawn);
  }

  select(process: ProcessIndex, lane: number, count: number, drawn: number): number {
    const place = this.next(selectKey(process, lane));
    const decision = place < 0 ? undefined : this.list[place];
    if (decision?.kind !== 'select') return drawn;
    const possible = decision.choice < count;
    this.outcomes[place] = possible ? 'applied' : 'defaulted';
    return possible ? decision.choice : drawn;
  }

  /** No program has a point of preemption that could be named. */
  preempt(): number {
    return 0;
  }

  draw(process: ProcessIndex, purpose: string, draws: Draws): Draws {
    const key = drawKey(process, purpose);
    if (!this.wanted.has(key)) return draws;
    let counted = this.streams.get(key);
    if (counted === undefined) {
      counted = new CountedDraws(draws, () => this.drawn(key));
      this.streams.set(key, counted);
    }
    return counted;
  }

  /** What a draw is to be, or -1 for what it is. */
  private drawn(key: string): number {
    const place = this.next(key);
    const decision = place < 0 ? undefined : this.list[place];
    if (decision?.kind !== 'draw') return -1;
    this.outcomes[place] = 'applied';
    return decision.value;
  }

  /** Counts, where somebody wants it counted; the place of the decision whose turn it is, or -1. */
  private next(key: string): number {
    const ordinals = this.wanted.get(key);
    if (ordinals === undefined) return -1;
    const ordinal = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, ordinal);
    return ordinals.get(ordinal) ?? -1;
  }

  save(): unknown {
    return {
      delays: this.delays.save(),
      counts: new Map(this.counts),
      outcomes: this.outcomes.slice(),
    } satisfies NamedState;
  }

  restore(saved: unknown): void {
    const { delays, counts, outcomes } = saved as NamedState;
    this.delays.restore(delays);
    this.counts = new Map(counts);
    this.outcomes = outcomes.slice();
  }
}

/** A stream some of whose draws are overridden; each is drawn nevertheless. */
class CountedDraws extends Draws {
  private readonly inner: Draws;
  private readonly override: () => number;

  constructor(inner: Draws, override: () => number) {
    super(inner.name, { numbers: new Float64Array(0) }, 0);
    this.inner = inner;
    this.override = override;
  }

  override unit(): number {
    const drawn = this.inner.unit();
    const wanted = this.override();
    return wanted < 0 ? drawn : wanted;
  }
}

function keyOf(decision: Exclude<NamedDecision, { readonly kind: 'delay' }>): string {
  switch (decision.kind) {
    case 'select':
      return selectKey(decision.process, decision.lane);
    case 'draw':
      return drawKey(decision.process, decision.purpose);
    default:
      return decision satisfies never;
  }
}

function selectKey(process: ProcessIndex, lane: number): string {
  return `select ${process} ${lane}`;
}

function drawKey(process: ProcessIndex, purpose: string): string {
  return `draw ${process} ${purpose}`;
}

function messageKey({ from, to, messageClass, ordinal }: MessageName): string {
  return `${from}>${to} ${messageClass} ${ordinal}`;
}
