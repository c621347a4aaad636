/** What a run may exhaust. The name appears in the verdict `unknown`. */
export type LimitName = 'events' | 'queue' | 'trace' | 'wall' | 'memory' | 'incarnation';

/**
 * Ends a run as `unknown`: a limit was reached before the run could be judged.
 *
 * `at` is the virtual time in microseconds at which it happened.
 */
export class LimitReached extends Error {
  override readonly name = 'LimitReached';
  readonly limit: LimitName;
  readonly at: number;

  constructor(limit: LimitName, at: number) {
    super(`The limit on ${limit} was reached at ${at / 1e6} s.`);
    this.limit = limit;
    this.at = at;
  }
}
