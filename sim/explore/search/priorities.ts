/**
 * Priorities over messages and lanes, after probabilistic concurrency testing (Burckhardt et al.,
 * A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs, ASPLOS 2010): every link has a
 * priority for the whole run, those of low priority deliver late, and at a few moments drawn in
 * advance a link loses its priority. Bugs that need few orderings need few such moments. What it
 * decides it notes by name, so that a failure can be kept without it.
 */
import type { DecisionSpec, Scenario } from '../../../scenarios/scenario.ts';
import { MESSAGE_CLASSES } from '../../../scenarios/vocabulary.ts';
import type { Decisions } from '../../core/decisions.ts';
import type { Draws } from '../../core/draws.ts';
import { Streams } from '../../core/draws.ts';
import { mix } from '../../core/fingerprint.ts';

/** Links that lose their priority in a run, at most. */
const CHANGES_MAX = 5;
/** Messages among which the moments of the changes are drawn. */
const MESSAGES = 20_000;
/** How much later messages of a link come, by its priority. */
const FACTORS = [1, 1, 1, 2, 5, 20] as const;
const DEMOTED_FACTORS = [20, 100, 500] as const;
const DELAY_MAX_MICROS = 5_000_000;
/** Decisions beyond this are made but not noted: such a failure is told without them. */
const NOTED_MAX = 20_000;

interface Change {
  readonly atMessage: number;
  readonly factor: number;
  /** Messages after which the link has its priority back. */
  readonly messages: number;
}

interface PrioritiesState {
  readonly messages: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly demoted: ReadonlyMap<string, { readonly factor: number; readonly until: number }>;
  readonly noted: number;
}

export class Priorities implements Decisions {
  private readonly now: () => number;
  private readonly endMicros: number;
  private readonly names: readonly string[];
  private readonly salt: number;
  private readonly changes: readonly Change[];
  private messages = 0;
  private counts = new Map<string, number>();
  private demoted = new Map<string, { readonly factor: number; readonly until: number }>();
  private readonly noted: DecisionSpec[] = [];

  /** `now` is the time of the run: with its faults its priorities end. */
  constructor({ hosts, durationMicros }: Scenario, seed: number, now: () => number) {
    this.now = now;
    this.endMicros = durationMicros;
    const draws = new Streams(seed).stream('priorities');
    this.names = hosts.map(({ name }) => name);
    this.salt = draws.bits32();
    const count = draws.between(1, CHANGES_MAX + 1);
    this.changes = Array.from({ length: count }, () => ({
      atMessage: draws.below(MESSAGES),
      factor: draws.pick(DEMOTED_FACTORS),
      messages: draws.pick([1, 20, 400]),
    }));
  }

  /** What it decided otherwise than the draws; null where it was too much to be noted. */
  decisions(): readonly DecisionSpec[] | null {
    return this.noted.length < NOTED_MAX ? this.noted : null;
  }

  delay(from: number, to: number, messageClass: number, drawn: number): number {
    const nth = this.count(`${from}>${to}/${messageClass}`);
    const link = `${from}>${to}`;
    this.messages++;
    for (const { atMessage, factor, messages } of this.changes) {
      if (atMessage !== this.messages) continue;
      this.demoted.set(link, { factor, until: this.messages + messages });
    }
    const demoted = this.demoted.get(link);
    const isDemoted = demoted !== undefined && this.messages <= demoted.until;
    const usual = FACTORS[this.below(FACTORS.length, from * 256 + to)]!;
    const factor = isDemoted ? demoted.factor : usual;
    if (factor === 1 || messageClass === 0 || this.now() >= this.endMicros) return drawn;
    const micros = Math.min(DELAY_MAX_MICROS, drawn * factor);
    const name = MESSAGE_CLASSES[messageClass - 1]!;
    this.note({
      kind: 'delay',
      messageClass: name,
      from: this.names[from]!,
      to: this.names[to]!,
      nth,
      micros,
    });
    return micros;
  }

  select(process: number, lane: number, count: number, drawn: number): number {
    const nth = this.count(`select ${process} ${lane}`);
    if (this.now() >= this.endMicros) return drawn;
    const choice = this.below(count, process * 65_536 + lane * 256 + count);
    if (choice !== drawn) {
      this.note({ kind: 'select', process: this.names[process]!, lane, nth, choice });
    }
    return choice;
  }

  draw(_process: number, _purpose: string, draws: Draws): Draws {
    return draws;
  }

  preempt(): number {
    return 0;
  }

  /** The same for the same thing in the whole run. */
  private below(count: number, what: number): number {
    return (mix(this.salt, what) >>> 0) % count;
  }

  private count(what: string): number {
    const nth = (this.counts.get(what) ?? 0) + 1;
    this.counts.set(what, nth);
    return nth;
  }

  private note(decision: DecisionSpec): void {
    if (this.noted.length < NOTED_MAX) this.noted.push(decision);
  }

  save(): unknown {
    return {
      messages: this.messages,
      counts: new Map(this.counts),
      demoted: new Map(this.demoted),
      noted: this.noted.length,
    } satisfies PrioritiesState;
  }

  restore(saved: unknown): void {
    const { messages, counts, demoted, noted } = saved as PrioritiesState;
    this.messages = messages;
    this.counts = new Map(counts);
    this.demoted = new Map(demoted);
    this.noted.length = noted;
  }
}

/** Decisions as items of a scenario. */
export function decisionItems(decisions: readonly DecisionSpec[]): Record<string, unknown>[] {
  return decisions.map((one) => {
    switch (one.kind) {
      case 'delay': {
        const { messageClass, from, to, nth, micros } = one;
        return { delay: messageClass, from, to, nth, takes: `${Math.round(micros)}us` };
      }
      case 'select':
        return { select: one.process, lane: one.lane, nth: one.nth, choice: one.choice };
      case 'draw':
        return { draw: one.purpose, of: one.process, nth: one.nth, value: one.value };
      default:
        return one satisfies never;
    }
  });
}
