/** How far a search is: rate, growth of what is known, findings. */
import type { Environment } from '../environment.ts';
import { LiveLine } from '../live-line.ts';
import type { Sink } from '../reporter.ts';
import { formatCount, formatLarge, plural } from '../text.ts';

const PLAIN_SECONDS = 30;
/** Trials of a search that a time ends. */
const UNLIMITED = 1_000_000_000;

export interface SearchFigures {
  readonly runs: number;
  readonly planned: number;
  readonly events: number;
  readonly states: number;
  readonly findings: number;
}

export class SearchProgress {
  private readonly environment: Environment;
  private readonly now: () => number;
  private readonly begun: number;
  private readonly live: LiveLine;
  private told: number;
  /** States that were known when the line was told last, to show their growth. */
  private statesTold = 0;
  private growth = 0;

  constructor(sink: Sink, environment: Environment, now: () => number) {
    this.environment = environment;
    this.now = now;
    this.begun = now();
    this.told = this.begun;
    this.live = new LiveLine(sink, environment, this.begun);
  }

  onFinished(figures: SearchFigures): void {
    const now = this.now();
    if (this.environment.tty) {
      this.live.show(now, () => this.line(figures, now));
      return;
    }
    if (now - this.told < PLAIN_SECONDS) return;
    this.live.say(this.line(figures, now));
    this.told = now;
  }

  /** What a batch has added to the states that are known. */
  onBatch({ states }: SearchFigures): void {
    this.growth = states - this.statesTold;
    this.statesTold = states;
  }

  say(text: string): void {
    this.live.say(text);
  }

  clear(): void {
    this.live.clear();
  }

  private line({ runs, planned, events, states, findings }: SearchFigures, now: number): string {
    const elapsed = Math.max(now - this.begun, 1e-6);
    const total = planned < UNLIMITED ? `/${formatCount(planned)}` : '';
    return [
      `${formatCount(runs)}${total} runs`,
      `${formatLarge(runs / elapsed)} runs/s`,
      `${formatLarge(events / elapsed)} events/s`,
      `${formatCount(states)} states (+${formatCount(this.growth)})`,
      plural(findings, 'finding'),
    ].join(', ');
  }
}
