/**
 * When a frame may be drawn: thirty a second at most. While time passes twenty are drawn, so that
 * there is always one left for the answer to a key, which then need not wait.
 */
const FRAMES_PER_SECOND = 30;
const SPARE = 2;
const PASSING_SECONDS = 1 / 20;

export class Pacing {
  private tokens = SPARE;
  private filledAt: number;
  private drawnAt = -Infinity;
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
    this.filledAt = now();
  }

  /** Seconds until a frame may be drawn; 0: now. A key's answer may take what is kept for it. */
  wait(forKey: boolean): number {
    const now = this.now();
    this.tokens = Math.min(SPARE, this.tokens + (now - this.filledAt) * FRAMES_PER_SECOND);
    this.filledAt = now;
    const missing = Math.max(0, (forKey ? 1 : 2) - this.tokens) / FRAMES_PER_SECOND;
    return forKey ? missing : Math.max(missing, this.drawnAt + PASSING_SECONDS - now);
  }

  drawn(): void {
    this.tokens -= 1;
    this.drawnAt = this.now();
  }
}
