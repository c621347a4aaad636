/**
 * How far a campaign is, on stderr: one line that is rewritten at most ten times a second on a
 * terminal; elsewhere a plain line for every tenth of the runs, or every half minute, but no more
 * than one in two seconds.
 */
import type { JobRecord } from '../sim/explore/record.ts';
import type { Environment } from './environment.ts';
import { LiveLine } from './live-line.ts';
import type { Sink } from './reporter.ts';
import { formatCount, formatLarge } from './text.ts';

const PLAIN_SECONDS = 30;
const PLAIN_STEPS = 10;
/** Between two plain lines at least: logs are read later, by people. */
const PLAIN_SECONDS_MIN = 2;

export class Progress {
  private readonly sink: Sink;
  private readonly environment: Environment;
  private readonly total: number;
  /** Seconds from any origin. */
  private readonly now: () => number;
  private readonly begun: number;
  private readonly live: LiveLine;
  private told: number;
  private step = 0;
  private finished = 0;
  private events = 0;
  private readonly codes = new Map<number, number>();

  constructor(sink: Sink, environment: Environment, total: number, now: () => number) {
    this.sink = sink;
    this.environment = environment;
    this.total = total;
    this.now = now;
    this.begun = now();
    this.told = this.begun;
    this.live = new LiveLine(sink, environment, this.begun);
  }

  /** One more run has ended. */
  onFinished(record: JobRecord): void {
    this.finished++;
    this.codes.set(record.exitCode, (this.codes.get(record.exitCode) ?? 0) + 1);
    if (record.kind === 'run') this.events += record.result.events;
    const now = this.now();
    if (this.environment.tty) {
      this.live.show(now, () => this.line(now));
      return;
    }
    const step = Math.floor((this.finished * PLAIN_STEPS) / this.total);
    const passed = now - this.told;
    if (passed < (step === this.step ? PLAIN_SECONDS : PLAIN_SECONDS_MIN)) return;
    if (this.finished === this.total) return;
    this.step = step;
    this.told = now;
    this.sink.write(`${this.line(now)}\n`);
  }

  /** A sentence between the lines of progress. */
  say(text: string): void {
    this.live.say(text);
  }

  /** Takes the live line away. */
  clear(): void {
    this.live.clear();
  }

  private line(now: number): string {
    const elapsed = Math.max(now - this.begun, 1e-6);
    const left = ((this.total - this.finished) * elapsed) / this.finished;
    const parts = [`${formatCount(this.finished)}/${formatCount(this.total)} runs`];
    const words = { 70: 'errors', 3: 'not deterministic', 1: 'failed', 2: 'unknown', 4: 'missed' };
    for (const [code, word] of Object.entries(words)) {
      const count = this.codes.get(Number(code)) ?? 0;
      if (count > 0) parts.push(`${formatCount(count)} ${word}`);
    }
    parts.push(`${formatLarge(this.events / elapsed)} events/s`, `${clock(left)} left`);
    return parts.join(', ');
  }
}

/** `1:05` */
function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
