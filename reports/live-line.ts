/** One line on a terminal that is rewritten at most ten times a second; elsewhere nothing. */
import type { Environment } from './environment.ts';
import type { Sink } from './reporter.ts';
import { shorten } from './text.ts';

const REDRAW_SECONDS = 0.1;
/** What is over sooner shows nothing: a flicker tells nobody anything. */
const QUIET_SECONDS = 0.3;
const CLEAR_LINE = '\r\u001b[2K';

export class LiveLine {
  private readonly sink: Sink;
  private readonly environment: Environment;
  private readonly begun: number;
  private told: number;
  private drawn = false;

  /** `now` in seconds from any origin. */
  constructor(sink: Sink, environment: Environment, now: number) {
    this.sink = sink;
    this.environment = environment;
    this.begun = now;
    this.told = now;
  }

  /** Draws the line if it is time to; it is made only then. */
  show(now: number, line: () => string): void {
    if (now - this.begun < QUIET_SECONDS || now - this.told < REDRAW_SECONDS) return;
    this.told = now;
    this.drawn = true;
    this.sink.write(CLEAR_LINE + shorten(line(), this.environment.columns - 1));
  }

  /** A sentence of its own. */
  say(text: string): void {
    this.clear();
    this.sink.write(`${text}\n`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.drawn) this.sink.write(CLEAR_LINE);
    this.drawn = false;
  }
}
